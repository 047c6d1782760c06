# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One family or both, one address or two, behind NAT, an address that is late or missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc.errors import FalcotError
from tests.integration import outside
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import (
    absent,
    assert_fine,
    check,
    declared,
    failures,
    invocations,
    listeners,
    own_lines,
    undeclared,
    units,
    until,
)
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, HOST_IPV4, HOST_IPV6, INTERFACE, IPV4_PREFIX

FIRST, SECOND, SIX = HOST_IPV4[0], HOST_IPV4[1], HOST_IPV6[0]
PRIVATE = ("10.0.0.19", "10.0.0.20")
PUBLIC = ("203.0.113.19", "203.0.113.20")
# The SIP proxy's own for port 443: on the host, and what others see.
OWN = ("10.0.0.22", "203.0.113.22")
LATE_443 = HOST_IPV4[3]
ELSEWHERE = "198.51.100.77"
HANDBOOK = {
    "address.ipv4.bind": FIRST,
    "address.ipv4.public": "",
    "address.ipv4-alternate.bind": SECOND,
    "address.ipv4-alternate.public": "",
    "address.ipv6.bind": SIX,
}
# What reaches a public address goes to the private one behind it, as in any provider's NAT.
NAT = f"""\
table ip nat {{
	chain output {{
		type nat hook output priority -100;
		ip daddr {PUBLIC[0]} dnat to {PRIVATE[0]}
		ip daddr {PUBLIC[1]} dnat to {PRIVATE[1]}
		ip daddr {OWN[1]} dnat to {OWN[0]}
	}}
}}
"""


