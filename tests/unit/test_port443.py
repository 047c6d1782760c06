# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of port 443: what they give to whom, and what they refuse."""

import pytest

from falcot_rtc import settings
from falcot_rtc.errors import UsageError
from falcot_rtc.settings import Settings
from tests.unit.fake_host import FALCOT

LAST = {"turn": 21, "sip": 22, "xmpp": 23, "web": 24}


def four(role: str) -> str:
    return f'port443.{role}.ipv4.bind = "198.51.100.{LAST[role]}"\n'


def six(role: str) -> str:
    return f'port443.{role}.ipv6.bind = "2001:db8:1000:2000::{LAST[role]}"\n'


def parsed(*lines: str, base: str = FALCOT) -> Settings:
    return settings.parse("port443.enabled = true\n" + "".join(lines) + base)


def given(found: Settings) -> dict[str, list[str]]:
    return {
        role: [str(address.bind) for address in found.port443.of(role)]
        for role in LAST
        if found.port443.of(role)
    }


def refused(*lines: str, base: str = FALCOT) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parsed(*lines, base=base)
    assert caught.value.message.startswith("settings.toml: port443")
    return caught.value


def test_off_nobody_has_an_address_whatever_is_given() -> None:
    found = settings.parse(four("turn") + FALCOT)
    assert given(found) == {}
    assert found.port443.every == ()


def test_each_role_has_its_own() -> None:
    every = [line(role) for role in LAST for line in (four, six)]
    found = parsed(*every)
    assert given(found) == {
        role: [f"198.51.100.{n}", f"2001:db8:1000:2000::{n}"] for role, n in LAST.items()
    }
    assert found.port443.ordinary
    assert [a.key for a in found.port443.of("sip")] == ["port443.sip.ipv4", "port443.sip.ipv6"]
    assert len(found.port443.every) == 8


def test_behind_nat() -> None:
    text = 'port443.turn.ipv4.public = "203.0.113.21"\n'
    found = parsed(text, four("turn"), four("sip"), four("xmpp"))
    (address,) = found.port443.of("turn")
    assert (str(address.bind), str(address.public)) == ("198.51.100.21", "203.0.113.21")


def test_the_web_needs_none() -> None:
    found = parsed(four("turn"), four("sip"), four("xmpp"))
    assert list(given(found)) == ["turn", "sip", "xmpp"]


def test_who_lacks_one_is_named_with_both_ways_out() -> None:
    error = refused(four("turn"))
    assert "sip (IPv4), xmpp (IPv4)" in error.message
    assert "falcot-rtc config set port443.sip.ipv4.bind ADDRESS" in error.hint
    assert "falcot-rtc config set port443.roles 'turn, web'" in error.hint
    assert parsed('port443.roles = ["turn", "web"]\n', four("turn"))


def test_without_any_address_all_are_named() -> None:
    error = refused()
    assert "turn (IPv4), sip (IPv4), xmpp (IPv4)" in error.message
    only = FALCOT.replace('[address.ipv4]\nbind = "198.51.100.19"\n', "").replace(
        '[address.ipv4-alternate]\nbind = "198.51.100.20"\n', ""
    )
    assert "turn (IPv6), sip (IPv6), xmpp (IPv6)" in refused(base=only).message


def test_a_family_is_for_all_or_for_none() -> None:
    fours = [four(role) for role in ("turn", "sip", "xmpp")]
    assert "xmpp (IPv6)" in refused(*fours, six("sip")).message
    assert "sip" not in refused(*fours, six("sip")).message
    # The TURN server's name has no IPv6 address, so it needs none.
    assert given(parsed(*fours, six("sip"), six("xmpp")))["turn"] == ["198.51.100.21"]


def test_roles_that_are_not_on_this_host_need_none() -> None:
    assert given(parsed('services = ["turn", "web"]\n', four("turn"))) == {
        "turn": ["198.51.100.21"]
    }
    assert given(parsed('services = ["web"]\n')) == {}


def test_a_role_that_is_left_out_keeps_its_address_for_later() -> None:
    found = parsed('port443.roles = ["turn"]\n', four("turn"), four("sip"))
    assert given(found) == {"turn": ["198.51.100.21"]}


def test_a_family_that_the_site_lacks_is_refused() -> None:
    base = FALCOT.replace('[address.ipv6]\nbind = "2001:db8:1000:2000::19"\n', "")
    error = refused(*(four(role) for role in LAST), six("web"), base=base)
    assert "port443.web.ipv6.bind: there is no address.ipv6.bind beside it" in error.message
