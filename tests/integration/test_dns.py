# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone on a real name server says what the handbook's section 11.8.1 lists, corrected.

Written by hand from the handbook; STUN and TURN have port 3478 there, where its text says 3467.
"""

from __future__ import annotations

import pytest

from tests.integration import outside
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4

IPV4, IPV6 = "198.51.100.19", "2001:db8:1000:2000::19"

HANDBOOK = [
    ("server1.falcot.com", "A", {IPV4}),
    ("server1.falcot.com", "AAAA", {IPV6}),
    ("turn-server.falcot.com", "A", {IPV4}),
    ("sip-proxy.falcot.com", "A", {IPV4}),
    ("sip-proxy.falcot.com", "AAAA", {IPV6}),
    ("xmpp-gw.falcot.com", "A", {IPV4}),
    ("xmpp-gw.falcot.com", "AAAA", {IPV6}),
    ("_stun._udp.falcot.com", "SRV", {"0 1 3478 turn-server.falcot.com."}),
    ("_turn._udp.falcot.com", "SRV", {"0 1 3478 turn-server.falcot.com."}),
    ("_sips._tcp.falcot.com", "SRV", {"0 1 5061 sip-proxy.falcot.com."}),
    ("_xmpp-client._tcp.falcot.com", "SRV", {"5 0 5222 xmpp-gw.falcot.com."}),
    ("_xmpp-server._tcp.falcot.com", "SRV", {"5 0 5269 xmpp-gw.falcot.com."}),
]
HANDBOOK_NAPTR = {
    '10 0 "s" "RELAY:turn.udp" "" _turn._udp.falcot.com.',
    '10 0 "s" "SIPS+D2T" "" _sips._tcp.falcot.com.',
}
# What the site offers beyond the handbook.
ADDED = [
    ("falcot.com", "A", {IPV4}),
    ("falcot.com", "AAAA", {IPV6}),
    ("conference.falcot.com", "A", {IPV4}),
    ("conference.falcot.com", "AAAA", {IPV6}),
    ("upload.falcot.com", "A", {IPV4}),
    ("upload.falcot.com", "AAAA", {IPV6}),
    ("_stun._tcp.falcot.com", "SRV", {"0 1 3478 turn-server.falcot.com."}),
    ("_stuns._tcp.falcot.com", "SRV", {"0 1 5349 turn-server.falcot.com."}),
    ("_turn._tcp.falcot.com", "SRV", {"0 1 3478 turn-server.falcot.com."}),
    ("_turns._tcp.falcot.com", "SRV", {"0 1 5349 turn-server.falcot.com."}),
    ("_xmpps-client._tcp.falcot.com", "SRV", {"5 0 5223 xmpp-gw.falcot.com."}),
    ("_xmpps-server._tcp.falcot.com", "SRV", {"5 0 5270 xmpp-gw.falcot.com."}),
]
ADDED_NAPTR = {
    '20 0 "s" "RELAY:turn.tcp" "" _turn._tcp.falcot.com.',
    '30 0 "s" "RELAY:turn.tls" "" _turns._tcp.falcot.com.',
}
SERVICES = {(n, next(iter(d))) for n, kind, d in (*HANDBOOK, *ADDED) if kind == "SRV"}
CONNECT = """
import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 10).close()
"""


def dig(site: Host, name: str, kind: str) -> set[str]:
    asked = ("dig", f"@{CLIENT_IPV4[0]}", "+short", "+norecurse", name, kind)
    return set(outside.run(site, *asked, check=True).stdout.splitlines())


@pytest.mark.parametrize(("name", "kind", "data"), [*HANDBOOK, *ADDED])
def test_record_is_served(site: Host, name: str, kind: str, data: set[str]) -> None:
    assert dig(site, name, kind) == data


def test_naptr_records_are_served(site: Host) -> None:
    assert dig(site, "falcot.com", "NAPTR") == HANDBOOK_NAPTR | ADDED_NAPTR


def test_turn_has_no_ipv6_address(site: Host) -> None:
    assert dig(site, "turn-server.falcot.com", "AAAA") == set()


@pytest.mark.parametrize("service", ["_sip._udp", "_sip._tcp"])
def test_clear_text_sip_is_not_announced(site: Host, service: str) -> None:
    assert dig(site, f"{service}.falcot.com", "SRV") == set()


def test_no_service_is_announced_that_is_not_written_here(site: Host) -> None:
    zone = site.run(["falcot-rtc", "dns", "show"]).stdout
    announced = {line.split()[0] for line in zone.splitlines() if " SRV " in line}
    assert announced == {name.removesuffix(".falcot.com") for name, _ in SERVICES}


@pytest.mark.parametrize(("service", "data"), sorted(SERVICES))
def test_announced_port_listens_on_each_address_of_its_target(
    site: Host, service: str, data: str
) -> None:
    _, _, port, target = data.split()
    addresses = dig(site, target, "A") | dig(site, target, "AAAA")
    assert addresses
    for address in addresses:
        if "._udp." in service:
            done = outside.run(site, "turnutils_stunclient", "-p", port, address)
            assert "UDP reflexive addr" in done.stdout, address
        else:
            outside.run(site, "python3", "-c", CONNECT, address, port, check=True)
