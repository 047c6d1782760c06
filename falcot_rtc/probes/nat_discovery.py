# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT behaviour discovery, which needs a server's second address; RFC 5780 section 4."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline, explained, socket_family
from falcot_rtc.probes.errors import NoAnswer, ProtocolError, Unexpected
from falcot_rtc.probes.stun import Address, Attribute, Kind, Message, Method
from falcot_rtc.probes.turn import RETRANSMIT

CHANGE_PORT = 2
CHANGE_BOTH = 6
PATIENCE = 2.0  # seconds for one request; a filtered answer never comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What the server let us find out about the path to it.

    `mapped_alike`: the same outside address towards all of the server's addresses.
    `unfiltered`: answers from an address we never sent to arrive.
    """

    mapped: Address
    other: Address
    mapped_alike: bool
    unfiltered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    source: Address
    mapped: Address
    other: Address | None


def discover(server: Address, deadline: Deadline) -> Discovery:
    """Use all four of the server's sockets; Unexpected when it offers no second one."""
    peer = f"{server[0]} port {server[1]}/udp"
    with explained(peer, "opening a socket"):
        sock = socket.socket(socket_family(server[0]), socket.SOCK_DGRAM)
    with sock:
        first = _ask(sock, server, 0, deadline)
        other = first.other
        if other is None:
            raise Unexpected(
                sent=f"a STUN binding request to {peer}",
                expected="OTHER-ADDRESS, for NAT discovery",
                got="none: the server does not use its second address",
            )
        if other[0] == server[0] or other[1] == server[1]:
            raise Unexpected(
                sent=f"a STUN binding request to {peer}",
                expected="OTHER-ADDRESS with another address and another port",
                got=f"{other[0]} port {other[1]}",
            )
        others = [
            _ask(sock, address, 0, deadline)
            for address in ((other[0], server[1]), (server[0], other[1]), other)
        ]
        return Discovery(
            mapped=first.mapped,
            other=other,
            mapped_alike=all(answer.mapped == first.mapped for answer in others),
            unfiltered=_arrives_from(sock, server, CHANGE_BOTH, other, deadline)
            and _arrives_from(sock, server, CHANGE_PORT, (server[0], other[1]), deadline),
        )


def _arrives_from(
    sock: socket.socket, server: Address, change: int, expected: Address, deadline: Deadline
) -> bool:
    try:
        answer = _ask(sock, server, change, deadline)
    except NoAnswer:
        return False
    if answer.source != expected:
        raise Unexpected(
            sent=f"a STUN change request ({change}) to {server[0]} port {server[1]}/udp",
            expected=f"an answer from {expected[0]} port {expected[1]}",
            got=f"one from {answer.source[0]} port {answer.source[1]}",
        )
    return True


def _ask(sock: socket.socket, server: Address, change: int, deadline: Deadline) -> Answer:
    attributes = ((int(Attribute.CHANGE_REQUEST), change.to_bytes(4)),) if change else ()
    request = Message(
        method=Method.BINDING,
        kind=Kind.REQUEST,
        transaction=os.urandom(12),
        attributes=attributes,
    )
    peer = f"{server[0]} port {server[1]}/udp"
    patience = deadline.sooner(PATIENCE)
    with explained(peer, "waiting for a STUN response"):
        while True:
            sock.sendto(stun.encode(request), server)
            answer = _await(sock, request.transaction, patience.sooner(RETRANSMIT))
            if answer is not None:
                return answer
            patience.left()


def _await(sock: socket.socket, transaction: bytes, until: Deadline) -> Answer | None:
    try:
        while True:
            sock.settimeout(until.left())
            packet, source = sock.recvfrom(65536)
            message = stun.decode(packet)
            if message.transaction == transaction:
                return _answer(message, (str(source[0]), int(source[1])))
    except TimeoutError:
        return None


def _answer(message: Message, source: Address) -> Answer:
    mapped = message.find(Attribute.XOR_MAPPED_ADDRESS)
    if message.kind is not Kind.SUCCESS or mapped is None:
        raise ProtocolError("STUN binding response without our mapped address")
    other = message.find(Attribute.OTHER_ADDRESS)
    return Answer(
        source=source,
        mapped=stun.decode_xor_address(mapped, message.transaction),
        other=None if other is None else stun.decode_address(other),
    )