@pytest.fixture(scope="module")
def moved(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site whose addresses each test sets as it wants them."""
    with booted("networks", release, installed, archive) as host:
        yield host


def settle(host: Host, wanted: Mapping[str, str]) -> None:
    """Apply the handbook's addresses with those of `wanted` instead."""
    values = {**HANDBOOK, **wanted}
    # An alternate address alone is refused, so the first one comes first and goes last.
    given = [key for key in values if values[key]]
    absent_keys = [key for key in values if not values[key]]
    for key in (*given, *reversed(absent_keys)):
        host.run(["falcot-rtc", "config", "set", key, values[key]])
    host.run(["falcot-rtc", "apply"])


def addresses(host: Host) -> set[str]:
    return {row["address"] for row in declared(host) if row["reach"] != "loopback"}


def assert_listens(host: Host) -> None:
    assert absent(host) == set()
    assert undeclared(host) == set()


def records(host: Host, kind: str) -> set[str]:
    zone = host.run(["falcot-rtc", "dns", "show"]).stdout
    return set(re.findall(rf"(?m)^\S+ .*\bIN {kind}\s+(\S+)", zone))


def from_client(host: Host) -> dict[str, dict[str, Any]]:
    """The results of the checks at the client's end of the wire, by id."""
    shown = run(demo.client_check(host, "--json"), check=False).stdout
    return {row["id"]: row for row in json.loads(shown)}


def test_ipv4_alone(moved: Host) -> None:
    settle(moved, {"address.ipv6.bind": ""})
    assert addresses(moved) == {FIRST, SECOND}
    assert (records(moved, "A"), records(moved, "AAAA")) == ({FIRST}, set())
    assert_fine(moved)


def test_ipv6_alone(moved: Host) -> None:
    settle(moved, {"address.ipv4.bind": "", "address.ipv4-alternate.bind": ""})
    assert addresses(moved) == {SIX}
    assert (records(moved, "A"), records(moved, "AAAA")) == (set(), {SIX})
    assert_fine(moved)


def test_one_ipv4_address_has_no_alternate_ports(moved: Host) -> None:
    settle(moved, {"address.ipv4-alternate.bind": ""})
    assert addresses(moved) == {FIRST, SIX}
    assert not [one for one in listeners(moved) if one[2] == 3479 or one[1] == SECOND]
    assert_fine(moved)


@pytest.fixture
def behind_nat(moved: Host) -> Iterator[Host]:
    """Private addresses on the host, and a client that gets to it by the public ones alone."""
    name = moved.running.network
    device = ("dev", INTERFACE)
    for address in (*PRIVATE, OWN[0]):
        argv = ["ip", "-n", name.name, "address", "replace", f"{address}/{IPV4_PREFIX}", *device]
        run(argv)
    for address in (*PRIVATE, *PUBLIC, *OWN):
        route = ["ip", "-n", name.client, "route", "replace", address, *device]
        run([*route, "src", CLIENT_IPV4[0]])
    inside = ("ip", "netns", "exec", name.client)
    run([*inside, "nft", "-f", "-"], input=NAT)
    settle(
        moved,
        {
            "address.ipv4.bind": PRIVATE[0],
            "address.ipv4.public": PUBLIC[0],
            "address.ipv4-alternate.bind": PRIVATE[1],
            "address.ipv4-alternate.public": PUBLIC[1],
        },
    )
    yield moved
    run([*inside, "nft", "delete", "table", "ip", "nat"])


def test_behind_nat_everybody_is_told_the_public_address(behind_nat: Host) -> None:
    host = behind_nat
    assert_listens(host)
    assert addresses(host) == {*PRIVATE, SIX}
    assert records(host, "A") == {PUBLIC[0]}
    code, here = check(host)
    assert (failures(here), code) == ({}, 0)
    there = from_client(host)
    assert failures(there) == {}
    # coturn takes its relay addresses in turn.
    either = f"(?:{PUBLIC[0]}|{PUBLIC[1]})"
    for results in (here, there):
        relayed = results["turn.relay-longterm.udp.ipv4"]["detail"]
        assert re.search(rf"between {either} port \d+ and {either} port", relayed)
        assert f"<sip:{PUBLIC[0]}:5061" in results["sip.call.tls.ipv4"]["detail"]
        # No address of the inside leaks.
        assert not set(PRIVATE) & set(re.findall(r"[\d.]+\d", relayed))
    # The host itself does not get to its public address, and says so instead of failing.
    unproved = {name for name, row in here.items() if row["status"] == "skip"}
    assert unproved == {"turn.nat-discovery"}
    assert "hairpin NAT" in here["turn.nat-discovery"]["detail"]
    assert PUBLIC[1] in here["turn.nat-discovery"]["detail"]
    # The client does, and asked for it.
    assert "no filtering" in there["turn.nat-discovery"]["detail"]


def test_port_443_behind_nat(behind_nat: Host) -> None:
    """The proxy's name leads to what others see of its own address; nobody is told another."""
    host = behind_nat
    words = ["port443.sip.ipv4.bind", OWN[0], "port443.sip.ipv4.public", OWN[1]]
    host.run(
        ["falcot-rtc", "config", "set", "port443.roles", "sip, web", *words,
         "port443.enabled", "true"]
    )  # fmt: skip
    host.run(["falcot-rtc", "apply"])
    try:
        assert_listens(host)
        assert ("tcp", OWN[0], 443) in listeners(host)
        assert records(host, "A") == {PUBLIC[0], OWN[1]}
        code, here = check(host)
        assert (failures(here), code) == ({}, 0)
        there = from_client(host)
        assert failures(there) == {}
        on_443 = {name: row for name, row in there.items() if "ipv4-443" in name}
        assert {"sip.call.tls-to-wss.ipv4-443", "sip.options.tls.ipv4-443"} <= on_443.keys()
        assert {row["status"] for row in on_443.values()} == {"ok"}
        told = " ".join(row["detail"] for row in there.values())
        assert not {*PRIVATE, OWN[0]} & set(re.findall(r"[\d.]+\d", told))
        # By the names alone, as a browser comes: page and WebSocket on one port, two addresses.
        for name, code in ((DOMAIN, "200"), (f"sip-proxy.{DOMAIN}", "404")):
            argv = ["curl", "--silent", "--cacert", outside.trust(host), f"https://{name}/"]
            more = ["--ipv4", "--output", "/dev/null", "--write-out", "%{http_code} %{remote_ip}"]
            shown = host.client([*argv, *more], own_root=True).stdout
            assert shown == f"{code} {PUBLIC[0] if name == DOMAIN else OWN[1]}"
    finally:
        host.run(["falcot-rtc", "config", "set", "port443.enabled", "false"])
        host.run(["falcot-rtc", "apply"])


def test_an_address_of_somebody_else_is_refused_before_anything_changes(moved: Host) -> None:
    settle(moved, {})
    running, generation = invocations(moved), moved.run(["readlink", "/etc/falcot-rtc/current"])
    moved.run(["falcot-rtc", "config", "set", "address.ipv4.bind", ELSEWHERE])
    state = ["find", "/var/lib/falcot-rtc", "/etc/systemd", "-printf", "%p %T@ %i\n"]
    before = moved.run(state).stdout
    done = moved.run(["falcot-rtc", "apply"], check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = own_lines(done.stderr)
    for named in ("address.ipv4.bind", f"'{ELSEWHERE}'", "(hint: ", "dpkg-reconfigure falcot-rtc"):
        assert named in line
    assert moved.run(state).stdout == before
    assert invocations(moved) == running
    assert moved.run(["readlink", "/etc/falcot-rtc/current"]).stdout == generation.stdout
    settle(moved, {})
    assert invocations(moved) == running
    assert_fine(moved)


def test_a_boot_waits_for_an_address_that_is_late(
    release: str, installed: tuple[Path, ...], archive: Path
) -> None:
    with booted("late", release, installed, archive, addresses_by_host=True) as host:
        # kamailio has port 443 of another late one.
        words = ["port443.roles", "sip, web", "port443.sip.ipv4.bind", LATE_443]
        host.run(["falcot-rtc", "config", "set", *words, "port443.enabled", "true"])
        host.run(["falcot-rtc", "apply"])
        host.shell(f"sed -i '/{SECOND}/d; /{LATE_443}/d' /etc/systemd/network/*.network")
        host.halt()
        with ThreadPoolExecutor(max_workers=1) as pool:
            boot = pool.submit(host.boot)

            def said() -> str:
                try:
                    both = ("-u", "coturn.service", "-u", "kamailio.service")
                    shown = host.run(["journalctl", "-b", *both], check=False)
                except FalcotError:
                    return ""  # It does not run yet.
                return shown.stdout

            late = {
                "coturn.service": f"falcot-rtc: waiting for the address {SECOND}\n",
                "kamailio.service": f"falcot-rtc: waiting for the address {LATE_443}\n",
            }
            try:
                for awaited in late.values():
                    assert awaited in until(said, lambda journal, a=awaited: a in journal)
                assert units(host, late, "ActiveState") == dict.fromkeys(late, ("activating",))
                assert FIRST in host.run(["cat", "/proc/net/fib_trie"]).stdout
            finally:
                for address in (SECOND, LATE_443):
                    add = ("address", "add", f"{address}/{IPV4_PREFIX}", "dev", INTERFACE)
                    run(["ip", "-n", host.running.network.name, *add])
            boot.result()
        assert units(host, late, "NRestarts") == dict.fromkeys(late, ("0",))
        assert ("tcp", LATE_443, 443) in listeners(host)
        assert_fine(host)
