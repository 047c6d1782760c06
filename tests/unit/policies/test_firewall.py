# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import derive
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import firewall as policy
from falcot_rtc.resources import TreeFile, Unit
from tests.unit.fake_host import FALCOT
from tests.unit.test_derive import site

ON = "firewall = true\n"
TCP = "sip.internal-tcp = true\n"


def test_nothing_is_filtered_unless_asked_for() -> None:
    assert not [r for r in derive.desired(site()).of(Unit) if "firewall" in r.name]
    found = derive.desired(site(ON + FALCOT))
    (unit,) = (r for r in found.of(Unit) if r.name == "falcot-rtc-firewall.service")
    # A port that moves is let in by a reload, without a moment in which all is open or shut.
    assert (unit.reload_on, unit.restart_on, unit.stock) == (("firewall/",), (), False)
    (file,) = (r for r in found.of(TreeFile) if r.path == "firewall/ports.nft")
    assert file.content == policy.ruleset(found.site)


def test_one_rule_for_each_socket_that_others_reach() -> None:
    found = policy.rules(site('services = ["sip"]\n' + TCP + FALCOT))
    assert found == [
        'ip daddr 198.51.100.19 tcp dport 5061 accept comment "sip-tls"',
        'ip6 daddr 2001:db8:1000:2000::19 tcp dport 5061 accept comment "sip-tls"',
        'ip daddr 198.51.100.19 tcp dport 8443 accept comment "sip-wss"',
        'ip6 daddr 2001:db8:1000:2000::19 tcp dport 8443 accept comment "sip-wss"',
        "ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } ip daddr 198.51.100.19 "
        'tcp dport 5060 accept comment "sip-tcp"',
    ]


def test_relays_are_reached_and_the_command_line_of_coturn_is_not() -> None:
    found = policy.rules(site(turn="relay-low = 50000\nrelay-high = 50999"))
    relay = 'ip daddr 198.51.100.20 udp dport 50000-50999 accept comment "turn-relay"'
    assert relay in found
    assert not [rule for rule in found if "5766" in rule or "127.0.0.1" in rule]


def test_networks_that_overlap_are_one_and_without_any_nobody_comes_in() -> None:
    near = 'internal-networks = ["10.0.0.0/8", "10.1.0.0/16", "fd00::/8"]'
    (rule,) = (r for r in policy.rules(site(TCP + FALCOT, firewall=near)) if "5060" in r)
    assert rule.startswith("ip saddr { 10.0.0.0/8 } ip daddr ")
    none = policy.rules(site(TCP + FALCOT, firewall="internal-networks = []"))
    assert not [rule for rule in none if "5060" in rule]


def test_other_services_stay_open_by_choice() -> None:
    assert policy.rules(site(firewall='also-open = ["TCP/25", "udp/123"]'))[-2:] == [
        "tcp dport 25 accept", "udp dport 123 accept",
    ]  # fmt: skip


@pytest.mark.parametrize("port", ["25", "tcp/0", "tcp/65536", "icmp/1", "tcp/25 accept", "tcp/025"])
def test_a_port_is_a_port(port: str) -> None:
    with pytest.raises(UsageError, match="also-open"):
        site(firewall=f'also-open = ["{port}"]')


def test_what_a_host_needs_to_be_on_a_network_is_let_in() -> None:
    text = policy.ruleset(site())
    for words in (
        "policy drop;",
        "ct state established,related accept",
        'iifname "lo" accept',
        "packet-too-big",
        "nd-neighbor-solicit",
        "tcp dport @ssh_ports accept",
    ):
        assert words in text
