# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from falcot_rtc.probes import turn_checks
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.turn import Allocation
from tests.unit.probes.samples import TICKET, target

NOW = Deadline(at=0.0)


def test_without_minted_credentials_there_is_nothing_to_prove() -> None:
    ticket = replace(TICKET, minted=None)
    outcome = turn_checks.relay_minted(ticket, (target("turn-udp"),), NOW)
    assert outcome.status == "skip"
    assert "minted" in outcome.detail


def test_nat_discovery_needs_two_addresses() -> None:
    outcome = turn_checks.nat_discovery(TICKET, (target("turn-udp"),), NOW)
    assert outcome.status == "skip"


@pytest.mark.parametrize(("port", "fine"), [(49152, True), (65535, True), (49151, False)])
def test_relays_stay_in_the_declared_ports(port: int, fine: bool) -> None:
    mapped = ("192.0.2.1", 5)
    allocation = Allocation(relayed=("198.51.100.19", port), mapped=mapped, lifetime=600)
    if fine:
        turn_checks.check_relayed(TICKET, target("turn-udp"), allocation)
        return
    with pytest.raises(Unexpected, match="expected a relayed port from 49152 to 65535"):
        turn_checks.check_relayed(TICKET, target("turn-udp"), allocation)


def test_each_group_of_denied_peers_has_both_ip_versions() -> None:
    for peers in (
        turn_checks.LOOPBACK,
        turn_checks.PRIVATE,
        turn_checks.LINK_LOCAL,
        turn_checks.MULTICAST,
    ):
        assert {ip_address(peer).version for peer in peers} == {4, 6}
    assert all(ip_address(peer).is_global for peer, _ in turn_checks.PUBLIC_PEER.values())


def test_versions_follow_the_family() -> None:
    assert turn_checks.ip_version(target("turn-udp", "ipv4-alternate")) == 4
    assert turn_checks.ip_version(target("turn-udp", "ipv6")) == 6


def test_nat_discovery_of_a_host_behind_nat_needs_another_machine() -> None:
    second = replace(
        target("turn-udp", "ipv4-alternate"), address="127.0.0.2", public="203.0.113.20"
    )
    primary = replace(target("turn-udp"), address="127.0.0.1", public="203.0.113.19")
    outcome = turn_checks.nat_discovery(TICKET, (primary, second), NOW)
    assert outcome.status == "skip"
    assert "203.0.113.20" in outcome.detail
    assert "hairpin" in outcome.detail
