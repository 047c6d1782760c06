# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, Unexpected
from falcot_rtc.probes.stun import Address, Attribute, Kind, Message, Method
from falcot_rtc.probes.ticket import Credentials
from falcot_rtc.probes.turn import Client
from falcot_rtc.probes.turn_relay import (
    refuse_anonymous,
    refuse_peer,
    refuse_service,
    relay_both_ways,
)

USERS = (Credentials(user="a", password="a"), Credentials(user="b", password="b"))
SERVICE = ("198.51.100.19", 3478)


@dataclass
class Relay:
    """A TURN server in memory that asks nobody for credentials, with faults to choose."""

    lose: int = 0
    corrupt: bool = False
    open_to: tuple[Address, ...] = ()
    denied: tuple[str, ...] = ()
    refuse: int = 0
    taken: int = 0
    links: dict[Address, RelayLink] = field(default_factory=dict)
    addresses: Iterator[Address] = field(
        default_factory=lambda: (("198.51.100.19", port) for port in count(50000))
    )

    def open(self) -> RelayLink:
        link = RelayLink(relay=self, address=next(self.addresses))
        self.links[link.address] = link
        return link

    def forward(self, source: RelayLink, peer: Address, data: bytes) -> None:
        if peer in self.open_to:
            source.deliver(peer, b"an answer")
        elif self.lose:
            self.lose -= 1
        else:
            self.links[peer].deliver(source.address, data[::-1] if self.corrupt else data)


@dataclass
class RelayLink:
    relay: Relay
    address: Address
    reliable: bool = False
    peer: str = "relay"
    waiting: list[bytes] = field(default_factory=list)
    channels: dict[int, Address] = field(default_factory=dict)

    def deliver(self, source: Address, data: bytes) -> None:
        value = stun.encode_xor_address(source, bytes(12))
        attributes = ((Attribute.XOR_PEER_ADDRESS, value), (Attribute.DATA, data))
        message = Message(
            method=Method.DATA, kind=Kind.INDICATION, transaction=bytes(12), attributes=attributes
        )
        self.waiting.append(stun.encode(message))

    def send(self, packet: bytes, deadline: Deadline) -> None:
        if packet[0] >= 0x40:
            channel, size = int.from_bytes(packet[:2]), int.from_bytes(packet[2:4])
            self.relay.forward(self, self.channels[channel], packet[4 : 4 + size])
            return
        request = stun.decode(packet)
        encoded = request.find(Attribute.XOR_PEER_ADDRESS)
        peer = None if encoded is None else stun.decode_xor_address(encoded, request.transaction)
        if request.method == Method.SEND:
            assert peer is not None
            self.relay.forward(self, peer, request.find(Attribute.DATA) or b"")
            return
        if request.method == Method.CHANNEL_BIND:
            assert peer is not None
            number = request.find(Attribute.CHANNEL_NUMBER) or b""
            self.channels[int.from_bytes(number[:2])] = peer
        code = 403 if peer and peer[0] in self.relay.denied else self.relay.refuse
        if request.method == Method.ALLOCATE and self.relay.taken:
            self.relay.taken -= 1
            code = 437
        own = stun.encode_xor_address(self.address, request.transaction)
        attributes = (
            ((Attribute.ERROR_CODE, stun.encode_error(code, "No")),)
            if code
            else (
                (Attribute.XOR_RELAYED_ADDRESS, own),
                (Attribute.XOR_MAPPED_ADDRESS, own),
                (Attribute.LIFETIME, (600).to_bytes(4)),
            )
        )
        answer = Message(
            method=request.method,
            kind=Kind.ERROR if code else Kind.SUCCESS,
            transaction=request.transaction,
            attributes=attributes,
        )
        self.waiting.append(stun.encode(answer))

    def receive(self, deadline: Deadline, waiting_for: str) -> bytes:
        if not self.waiting:
            raise NoAnswer("silence")
        return self.waiting.pop(0)

    def change_port(self) -> None:
        del self.relay.links[self.address]
        self.address = next(self.relay.addresses)
        self.relay.links[self.address] = self

    def close(self) -> None:
        self.waiting.clear()


def both_ways(relay: Relay, deadline: Deadline) -> tuple[Address, Address]:
    ends = relay_both_ways(relay.open, USERS, 4, deadline)  # type: ignore[arg-type]
    return ends[0].relayed, ends[1].relayed


def test_data_passes_both_ways_in_spite_of_losses() -> None:
    relay = Relay(lose=2)
    assert both_ways(relay, Deadline.after(5)) == (
        ("198.51.100.19", 50000),
        ("198.51.100.19", 50001),
    )
    assert relay.lose == 0


def test_a_port_that_somebody_had_before_is_given_up() -> None:
    relay = Relay(taken=2)
    assert {port for _, port in both_ways(relay, Deadline.after(5))} == {50001, 50003}
    with pytest.raises(Unexpected, match="got error 437"):
        both_ways(Relay(taken=3), Deadline.after(5))
    # By a stream no other client is mistaken for us: the server's fault, not the port's.
    link = Relay(taken=1).open()
    link.reliable = True
    with pytest.raises(Unexpected, match="got error 437"):
        Client(link).allocate(4, Deadline.after(5))  # type: ignore[arg-type]
    refuse_anonymous(Relay(taken=2, refuse=401).open, 4, Deadline.after(5))  # type: ignore[arg-type]
    with pytest.raises(Unexpected, match="got error 486"):
        both_ways(Relay(refuse=486), Deadline.after(5))


def test_changed_data_is_noticed() -> None:
    with pytest.raises(Unexpected, match=r"got other bytes"):
        both_ways(Relay(corrupt=True), Deadline.after(5))


def test_lost_data_is_noticed() -> None:
    with pytest.raises(NoAnswer, match=r"160 bytes .* never came out of the relay"):
        both_ways(Relay(lose=1 << 60), Deadline.after(0.2))


def test_an_open_relay_is_noticed() -> None:
    with pytest.raises(Unexpected, match=r"allocate without credentials .* got success"):
        refuse_anonymous(Relay().open, 4, Deadline.after(5))  # type: ignore[arg-type]
    refuse_anonymous(Relay(refuse=401).open, 4, Deadline.after(5))  # type: ignore[arg-type]
    with pytest.raises(Unexpected, match=r"expected error 401; got error 500"):
        refuse_anonymous(Relay(refuse=500).open, 4, Deadline.after(5))  # type: ignore[arg-type]


def test_a_reachable_loopback_is_noticed() -> None:
    client = Client(Relay(denied=("127.0.0.1",)).open())  # type: ignore[arg-type]
    refuse_peer(client, ("127.0.0.1", 9), Deadline.after(5))
    with pytest.raises(Unexpected, match=r"peer 10\.0\.0\.1 .* got success"):
        refuse_peer(client, ("10.0.0.1", 9), Deadline.after(5))


def test_own_services_are_denied_silent_or_reached() -> None:
    denied = Client(Relay(denied=(SERVICE[0],)).open())  # type: ignore[arg-type]
    assert refuse_service(denied, SERVICE, Deadline.after(5)) == "error 403"
    reached = Client(Relay(open_to=(SERVICE,)).open())  # type: ignore[arg-type]
    with pytest.raises(Unexpected, match=r"TURN users reach the host's own UDP services"):
        refuse_service(reached, SERVICE, Deadline.after(5))
    silent = Client(Relay(lose=1 << 60).open())  # type: ignore[arg-type]
    assert refuse_service(silent, SERVICE, Deadline.after(5)) == "no answer"
