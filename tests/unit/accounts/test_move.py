# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renames on a fake host; on a real one: tests/integration/test_rename.py."""

from pathlib import Path

import pytest

from falcot_rtc import apply, paths, settings
from falcot_rtc.accounts import sync
from falcot_rtc.errors import FalcotError
from tests.unit.fake_host import FakeHost, Killed, again, fresh, put

OLD, NEW = "falcot.com", "example.org"
DATA = "/var/lib/prosody"
ROSTER = """\
return {
	["jane@falcot.com"] = { ["subscription"] = "both"; };
	["jane@notfalcot.com"] = { ["subscription"] = "both"; };
	["eve@falcot.com.example"] = { ["subscription"] = "both"; };
};
"""
ROOM = (
    'return { ["_affiliations"] = { ["joe@falcot.com"] = "owner"; }; ["x"] = "joe@falcot.com"; };\n'
)

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """falcot.com with joe, his contacts, and a room."""
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    with sync.open_store(host) as store:
        store.add("joe", OLD, realm=OLD, password="secret1")
    apply.apply(again(host), report=lambda _: None)
    put(host.root, f"{DATA}/falcot%2ecom/roster/joe.dat", ROSTER)
    put(host.root, f"{DATA}/falcot%2ecom/archive/joe.list", "joe@falcot.com said")
    put(host.root, f"{DATA}/conference%2efalcot%2ecom/config/room.dat", ROOM)
    return again(host)


def rename(host: FakeHost, old: str = OLD, new: str = NEW) -> None:
    text = host.text(paths.SETTINGS)
    assert f'name = "{old}"' in text
    put(host.root, paths.SETTINGS, text.replace(f'name = "{old}"', f'name = "{new}"'))


def addresses(host: FakeHost) -> list[str]:
    with sync.open_store(host) as store:
        return [one.address for one in store.accounts()]


def run(host: FakeHost) -> list[str]:
    return apply.apply(again(host), report=lambda _: None).lines


def test_people_and_their_data_follow(host: FakeHost) -> None:
    rename(host)
    shown = apply.prepare(again(host)).lines
    assert [line for line in shown if line.startswith("move 2 accounts from falcot.com to")]
    assert [line for line in shown if "bound to the realm falcot.com" in line]
    assert shown.index("stop prosody.service (its data moves)") < len(shown)
    assert addresses(host) == ["admin@falcot.com", "joe@falcot.com"]

    assert run(host) == shown
    assert addresses(host) == ["admin@example.org", "joe@example.org"]
    assert not host.exists(f"{DATA}/falcot%2ecom")
    assert host.exists(f"{DATA}/example%2eorg/accounts/joe.dat")
    assert host.text(f"{DATA}/example%2eorg/archive/joe.list") == "joe@falcot.com said"
    roster = host.text(f"{DATA}/example%2eorg/roster/joe.dat")
    assert roster == ROSTER.replace("jane@falcot.com", "jane@example.org")
    room = host.text(f"{DATA}/conference%2eexample%2eorg/config/room.dat")
    assert room == ROOM.replace("falcot.com", "example.org")
    assert settings.parse(host.text(paths.SETTINGS)).realm == OLD
    (kamailio,) = host.root.glob("var/lib/falcot-rtc/generations/2/sip/kamailio.cfg")
    assert 'pv_auth_check("falcot.com"' in kamailio.read_text()
    with sync.open_store(host) as store:
        joe = store.get("joe", NEW)
    assert joe.lacks(OLD) == ("sip-with-domain",)
    assert run(host) == []


def test_a_refusal_brings_everything_back(host: FakeHost) -> None:
    rename(host)
    host.system.refuses["prosody.service"] = NEW
    with pytest.raises(FalcotError, match="everything is as before"):
        run(host)
    assert addresses(host) == ["admin@falcot.com", "joe@falcot.com"]
    assert host.text(f"{DATA}/falcot%2ecom/roster/joe.dat") == ROSTER
    assert host.text(f"{DATA}/conference%2efalcot%2ecom/config/room.dat") == ROOM
    assert not host.exists(f"{DATA}/example%2eorg")
    rename(host, NEW, OLD)
    host.system.refuses.clear()
    run(host)
    assert run(host) == []


def test_a_kill_anywhere_is_completed(host: FakeHost) -> None:
    rename(host)
    steps = 0
    while True:
        steps += 1
        dying = FakeHost(host.root, host.system, dies_at=steps)
        try:
            apply.apply(dying, report=lambda _: None)
            break
        except Killed:
            pass
        if addresses(host)[0] == "admin@example.org":
            # From here on the move is done; the rest is every apply's.
            run(host)
            break
    assert steps > 5
    assert addresses(host) == ["admin@example.org", "joe@example.org"]
    assert host.exists(f"{DATA}/example%2eorg/archive/joe.list")
    assert run(host) == []


def test_a_realm_that_was_set_is_meant(host: FakeHost) -> None:
    rename(host)
    put(host.root, paths.SETTINGS, f'realm = "{NEW}"\n' + host.text(paths.SETTINGS))
    assert [
        line
        for line in apply.prepare(again(host)).lines
        if line.startswith("2 accounts with a password for the realm falcot.com can't log in")
    ]
    run(host)
    with sync.open_store(host) as store:
        assert store.get("joe", NEW).lacks(NEW) == ("sip", "turn")


def test_a_dropped_domain_keeps_its_people(host: FakeHost) -> None:
    text = host.text(paths.SETTINGS)
    more = text.replace("[address.ipv4]", '[[domain]]\nname = "second.example"\n[address.ipv4]', 1)
    put(host.root, paths.SETTINGS, more)
    run(host)
    with sync.open_store(host) as store:
        store.add("eve", "second.example", realm=OLD, password="secret1")
    put(host.root, paths.SETTINGS, text)
    run(host)
    assert "eve@second.example" in addresses(host)


def test_two_renames_at_once_are_not_guessed(host: FakeHost) -> None:
    text = host.text(paths.SETTINGS)
    two = text.replace(
        '[[domain]]\nname = "falcot.com"',
        '[[domain]]\nname = "a.example"\n[[domain]]\nname = "b.example"',
    )
    put(host.root, paths.SETTINGS, two)
    with pytest.raises(
        FalcotError, match=r"falcot\.com, but the settings name a\.example, b\.example"
    ):
        apply.prepare(again(host))


def test_data_in_the_way_is_never_overwritten(host: FakeHost) -> None:
    put(host.root, f"{DATA}/example%2eorg/roster/old.dat", "return { };\n")
    rename(host)
    with pytest.raises(FalcotError, match=r"prosody has data for example\.org already"):
        run(host)
    assert addresses(host) == ["admin@falcot.com", "joe@falcot.com"]
    assert host.text(f"{DATA}/example%2eorg/roster/old.dat") == "return { };\n"
    assert host.text(f"{DATA}/falcot%2ecom/roster/joe.dat") == ROSTER
