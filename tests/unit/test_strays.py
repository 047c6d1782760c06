# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import re
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import facts, paths, settings, strays
from tests.unit.fake_host import FALCOT, fresh, put
from tests.unit.test_click_to_call import SALES
from tests.unit.test_settings import with_value


def source(**more: Any) -> facts.Source:
    row: dict[str, Any] = {
        "settings": FALCOT, "policies": {}, "overlays": {}, "secrets": {}, "release": "trixie",
    }  # fmt: skip
    return facts.Source(**{**row, **more})


def test_what_is_read_is_no_stray() -> None:
    policies = {"turn": "relay-low = 1", "sip": "", "dns": ""}
    overlays = {name: {"x.conf": ""} for name in ("coturn", "kamailio", "prosody", "apache2")}
    assert strays.found(source(policies=policies, overlays=overlays)) == ()
    assert strays.found(source(settings="")) == ()


def test_click_to_call_is_no_stray() -> None:
    assert strays.found(source(settings=FALCOT + SALES)) == ()
    (line,) = strays.found(source(settings=FALCOT + "[[click-to-call]]\nname = 'a'\n"))
    assert "(hint: click_to_call?)" in line


@pytest.mark.parametrize("key", [key.path for key in settings.KEYS])
def test_no_key_is_a_stray(key: str) -> None:
    assert list(strays._unknown(with_value(key, "x"))) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "remark = 'call Joe'\n",
            "remark: no such key, it changes nothing \\(hint: falcot-rtc config get shows ",
        ),
        ("[adress.ipv6]\nbind = '::'\n", "adress: no such key.*\\(hint: address\\?\\)"),
        ("[sip]\ninternal-tpc = true\n", "sip.internal-tpc: .*\\(hint: sip.internal-tcp\\?\\)"),
        ("[[domain]]\nname = 'b.org'\nnmae = 'c.org'\n", "domain.nmae: .*\\(hint: domain.name\\?"),
        ("'a\tb' = 1\n", "'a\\\\tb': no such key"),
    ],
)
def test_a_key_that_nothing_reads(text: str, named: str) -> None:
    top, _, tables = FALCOT.partition("[[domain]]")
    whole = f"{top}{text}[[domain]]{tables}" if text[0] not in "[" else FALCOT + text
    (line,) = strays.found(source(settings=whole))
    assert line.startswith(f"{paths.SETTINGS}: ")
    assert re.search(named, line), line
    assert line.isprintable()


def test_files_that_nothing_reads(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    for name in ("trun.toml", "sip.conf", "web.toml", "web.toml.bak", "web.toml~", ".web.toml.swp"):
        put(tmp_path, f"{paths.POLICY_D}/{name}", "")
    put(tmp_path, f"{paths.LOCAL_D}/apache/x.conf", "")
    put(tmp_path, f"{paths.LOCAL_D}/prosody.cfg.lua", "")
    trun, conf, apache, prosody = strays.found(facts.source(host))
    assert trun == (
        "/etc/falcot-rtc/policy.d/trun.toml: no policy has that name, nothing reads it "
        "(hint: turn.toml?)"
    )
    assert conf.startswith("/etc/falcot-rtc/policy.d/sip.conf: ")
    assert apache == (
        "/etc/falcot-rtc/local.d/apache: no service has that name, nothing reads it "
        "(hint: apache2?)"
    )
    assert prosody.startswith("/etc/falcot-rtc/local.d/prosody.cfg.lua: no service has that name")
