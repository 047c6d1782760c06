# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""TURN on port 443: coturn's auxiliary servers, or that port alone."""

from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.policies.test_turn import CONF, DROPIN, ONE_ADDRESS
from tests.unit.test_derive import site
from tests.unit.test_port443 import four, six

ONLY_TURN = 'port443.enabled = true\nport443.roles = ["turn"]\n'
ON = ONLY_TURN + four("turn") + six("turn")
ALONE = "port443.ordinary-ports = false\n" + ON


def lines(text: str) -> list[str]:
    starts = ("listening-", "tls-listening", "aux-", "relay-ip", "alt-", "no-rfc5780")
    return [line for line in content(CONF, site(text)).splitlines() if line.startswith(starts)]


def test_443_is_beside_the_ordinary_ports_of_every_address() -> None:
    assert lines(ON + FALCOT) == [
        "listening-ip=198.51.100.19",
        "listening-ip=198.51.100.20",
        "listening-ip=2001:db8:1000:2000::19",
        "listening-ip=198.51.100.21",
        "listening-ip=2001:db8:1000:2000::21",
        "aux-server=198.51.100.21:443",
        "aux-server=[2001:db8:1000:2000::21]:443",
        # Nothing is relayed there: a firewall opens those ports elsewhere already.
        "relay-ip=198.51.100.19",
        "relay-ip=198.51.100.20",
        "relay-ip=2001:db8:1000:2000::19",
        "listening-port=3478",
        "tls-listening-port=5349",
        # Each address has the next of its family for its second one (RFC 5780).
        "alt-listening-port=3479",
        "alt-tls-listening-port=5349",
    ]


def test_443_alone_is_the_only_port() -> None:
    assert lines(ALONE + FALCOT) == [
        "listening-ip=198.51.100.21",
        "listening-ip=2001:db8:1000:2000::21",
        "relay-ip=198.51.100.19",
        "relay-ip=198.51.100.20",
        "relay-ip=2001:db8:1000:2000::19",
        "listening-port=443",
        "tls-listening-port=443",
        "no-rfc5780",
    ]
    ports = {(e.protocol, e.port) for e in site(ALONE + FALCOT).role("turn") if not e.last_port}
    assert ports == {("udp", 443), ("tcp", 443), ("tcp", 5766)}


def test_the_second_address_may_be_the_one() -> None:
    own = ON.replace("198.51.100.21", "198.51.100.20") + FALCOT
    assert [line for line in lines(own) if line.startswith("listening-ip")] == [
        "listening-ip=198.51.100.19",
        "listening-ip=198.51.100.20",
        "listening-ip=2001:db8:1000:2000::19",
        "listening-ip=2001:db8:1000:2000::21",
    ]
    assert "aux-server=198.51.100.20:443" in lines(own)


def test_records_lead_there() -> None:
    found = records(site(ON + FALCOT))
    assert {r for r in found if r[0].startswith(("turn-server", "_turn"))} == {
        ("turn-server.falcot.com.", "A", "198.51.100.21"),
        ("_turns._tcp.falcot.com.", "SRV", "0 1 443 turn-server.falcot.com."),
        ("_turns._tcp.falcot.com.", "SRV", "1 1 5349 turn-server.falcot.com."),
        ("_turn._udp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_turn._udp.falcot.com.", "SRV", "1 1 443 turn-server.falcot.com."),
        ("_turn._tcp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_turn._tcp.falcot.com.", "SRV", "1 1 443 turn-server.falcot.com."),
    }


def test_with_ipv6_alone_the_name_follows() -> None:
    found = records(site(ONLY_TURN + six("turn") + FALCOT))
    assert {r for r in found if r[0] == "turn-server.falcot.com."} == {
        ("turn-server.falcot.com.", "AAAA", "2001:db8:1000:2000::21")
    }


def test_behind_nat_its_own_address_is_mapped_too() -> None:
    text = ON + 'port443.turn.ipv4.public = "203.0.113.21"\n' + FALCOT
    assert "external-ip=203.0.113.21/198.51.100.21\n" in content(CONF, site(text))


def test_the_unit_waits_for_its_own_address_and_may_bind_the_port() -> None:
    dropin = content(DROPIN, site(ON + ONE_ADDRESS))
    (wait,) = (line for line in dropin.splitlines() if "wait-addresses" in line)
    assert {"198.51.100.21", "2001:db8:1000:2000::21"} <= set(wait.split())
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in dropin
