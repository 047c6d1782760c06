# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions by themselves; those of whole sites are in test_apply.py."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import actions, paths, plan
from falcot_rtc.errors import FalcotError
from falcot_rtc.facts import Facts, UnitState
from falcot_rtc.resources import Directory, HostFile, Link, TreeFile, Unit, Validator
from falcot_rtc.transaction import Transaction, batches, complaint
from tests.unit.fake_host import FakeHost, FakeUnit, files, fresh, put
from tests.unit.test_plan import facts

FILE = TreeFile(path="a/a.conf", content="x\n", group="turnserver", mode=0o640)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path, held=())


def transaction(host: FakeHost, known: Facts | None = None, **more: Any) -> Transaction:
    said: list[str] = []
    row: dict[str, Any] = {"resources": (), "copies": {}, "report": said.append}
    return Transaction(host=host, facts=known or facts(), **{**row, **more})


def test_material_and_directories_are_only_added(host: FakeHost) -> None:
    one = transaction(host)
    one.carry_out(actions.Write(path="/etc/x", content=b"x", mode=0o600, why="a new secret"))
    one.carry_out(actions.Make(directory=Directory(path="/var/x", group="kamailio", mode=0o750)))
    assert host.access("/etc/x")[2] == 0o600
    assert host.access("/var/x") == ("root", "kamailio", 0o750)
    assert one.undo == []


def test_a_certificate_comes_back_with_its_owner_and_mode(host: FakeHost) -> None:
    key, old = f"{paths.TLS}/prosody/falcot.com.key", f"{paths.TLS}/prosody/example.net.key"
    for path in (key, old):
        host.write(path, b"old", group="prosody", mode=0o640)
    before = files(host)
    one = transaction(host)
    one.carry_out(actions.Write(path=key, content=b"new", group="prosody", mode=0o640, why=""))
    one.carry_out(actions.Remove(path=old))
    assert (host.read(key), host.read(old)) == (b"new", None)
    one.take_back()
    assert files(host) == before


def test_a_generation_appears_whole(host: FakeHost) -> None:
    put(host.root, f"{paths.GENERATIONS}/1.partial/of-a-killed-apply", "")
    one = transaction(host)
    one.carry_out(actions.Stage(number=1, files=(FILE,)))
    assert host.walk(paths.GENERATIONS) == [f"1/{paths.RENDERED}", "1/a/a.conf"]
    assert host.access(f"{paths.GENERATIONS}/1/a/a.conf") == ("root", "turnserver", 0o640)
    one.take_back()
    assert host.walk(paths.GENERATIONS) == []


def test_a_switch_that_never_happened_is_not_taken_back(host: FakeHost) -> None:
    class ReadOnly(FakeHost):
        def link(self, path: str, target: str) -> None:
            raise OSError(30, "Read-only file system", path)

    host.link(paths.CURRENT, f"{paths.GENERATIONS}/3")
    said: list[str] = []
    one = transaction(ReadOnly(host.root), facts(generation=3), report=said.append)
    with pytest.raises(OSError, match="Read-only"):
        one.carry_out(actions.Switch(number=4))
    one.take_back()
    assert said == []


def test_a_checker_sees_the_tree_that_it_judges(host: FakeHost) -> None:
    one = transaction(host)
    one.carry_out(actions.Stage(number=7, files=(FILE,)))
    validator = Validator(name="k", argv=("kamailio", "-c", "-f", "{tree}/a/a.conf"))
    one.carry_out(actions.Validate(validator=validator, number=7))
    assert host.system.commands == [
        ("kamailio", "-c", "-f", "/var/lib/falcot-rtc/generations/7/a/a.conf")
    ]
    host.system.judges["kamailio"] = "x"
    with pytest.raises(FalcotError, match="kamailio refuses x"):
        one.carry_out(actions.Validate(validator=validator, number=7))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "\n****\nA problem occurred while reading the config file /t/validate.cfg.lua\n\n"
            "Error: /t/x.cfg.lua:44: syntax error near 'is'\n\nMore help is at prosody.im\n"
            "Good luck!\n****\n",
            "Error: /t/x.cfg.lua:44: syntax error near 'is'; More help is at prosody.im",
        ),
        (
            "AH00526: Syntax error on line 3 of /t/apache2.conf:\nInvalid command 'Lisen'\n",
            "AH00526: Syntax error on line 3 of /t/apache2.conf:; Invalid command 'Lisen'",
        ),
        ("one\ntwo\nthree\nfour\n", "two; three; four"),
        ("", ""),
    ],
)
def test_a_complaint_is_one_telling_line(said: str, shown: str) -> None:
    assert complaint(said) == shown


