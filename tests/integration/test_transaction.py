# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at every step: the services run the old or the new configuration, the next apply ends.

Steps are found by enumeration: each round ends at the first step at which no earlier one did, until
an apply is not ended any more (tests/integration/killer.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.conftest import DOMAIN, PRESEED, booted
from tests.integration.kills import KILLED, Kills
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    Listener,
    active,
    assert_fine,
    check,
    failures,
    listeners,
    own_lines,
    starts,
    until,
)
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4, HOST_IPV6

SETTINGS = "/etc/falcot-rtc/settings.toml"
ALTERNATE = f'[address.ipv4-alternate]\nbind = "{HOST_IPV4[1]}"\n'
OTHER_DOMAIN = '[[domain]]\nname = "example.net"\n'
SERVICES = 'services = ["turn", "sip", "xmpp", "web"]'
# coturn's and prosody's own ports, written by hand.
STUN = {("udp", 3478), ("tcp", 3478), ("tcp", 5349)}
DISCOVERY = {("udp", 3479), ("tcp", 3479)}
XMPP = {("tcp", port) for port in (5222, 5223, 5269, 5270, 5281)}
MAIN = (HOST_IPV4[0], HOST_IPV6[0])
OURS = ("falcot-rtc", "python3-falcot-rtc", "coturn", "prosody", "apache2", "kamailio")


