# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import origins

FILES = {
    "sip/kamailio.cfg": "ours\n# /etc/falcot-rtc/local.d/kamailio/a.cfg\none\n\n"
    "# /etc/falcot-rtc/local.d/kamailio/b.cfg\none\ntwo\nthree\n",
    "xmpp/falcot-rtc.cfg.lua": "ours\n-- /etc/falcot-rtc/local.d/prosody/x.cfg.lua\nwrong {\n",
    "web/apache2.conf": "<V>\n\t# /etc/falcot-rtc/local.d/apache2/x.conf\nNo on\n</V>\n",
}
TREE = "/var/lib/falcot-rtc/generations/12"


@pytest.mark.parametrize(
    ("complaint", "named"),
    [
        (
            f"parse error in config file {TREE}/sip/kamailio.cfg, line 3, column 1-2: syntax error",
            "kamailio/a.cfg, near line 1",
        ),
        (f"{TREE}/sip/kamailio.cfg:8: coturn does not know it", "kamailio/b.cfg, near line 3"),
        (
            f"Error: {TREE}/xmpp/falcot-rtc.cfg.lua:3: syntax error",
            "prosody/x.cfg.lua, near line 1",
        ),
        (
            f"AH00526: Syntax error on line 3 of {TREE}/web/apache2.conf:; No",
            "apache2/x.conf, near line 1",
        ),
        (f"{TREE}/sip/kamailio.cfg:5: on the comment itself", "kamailio/b.cfg"),
    ],
)
def test_the_overlay_behind_a_complaint(complaint: str, named: str) -> None:
    assert origins.overlay(complaint, FILES) == f"/etc/falcot-rtc/local.d/{named}"


@pytest.mark.parametrize(
    "complaint",
    ["", "no place at all", f"{TREE}/sip/kamailio.cfg:1: ours", f"{TREE}/turn/x.conf:3: unknown",
     "/etc/kamailio/sip/kamailio.cfg:3: not of a generation"],
)  # fmt: skip
def test_what_is_no_overlay(complaint: str) -> None:
    assert origins.overlay(complaint, FILES) == ""