def test_files_links_and_removals_are_taken_back(host: FakeHost) -> None:
    put(host.root, "/etc/file", "old")
    put(host.root, "/etc/gone", "was here")
    host.link("/etc/link", "/old")
    host.link("/etc/gone-link", "/there")
    host.link(paths.CURRENT, f"{paths.GENERATIONS}/3")
    before = files(host)
    outside = {
        "/etc/file": b"old", "/etc/gone": b"was here", "/etc/link": "/old",
        "/etc/gone-link": "/there",
    }  # fmt: skip
    one = transaction(host, facts(outside=outside, generation=3))
    for action in (
        actions.Switch(number=4),
        actions.Put(item=HostFile(path="/etc/file", content="new")),
        actions.Put(item=HostFile(path="/etc/systemd/system/a.service.d/50.conf", content="new")),
        actions.Put(item=Link(path="/etc/link", target="/new")),
        actions.Put(item=Link(path="/etc/new-link", target="/new")),
        actions.Remove(path="/etc/gone"),
        actions.Remove(path="/etc/gone-link"),
    ):
        one.carry_out(action)
    assert files(host) != before
    one.take_back()
    assert files(host) == before
    assert not host.exists("/etc/systemd/system/a.service.d")


def test_units_are_taken_back_when_all_their_files_are_there(host: FakeHost) -> None:
    stock, ours = "apache2.service", "apache2@falcot-rtc.service"
    host.system.units[stock].active = True
    host.system.units[ours].enabled = False
    known = facts(
        units={
            stock: UnitState(loaded=True, active=True, enabled=True),
            ours: UnitState(loaded=True, active=False, enabled=False),
        },
        outside={},
    )
    one = transaction(host, known)
    for action in (
        actions.UnitAction(verb="stop", unit=stock, why=""),
        actions.UnitAction(verb="disable", unit=stock, why=""),
        actions.Put(item=HostFile(path="/etc/x", content="x")),
        actions.UnitAction(verb="enable", unit=ours, why=""),
        actions.ReadUnits(),
        actions.UnitAction(verb="restart", unit=ours, why=""),
    ):
        one.carry_out(action)
    host.system.commands.clear()
    one.take_back()
    # The one that came gives way before the one that was there needs its ports again.
    assert [argv[1:] for argv in host.system.commands] == [
        ("disable", "--quiet", "--no-reload", ours),
        ("enable", "--quiet", "--no-reload", stock),
        ("daemon-reload",),
        ("stop", ours),
        ("restart", stock),
    ]
    assert not host.exists("/etc/x")


def test_a_unit_that_was_released_and_seized_again_ends_as_it_was(host: FakeHost) -> None:
    unit = host.system.units["prosody.service"]
    unit.active = unit.enabled = True
    known = facts(units={"prosody.service": UnitState(loaded=True, active=True, enabled=True)})
    one = transaction(host, known)
    for verb in ("stop", "disable", "enable", "start"):
        one.carry_out(actions.UnitAction(verb=verb, unit="prosody.service", why=""))
    one.take_back()
    assert (unit.active, unit.enabled) == (True, True)


def test_who_gave_way_does_so_on_the_way_back(host: FakeHost) -> None:
    names = ("kamailio.service", "prosody.service")
    on = UnitState(loaded=True, active=True, enabled=True)
    for name in names:
        host.system.units[name].active = True
    resources = tuple(Unit(name=name) for name in names)
    one = transaction(host, facts(units=dict.fromkeys(names, on)), resources=resources)
    one.carry_out(actions.UnitAction(verb="stop", unit=names[1], why=""))
    one.carry_out(*(actions.UnitAction(verb="restart", unit=name, why="") for name in names))
    host.system.commands.clear()
    one.take_back()
    # prosody has none of its former ports before kamailio has let go of them.
    assert [argv[1:] for argv in host.system.commands] == [
        ("stop", names[1]),
        ("restart", names[0]),
        ("restart", names[1]),
    ]


def test_what_can_not_be_taken_back_stops_nothing_else(host: FakeHost) -> None:
    said: list[str] = []
    put(host.root, "/etc/file", "old")
    known = facts(
        outside={"/etc/file": b"old"},
        units={"prosody.service": UnitState(loaded=True, active=True, enabled=True)},
    )
    one = transaction(host, known, report=said.append)
    one.carry_out(actions.Put(item=HostFile(path="/etc/file", content="new")))
    one.carry_out(actions.UnitAction(verb="stop", unit="prosody.service", why=""))
    one.carry_out(actions.UnitAction(verb="disable", unit="prosody.service", why=""))
    host.link(paths.CURRENT, f"{paths.GENERATIONS}/1")
    put(host.root, f"{paths.GENERATIONS}/1/x", "bad")
    host.system.refuses["prosody.service"] = "bad"
    one.take_back()
    assert host.text("/etc/file") == "old"
    assert host.system.units["prosody.service"].enabled
    assert [line for line in said if line.startswith("while taking back: prosody.service does not")]


def test_what_a_unit_was_started_with_is_remembered(host: FakeHost) -> None:
    unit = Unit(name="prosody.service", restart_on=("a/",))
    known = facts(units={"prosody.service": UnitState(loaded=True, active=False, enabled=True)})
    one = transaction(host, known, resources=(FILE, unit))
    one.carry_out(actions.UnitAction(verb="restart", unit="prosody.service", why=""))
    assert one.running == {"prosody.service": plan.digests(unit, (FILE, unit), {})}


