# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests look at on a host: listeners, units, recorded starts, results of checks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tests.integration.conftest import STARTS
from tests.lab.command import run
from tests.lab.host import Host

Listener = tuple[str, str, int]
T = TypeVar("T")

DAEMONS = ("coturn.service", "kamailio.service", "prosody.service", "apache2@falcot-rtc.service")
SOCKET = "falcot-rtc-turn-auth.socket"
STOCK = ("coturn.service", "kamailio.service", "prosody.service", "apache2.service")
SSH = {("tcp", "0.0.0.0", 22), ("tcp", "::", 22)}
# Every wait ends as soon as there is what it waits for; a busy machine may take that long.
PATIENCE = 90.0
PAUSE = 0.05  # between two looks, which would else keep busy what they wait for


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """What `look` finds as soon as it is `wanted`, within PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not wanted(found := look()):
        assert time.monotonic() < deadline, f"in vain: {found!r}"
        time.sleep(PAUSE)
    return found


def listeners(host: Host) -> set[Listener]:
    """(protocol, address, port) of each listener; asked from outside, for a host without ss."""
    inside = ("ip", "netns", "exec", host.running.network.name)
    shown = run([*inside, "ss", "--no-header", "--listening", "--numeric", "--tcp", "--udp"]).stdout
    found = set()
    for line in shown.splitlines():
        protocol, _, _, _, local = line.split()[:5]
        address, _, port = local.rpartition(":")
        found.add((protocol, address.strip("[]").partition("%")[0], int(port)))
    return found


def connected(host: Host, port: str) -> bool:
    """Whether the host's kernel has that client's connection to the proxy."""
    inside = ["ip", "netns", "exec", host.running.network.name]
    shown = run([*inside, "ss", "-Htn", "state", "established", f"( dport = :{port} )"]).stdout
    return bool(shown.strip())


def declared(host: Host) -> list[dict[str, Any]]:
    return list(json.loads(host.run(["falcot-rtc", "ports", "--json"]).stdout))


def undeclared(host: Host) -> set[Listener]:
    """Listeners that `falcot-rtc ports` does not name; a socket of one DNS query does not stay."""
    rows = declared(host)

    def stray(listener: Listener) -> bool:
        protocol, address, port = listener
        return not any(
            (protocol, address) == (row["protocol"], row["address"])
            and row["port"] <= port <= (row["last_port"] or row["port"])
            for row in rows
        )

    return until(lambda: {one for one in listeners(host) - SSH if stray(one)}, lambda s: not s)


def absent(host: Host) -> set[Listener]:
    """Declared listeners that nobody holds, once the services had time to open them."""
    wanted = {
        (row["protocol"], row["address"], row["port"])
        for row in declared(host)
        if row["last_port"] is None
    }
    return until(lambda: wanted - listeners(host), lambda missing: not missing)


def units(host: Host, names: Iterable[str], *properties: str) -> dict[str, tuple[str, ...]]:
    """The values of `properties` (systemctl(1), show) of each unit; empty where it has none."""
    found = {}
    for name in names:
        shown = host.run(["systemctl", "show", f"--property={','.join(properties)}", name]).stdout
        values = dict(line.split("=", 1) for line in shown.splitlines())
        found[name] = tuple(values.get(p, "") for p in properties)
    return found


def active(host: Host, names: Iterable[str]) -> set[str]:
    rows = units(host, names, "ActiveState")
    return {name for name, (state,) in rows.items() if state != "inactive"}


def invocations(host: Host) -> dict[str, tuple[str, ...]]:
    """What changes when a service of ours restarts."""
    return units(host, (*DAEMONS, SOCKET), "InvocationID", "MainPID", "NRestarts")


def starts(host: Host) -> list[tuple[str, tuple[str, ...]]]:
    """Every start since the recorder was there: the unit, and the drop-ins in force."""
    if not host.exists(STARTS):
        return []
    rows = [line.split() for line in host.read(STARTS).splitlines()]
    return [(row[0], tuple(row[1:])) for row in rows]


def publish(host: Host) -> None:
    """Serve the zones as they should be now, as who runs them does after a change of the site."""
    zones = dict(host.running.zones)
    for domain in zones:
        shown = host.run(["falcot-rtc", "dns", "show", "--domain", domain], check=False)
        if shown.returncode == 0:
            zones[domain] = shown.stdout
    if zones != host.running.zones:
        host.serve(zones)


def check(host: Host) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code of `falcot-rtc check --json` and its results by id."""
    publish(host)
    done = host.run(["falcot-rtc", "check", "--json"], check=False)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    return done.returncode, {row["id"]: row for row in json.loads(done.stdout)}


def failures(results: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: row["detail"] for name, row in results.items() if row["status"] == "fail"}


def assert_fine(host: Host) -> None:
    """Every unit runs, every declared listener and no other is there, every check succeeds."""
    assert absent(host) == set()
    assert undeclared(host) == set()
    code, results = check(host)
    assert failures(results) == {}, failures(results)
    assert code == 0
    assert len(results) > 50


def own_lines(text: str) -> list[str]:
    """What falcot-rtc itself said on the terminal."""
    return [line for line in text.splitlines() if line.startswith("falcot-rtc:")]
