# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import ipaddress
from dataclasses import replace

from falcot_rtc import derive
from falcot_rtc.policies import turn
from falcot_rtc.resources import Unit
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site

CONF = "turn/turnserver.conf"
ONE_ADDRESS = FALCOT.replace('[address.ipv4-alternate]\nbind = "198.51.100.20"\n', "")
DROPIN = "/etc/systemd/system/coturn.service.d/50-falcot-rtc.conf"


def lines(text: str = FALCOT, **tunables: str) -> list[str]:
    return content(CONF, site(text, **tunables)).splitlines()


def test_listeners_stand_on_declared_addresses_only() -> None:
    assert [line for line in lines() if line.startswith(("listening-ip", "relay-ip"))] == [
        "listening-ip=198.51.100.19",
        "listening-ip=198.51.100.20",
        "listening-ip=2001:db8:1000:2000::19",
        "relay-ip=198.51.100.19",
        "relay-ip=198.51.100.20",
        "relay-ip=2001:db8:1000:2000::19",
    ]


def test_authentication_stands_in_the_file_and_on_the_command_line() -> None:
    assert "lt-cred-mech" in lines()
    assert "--lt-cred-mech" in content(DROPIN)
    for opened in ("no-auth", "allow-loopback-peers", "web-admin"):
        assert opened not in lines()


def test_the_command_line_is_for_root_alone() -> None:
    found = replace(site(), secrets={**site().secrets, "turn-cli": "hush"})
    text = content(CONF, found)
    assert 'cli-ip=127.0.0.1\ncli-port=5766\ncli-password="hush"\n' in text
    rule = "meta skuid != root ip daddr 127.0.0.1 tcp dport 5766 counter reject with tcp reset"
    assert rule in content("turn/peers.nft", found)
    assert "127.0.0.1" not in content(DROPIN, found)
    assert [e.reach for e in found.purpose("turn-cli")] == ["loopback"]
    without = content(CONF, replace(site(), secrets={**site().secrets, "turn-cli": ""}))
    assert "cli-" not in without
    assert "no-cli\n" in without


def test_private_networks_are_denied_in_both_families() -> None:
    ranges = [
        tuple(ipaddress.ip_address(end) for end in line.partition("=")[2].split("-"))
        for line in lines()
        if line.startswith("denied-peer-ip=")
    ]

    def denied(text: str) -> bool:
        address = ipaddress.ip_address(text)
        return any(
            r[0].version == address.version and int(r[0]) <= int(address) <= int(r[-1])
            for r in ranges
        )

    for peer in (
        "10.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fc00::1", "fd12::1", "fe80::1",
        "ff02::1",
    ):  # fmt: skip
        assert denied(peer), peer
    for peer in ("198.51.100.1", "172.32.0.1", "8.8.8.8", "2001:db8::1", "2a00::1"):
        assert not denied(peer), peer


def test_discovery_needs_two_addresses() -> None:
    assert "alt-listening-port=3479" in lines()
    assert "no-rfc5780" not in lines()
    assert "no-rfc5780" in lines(ONE_ADDRESS)
    assert not [line for line in lines(ONE_ADDRESS) if line.startswith("alt-")]
    found = {e.purpose for e in site(ONE_ADDRESS).endpoints}
    assert not {p for p in found if p.startswith("turn-alternate")}


def test_behind_nat_the_public_address_is_mapped() -> None:
    nat = ONE_ADDRESS.replace('"198.51.100.19"', '"10.0.0.19"\npublic = "198.51.100.19"')
    assert "external-ip=198.51.100.19/10.0.0.19" in lines(nat)
    # coturn judges a peer after it has put our own address for the public one.
    assert [line for line in lines(nat) if "allowed" in line] == ["allowed-peer-ip=10.0.0.19"]
    assert not [line for line in lines() if "allowed" in line]
    assert not [line for line in lines() if line.startswith("external-ip")]


def test_the_relay_range_is_the_same_everywhere() -> None:
    found = site(turn="relay-low = 50000\nrelay-high = 50999\n")
    text = content(CONF, found)
    assert "min-port=50000\nmax-port=50999\n" in text
    assert "udp sport 50000-50999" in content("turn/peers.nft", found)
    assert [(e.port, e.last_port) for e in found.purpose("turn-relay")] == [(50000, 50999)] * 3


def test_no_secret_is_in_the_file_of_the_daemon() -> None:
    assert "hush-hush" not in content(
        CONF, replace(site(), secrets={**site().secrets, "turn-minted": "hush-hush"})
    )


def test_overlays_come_last() -> None:
    found = replace(site(), overlays={"coturn": {"10-a": "max-bps=1", "20-b": "stale-nonce=2"}})
    text = content(CONF, found)
    assert text.index("proc-user=") < text.index("max-bps=1") < text.index("stale-nonce=2")
    assert "# /etc/falcot-rtc/local.d/coturn/10-a\n" in text


def test_the_name_is_ipv4_only_as_in_the_handbook() -> None:
    mine = {r for r in records() if r[0] == "turn-server.falcot.com."}
    assert mine == {("turn-server.falcot.com.", "A", "198.51.100.19")}
    six = site(ONE_ADDRESS.replace('[address.ipv4]\nbind = "198.51.100.19"\n', ""))
    assert ("turn-server.falcot.com.", "AAAA", "2001:db8:1000:2000::19") in records(six)


def test_records_name_the_ports_that_are_listened_on() -> None:
    """RFC 8489 §8.1, RFC 5928 §3; the handbook's 3467 is a misprint."""
    assert {
        ("_stun._udp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_stun._tcp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_stuns._tcp.falcot.com.", "SRV", "0 1 5349 turn-server.falcot.com."),
        ("_turn._udp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_turn._tcp.falcot.com.", "SRV", "0 1 3478 turn-server.falcot.com."),
        ("_turns._tcp.falcot.com.", "SRV", "0 1 5349 turn-server.falcot.com."),
        ("falcot.com.", "NAPTR", '10 0 "s" "RELAY:turn.udp" "" _turn._udp.falcot.com.'),
    } <= records()


def test_certificates_reload_and_settings_restart() -> None:
    (unit,) = (r for r in derive.desired(site()).of(Unit) if r.name == "coturn.service")
    assert unit.reload_on == ("/var/lib/falcot-rtc/tls/coturn/",)
    assert "turn/" in unit.restart_on
    # HUP would end coturn.
    assert "ExecReload=/bin/kill -USR2 $MAINPID" in content(DROPIN)


def test_the_units_names_of_the_policy() -> None:
    assert turn.COTURN.held == ("coturn.service",)
    assert [user.name for user in turn.COTURN.users] == ["_falcot-rtc-turn"]