def restart(unit: str) -> actions.UnitAction:
    return actions.UnitAction(verb="restart", unit=unit, why="")


def test_services_restart_side_by_side(host: FakeHost) -> None:
    one = transaction(host, facts(units={}))
    restarts = [restart(u) for u in ("x.socket", "coturn.service", "prosody.service")]
    reload = actions.UnitAction(verb="reload", unit="prosody.service", why="")
    host.system.units["x.socket"] = replace(host.system.units["prosody.service"])
    for batch in batches([*restarts, reload, restart("kamailio.service")]):
        one.carry_out(*batch)
    assert [argv[1:] for argv in host.system.commands] == [
        ("restart", "x.socket"),
        ("restart", "coturn.service", "prosody.service"),
        ("reload", "prosody.service"),
        ("restart", "kamailio.service"),
    ]


def test_checkers_look_side_by_side_and_the_first_to_refuse_counts(host: FakeHost) -> None:
    put(host.root, f"{paths.GENERATIONS}/1/x", "bad")
    host.system.judges = {"kamailio": "bad", "apache2": "bad"}
    rows = [
        actions.Validate(validator=Validator(name=f"judge {n}", argv=(n, "{tree}")), number=1)
        for n in ("nft", "kamailio", "apache2")
    ]
    (batch,) = batches(rows)
    with pytest.raises(FalcotError, match=r"^judge kamailio: kamailio refuses bad"):
        transaction(host, facts(units={})).carry_out(*batch)
    assert sorted(argv[0] for argv in host.system.commands) == [
        "apache2",
        "kamailio",
        "nft",
    ]


def test_among_several_the_one_that_failed_is_named(host: FakeHost) -> None:
    host.link(paths.CURRENT, f"{paths.GENERATIONS}/1")
    put(host.root, f"{paths.GENERATIONS}/1/x", "bad")
    host.system.refuses["prosody.service"] = "bad"
    off = UnitState(loaded=True, active=False, enabled=True)
    one = transaction(host, facts(units={"coturn.service": off, "prosody.service": off}))
    with pytest.raises(FalcotError, match=r"^prosody\.service does not restart"):
        one.carry_out(restart("coturn.service"), restart("prosody.service"))
    host.system.commands.clear()
    one.take_back()
    assert {argv[1:] for argv in host.system.commands} == {
        ("stop", "coturn.service"),
        ("stop", "prosody.service"),
    }


def test_a_failing_unit_says_its_last_words(host: FakeHost) -> None:
    host.link(paths.CURRENT, f"{paths.GENERATIONS}/1")
    put(host.root, f"{paths.GENERATIONS}/1/x", "bad")
    host.system.refuses["prosody.service"] = "bad"
    one = transaction(host, facts(units={}))
    with pytest.raises(FalcotError) as caught:
        one.carry_out(actions.UnitAction(verb="restart", unit="prosody.service", why=""))
    assert str(caught.value) == (
        "prosody.service does not restart: prosody.service: last words "
        "(hint: journalctl -u prosody.service)"
    )


def test_without_systemd_units_are_enabled_and_not_started(tmp_path: Path) -> None:
    host = fresh(tmp_path, held=(), systemd=False)
    unit = Unit(name="prosody.service", restart_on=("a/",))
    one = transaction(host, facts(systemd=False), resources=(FILE, unit))
    for action in (
        actions.ReadUnits(),
        actions.UnitAction(verb="enable", unit="prosody.service", why=""),
        actions.UnitAction(verb="restart", unit="prosody.service", why=""),
    ):
        one.carry_out(action)
    wanted = ("systemctl", "enable", "--quiet", "--no-reload", "prosody.service")
    assert host.system.commands == [wanted]
    # What the first boot starts it with.
    assert one.running == {"prosody.service": plan.digests(unit, (FILE, unit), {})}


def test_what_policy_rc_d_forbids_runs_what_it_ran(host: FakeHost) -> None:
    put(host.root, "/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
    unit = Unit(name="prosody.service", restart_on=("a/",))
    one = transaction(host, facts(units={}), resources=(FILE, unit))
    one.carry_out(actions.UnitAction(verb="restart", unit="prosody.service", why=""))
    assert one.running == {}


def test_somebody_else_s_unit_is_told_and_takes_nothing_back(host: FakeHost) -> None:
    """Its own settings may be broken: that is for its owner to mend."""
    host.system.units["fail2ban.service"] = FakeUnit(active=True, enabled=True)
    host.system.deaf.add("fail2ban.service")
    said: list[str] = []
    one = transaction(host, report=said.append)
    tell = actions.UnitAction(verb="reload", unit="fail2ban.service", why="it reads files of ours")
    one.carry_out(tell)
    assert said and said[0].startswith("fail2ban.service does not reload: ")
    host.system.commands.clear()
    one.take_back()
    systemctl = [argv for argv in host.system.commands if argv[0] == "systemctl"]
    assert systemctl == [("systemctl", "reload", "fail2ban.service")]
