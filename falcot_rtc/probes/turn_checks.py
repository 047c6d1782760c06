# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved about TURN: it relays for its users, for nobody else, and not everywhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from ipaddress import ip_address, ip_network

from falcot_rtc.probes.connection import Deadline, explained, is_local, socket_family
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.nat_discovery import discover
from falcot_rtc.probes.outcome import Outcome, Probe, passed, skipped, warned
from falcot_rtc.probes.stun import Address
from falcot_rtc.probes.ticket import Credentials, Target, Ticket
from falcot_rtc.probes.turn import UNSUPPORTED_FAMILY, Allocation, Client, TurnRefused
from falcot_rtc.probes.turn_link import open_link
from falcot_rtc.probes.turn_relay import (
    allocated,
    deliver,
    refuse_anonymous,
    refuse_peer,
    refuse_service,
    relay_both_ways,
)

LOOPBACK = ("127.0.0.1", "127.255.255.254", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1")
PRIVATE = ("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "fd00::1", "::ffff:10.0.0.1")
# 169.254.169.254 hands out a virtual machine's secrets in most clouds.
LINK_LOCAL = ("169.254.169.254", "fe80::1")
MULTICAST = ("224.0.0.1", "ff02::1")

# Not ip_address.is_private: that has the documentation ranges too, which test sites live in.
INTERNAL = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)

# Public addresses that nobody denies (a.root-servers.net); a permission alone sends no packet.
PUBLIC_PEER = {4: ("198.41.0.4", 9), 6: ("2001:503:ba3e::2:30", 9)}


def ip_version(target: Target) -> int:
    return 6 if target.family.startswith("ipv6") else 4


def binding(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    (target,) = targets
    with closing(open_link(target, ticket.ca, deadline)) as link:
        mapped = Client(link).binding(deadline)
        behind = "" if mapped == link.local else f" (behind NAT: {_text(link.local)} here)"
    return passed(f"this machine is seen as {_text(mapped)}{behind}")


def relay_longterm(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    return _relay(ticket, targets[0], ticket.accounts, deadline)


def relay_minted(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    if ticket.minted is None:
        return skipped("the ticket carries no minted TURN credentials")
    return _relay(ticket, targets[0], (ticket.minted, ticket.minted), deadline)


def _relay(
    ticket: Ticket,
    target: Target,
    credentials: tuple[Credentials, Credentials],
    deadline: Deadline,
) -> Outcome:
    ends = relay_both_ways(
        partial(open_link, target, ticket.ca, deadline), credentials, ip_version(target), deadline
    )
    for end in ends:
        check_relayed(ticket, target, end)
    return passed(f"data passed between {_text(ends[0].relayed)} and {_text(ends[1].relayed)}")


def check_relayed(ticket: Ticket, target: Target, allocation: Allocation) -> None:
    """A relay outside the declared ports would be closed by the firewall that opens those."""
    low, high = ticket.relay_ports
    if not low <= allocation.relayed[1] <= high:
        raise Unexpected(
            sent=f"TURN allocate to {target.address} port {target.port}/{target.protocol}",
            expected=f"a relayed port from {low} to {high}",
            got=_text(allocation.relayed),
        )


def anonymous_refused(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    (target,) = targets
    refuse_anonymous(partial(open_link, target, ticket.ca, deadline), ip_version(target), deadline)
    return passed("error 401 and no allocation")


def peers_refused(addresses: tuple[str, ...]) -> Probe:
    """A check that none of `addresses` can be reached through the relay."""

    def probe(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
        refused: list[str] = []
        for version in (4, 6):
            own = {target.address for target in targets}
            peers = [p for p in addresses if (":" in p) == (version == 6) and p not in own]
            try:
                with _allocation(ticket, _best(targets, version), version, deadline) as client:
                    for peer in peers:
                        refuse_peer(client, (peer, 9), deadline)
                        refused.append(peer)
            except TurnRefused as refusal:
                # RFC 8656 section 7.2: a server without IPv6 relays reaches no IPv6 peer.
                if refusal.code != UNSUPPORTED_FAMILY:
                    raise
        return passed(f"error 403 for {', '.join(refused)}")

    return probe


def peer_allowed(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """Ordinary peers are reachable: a denial written too wide leaves only relay-to-relay calls."""
    (target,) = targets
    version = ip_version(target)
    with _allocation(ticket, target, version, deadline) as client:
        client.permit(PUBLIC_PEER[version], deadline)
        if is_local(target.address):
            # The host's own sockets are denied as peers, so there is nobody to talk to here.
            return passed("public addresses are permitted; data to a peer is proved from outside")
    with explained(target.id, "opening a socket"):
        sock = socket.socket(socket_family(target.address), socket.SOCK_DGRAM)
    with sock:
        return _talk_to(ticket, target, sock, deadline)


def _talk_to(ticket: Ticket, target: Target, sock: socket.socket, deadline: Deadline) -> Outcome:
    """Let a plain socket of this machine and an allocation exchange data."""
    with closing(open_link(target, ticket.ca, deadline)) as link:
        client = Client(link, ticket.accounts[0])
        with allocated(client, ip_version(target), deadline) as here:
            if any(ip_address(here.mapped[0]) in network for network in INTERNAL):
                return passed(
                    "public addresses are permitted; this machine's own address "
                    f"{here.mapped[0]} is internal, so nobody may relay to it"
                )
            # The plain socket has the same outside address as the link, on another port.
            client.permit(here.mapped, deadline)
            data = bytes(range(64))
            seen = deliver(partial(sock.sendto, data, here.relayed), client, data, deadline)
            assert seen.peer is not None
            client.send(seen.peer, data[::-1], deadline)
            with explained(_text(here.relayed), "waiting for data from the relay"):
                sock.settimeout(deadline.left())
                if sock.recv(2048) != data[::-1]:
                    raise Unexpected(
                        sent="64 bytes through the relay",
                        expected="the same bytes",
                        got="other bytes",
                    )
            return passed(f"{_text(here.relayed)} and {_text(seen.peer)} exchanged data")


def own_services_refused(
    ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline
) -> Outcome:
    for target in targets:
        with _allocation(ticket, target, ip_version(target), deadline) as client:
            how = refuse_service(client, (target.address, target.port), deadline)
    return passed(f"the relay does not reach its own host: {how}")


def nat_discovery(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    ports = {target.family: target for target in targets if target.purpose == "turn-udp"}
    primary, second = ports.get("ipv4"), ports.get("ipv4-alternate")
    if primary is None or second is None:
        return skipped("the site does not have two IPv4 addresses")
    if second.public not in ("", second.address) and is_local(primary.address):
        return skipped(
            f"the server announces its second address as {second.public}, which this host reaches "
            "only where its router returns such packets (hairpin NAT): check from another machine"
        )
    found = discover((primary.address, primary.port), deadline)
    if found.other[0] != second.address:
        raise Unexpected(
            sent=f"a STUN binding request to {primary.address} port {primary.port}/udp",
            expected=f"OTHER-ADDRESS {second.address}",
            got=_text(found.other),
        )
    mapping = "endpoint-independent" if found.mapped_alike else "address-dependent"
    if found.unfiltered:
        return passed(f"{mapping} mapping, no filtering; second address {_text(found.other)}")
    if is_local(primary.address):
        raise Unexpected(
            sent=f"STUN change requests to {primary.address} port {primary.port}/udp",
            expected=f"answers from {_text(found.other)}",
            got="silence",
        )
    return warned(
        f"all addresses answer ({mapping} mapping), but no answer came from a second address",
        "a firewall or NAT near this machine filters it, or the server does: run check on the host",
    )


@contextmanager
def _allocation(
    ticket: Ticket, target: Target, version: int, deadline: Deadline
) -> Iterator[Client]:
    with closing(open_link(target, ticket.ca, deadline)) as link:
        client = Client(link, ticket.accounts[0])
        with allocated(client, version, deadline):
            yield client


def _best(targets: tuple[Target, ...], version: int) -> Target:
    """A target of that IP version where there is one: an old server pairs the two."""
    return next((t for t in targets if ip_version(t) == version), targets[0])


def _text(address: Address) -> str:
    return f"{address[0]} port {address[1]}"