def at(addresses: tuple[str, ...], ports: set[tuple[str, int]]) -> frozenset[Listener]:
    return frozenset((protocol, a, port) for a in addresses for protocol, port in ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Settings, and what coturn and prosody listen on when they follow them."""

    settings: str
    coturn: frozenset[Listener]
    prosody: frozenset[Listener]


def wishes(text: str) -> dict[str, Wish]:
    """Two that differ in everything: roles, domains and certificate, addresses."""
    assert SERVICES in text and ALTERNATE in text
    small = text.replace(SERVICES, 'services = ["turn"]')
    large = text.replace(SERVICES, 'services = ["turn", "xmpp"]').replace(ALTERNATE, "")
    large = large.replace(f'name = "{DOMAIN}"\n', f'name = "{DOMAIN}"\n{OTHER_DOMAIN}')
    both = (*MAIN, HOST_IPV4[1])
    return {
        "small": Wish(settings=small, coturn=at(both, STUN | DISCOVERY), prosody=frozenset()),
        "large": Wish(settings=large, coturn=at(MAIN, STUN), prosody=at(MAIN, XMPP)),
    }


@dataclass(slots=True, kw_only=True)
class Campaign:
    """Goes from one wish to the other and back, ended at another step each time."""

    host: Host
    kills: Kills
    wishes: dict[str, Wish]
    full_check: bool = False
    undisturbed: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)

    def listens(self, ports: set[tuple[str, int]]) -> frozenset[Listener]:
        found = listeners(self.host)
        return frozenset(one for one in found if (one[0], one[2]) in ports)

    def wish(self, name: str) -> None:
        self.host.push(SETTINGS, self.wishes[name].settings)

    def apply(self) -> int:
        done = self.host.run(["falcot-rtc", "apply"], check=False)
        assert done.returncode in (0, *KILLED), done.stderr
        return done.returncode

    def traces(self) -> str:
        """All that apply makes, but for what is within the generations."""
        places = "/etc/falcot-rtc /etc/prosody /etc/systemd/system /var/lib/falcot-rtc"
        listed = self.host.shell(
            f"find {places} -path '*/generations/*' -prune -o -path '*-wal' -prune -o"
            " -path '*-shm' -prune -o -printf '%p %l %m %u %g\\n' | sort"
        ).stdout
        return re.sub(r"generations/\d+", "generations/N", listed)

    def assert_each_service_is_old_or_new(self, step: str) -> None:
        coturn = {wish.coturn for wish in self.wishes.values()}
        seen = until(lambda: self.listens(STUN | DISCOVERY), lambda seen: seen in coturn)
        assert seen in coturn, step
        prosody = {wish.prosody for wish in self.wishes.values()}
        seen = until(lambda: self.listens(XMPP), lambda seen: seen in prosody)
        assert seen in prosody, step
        assert {"coturn.service", SOCKET} <= active(self.host, ("coturn.service", SOCKET)), step
        # What they would start with is all there, whichever it is.
        tree = "/etc/falcot-rtc/current"
        whole = (
            "import json, pathlib; t = pathlib.Path('" + tree + "/'); "
            "assert set(json.loads((t / '.rendered.json').read_text())) == "
            "{str(f.relative_to(t)) for f in t.rglob('*') if f.is_file()} - {'.rendered.json'}"
        )
        self.host.run(["python3", "-c", whole])

    def assert_complete(self, name: str, step: str) -> None:
        wish = self.wishes[name]
        assert self.listens(STUN | DISCOVERY) == wish.coturn, step
        assert self.listens(XMPP) == wish.prosody, step
        assert self.host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n", step
        traces = self.traces()
        assert traces == self.undisturbed.setdefault(name, traces), step
        if self.full_check:
            self.assert_packages_untouched(step)
            code, results = check(self.host)
            assert (code, failures(results)) == (0, {}), step

    def assert_packages_untouched(self, step: str) -> None:
        assert self.host.run(["dpkg", "--verify", *OURS], check=False).stdout == "", step

    def run(self) -> None:
        # Twice each: what only the first one makes (a directory, a key) is no trace of a kill.
        for name in ("small", "large", "small", "large"):
            self.wish(name)
            assert self.apply() == 0
        for name in ("small", "large"):
            self.wish(name)
            assert self.apply() == 0
            self.assert_complete(name, "undisturbed")
        pending = {"small", "large"}
        there = "small"
        while pending:
            chosen = self.chosen.setdefault(there, [])
            self.wish(there)
            if there in pending:
                with self.kills.armed("self", chosen):
                    code = self.apply()
                step = f"{there}, {len(chosen)}: {chosen[-1]}"
                if code == 0:
                    pending.discard(there)
                else:
                    self.assert_each_service_is_old_or_new(step)
            assert self.apply() == 0
            self.assert_complete(there, step)
            there = "large" if there == "small" else "small"
        self.assert_packages_untouched("all")


@pytest.fixture
def campaign(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Campaign]:
    with booted("killed", release, installed, archive) as host:
        kills = Kills(host=host)
        kills.install()
        yield Campaign(host=host, kills=kills, wishes=wishes(host.read(SETTINGS)))


# One of each kind that the enumeration must have come by.
MUST = {
    "small": ("systemctl stop .*prosody", "systemctl disable .*prosody", "os.remove link",
              "os.remove target", "os.remove unit", "os.rmdir unit"),
    "large": ("validator", "systemctl enable .*prosody", "systemctl restart .*prosody",
              "os.rename link", "os.rename target"),
}  # fmt: skip
MUST_BOTH = ("os.rename certificate", "os.rename staged", "os.rename generation",
             "sqlite3.connect accounts", "os.symlink current", "os.rename current",
             "os.rename unit", "os.rename record", "systemctl daemon-reload",
             "systemctl restart .*coturn")  # fmt: skip


def test_killed_at_each_kind_of_step(campaign: Campaign) -> None:
    whole = campaign.host.read(SETTINGS)
    campaign.run()
    for name, kinds in MUST.items():
        for kind in (*kinds, *MUST_BOTH):
            assert [one for one in campaign.chosen[name] if re.search(kind, one)], f"{name}: {kind}"
    campaign.host.push(SETTINGS, whole)
    assert campaign.apply() == 0
    assert_fine(campaign.host)


@pytest.mark.slow
def test_killed_at_every_step(campaign: Campaign) -> None:
    campaign.kills = Kills(host=campaign.host, fine=True)
    campaign.full_check = True
    campaign.run()
    assert all(len(chosen) > 80 for chosen in campaign.chosen.values())


# dpkg


def test_dpkg_is_killed_while_it_configures(bare: Callable[..., Host]) -> None:
    """The hook's steps once more, and dpkg with all that it started goes with each."""
    host = bare("dpkg-killed")
    kills = Kills(host=host)
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    host.preseed(PRESEED)
    kills.install()
    chosen: list[str] = []
    with kills.armed("dpkg", chosen):
        assert host.apt("install", "falcot-rtc", check=False).returncode == 100
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    configure = ["dpkg", "--configure", "-a"]
    while True:
        before = len(chosen)
        # Neither now nor at the next boot may anything run with its stock settings.
        for unit, dropins in starts(host):
            assert f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf" in dropins, chosen[-1]
        with kills.armed("dpkg", chosen):
            done = host.run(configure, check=False, env=quiet)
        if done.returncode == 0:
            break
        assert done.returncode in KILLED, done.stderr
        assert len(chosen) == before + 1, done.stderr
    assert len(chosen) > 20
    assert own_lines(done.stdout + done.stderr)[-1].endswith("prove it: falcot-rtc check")
    assert host.run(["dpkg", "--audit"]).stdout == ""
    assert host.apt("install", "--fix-broken").returncode == 0
    assert active(host, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
    assert host.run(["find", "/etc/systemd", "/run/systemd", "-name", "*hold*"]).stdout == ""
    assert_fine(host)
