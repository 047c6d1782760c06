# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TURN client: binding, allocation, permissions, channels and data; RFC 8489, RFC 8656."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, replace

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, ProtocolError, Unexpected
from falcot_rtc.probes.stun import Address, Attribute, Kind, Message, Method
from falcot_rtc.probes.ticket import Credentials
from falcot_rtc.probes.turn_link import (
    Link,
    decode_channel_data,
    encode_channel_data,
    is_channel_data,
)

RETRANSMIT = 0.5  # seconds to the first repetition, doubled after each: RFC 8489 section 6.2.1
PORTS_TRIED = 3
UDP = b"\x11\0\0\0"
FAMILY = {4: b"\x01\0\0\0", 6: b"\x02\0\0\0"}
UNAUTHORIZED, FORBIDDEN, NO_ALLOCATION, STALE_NONCE = 401, 403, 437, 438
UNSUPPORTED_FAMILY = 440


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """`relayed` is the address that peers see, `mapped` ours as the server sees it."""

    relayed: Address
    mapped: Address
    lifetime: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Data that came through the relay: from a peer, or by a channel that stands for one."""

    data: bytes
    peer: Address | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    realm: bytes
    nonce: bytes


class Client:
    """The client of one allocation; requests are signed once the server has challenged one."""

    def __init__(self, link: Link, credentials: Credentials | None = None) -> None:
        self.link = link
        self.credentials = credentials
        self.challenge: Challenge | None = None
        self.waiting: deque[Received] = deque()

    @property
    def realm(self) -> str:
        return self.challenge.realm.decode("utf-8", "replace") if self.challenge else ""

    def binding(self, deadline: Deadline) -> Address:
        """Our address as the server sees it."""
        answer = self.exchange(Method.BINDING, deadline)
        return _xor_address(answer, Attribute.XOR_MAPPED_ADDRESS)

    def allocate(self, version: int, deadline: Deadline, lifetime: int = 600) -> Allocation:
        """Ask for a relayed address of IP `version`.

        A UDP port of ours that somebody else had a moment ago, and the server still knows as
        theirs, is given up for another (RFC 8656 section 7.4).
        """
        for _ in range(PORTS_TRIED - 1):
            try:
                return self._allocate(version, deadline, lifetime)
            except TurnRefused as refusal:
                if refusal.code != NO_ALLOCATION or self.link.reliable:
                    raise
            self.link.change_port()
            self.challenge = None
        return self._allocate(version, deadline, lifetime)

    def _allocate(self, version: int, deadline: Deadline, lifetime: int) -> Allocation:
        attributes = [
            (int(Attribute.REQUESTED_TRANSPORT), UDP),
            (int(Attribute.LIFETIME), lifetime.to_bytes(4)),
        ]
        if version != 4:
            # IPv4 is the default, and servers without RFC 6156 reject the attribute.
            attributes.append((int(Attribute.REQUESTED_ADDRESS_FAMILY), FAMILY[version]))
        answer = self.exchange(Method.ALLOCATE, deadline, *attributes)
        return Allocation(
            relayed=_xor_address(answer, Attribute.XOR_RELAYED_ADDRESS),
            mapped=_xor_address(answer, Attribute.XOR_MAPPED_ADDRESS),
            lifetime=_lifetime(answer),
        )

    def refresh(self, lifetime: int, deadline: Deadline) -> int:
        """The new lifetime in seconds; 0 ends the allocation."""
        value = (int(Attribute.LIFETIME), lifetime.to_bytes(4))
        return _lifetime(self.exchange(Method.REFRESH, deadline, value))

    def permit(self, peer: Address, deadline: Deadline) -> None:
        """Let `peer`'s address send to us (the port does not matter)."""
        self.exchange(Method.CREATE_PERMISSION, deadline, peer=peer)

    def bind_channel(self, channel: int, peer: Address, deadline: Deadline) -> None:
        number = (int(Attribute.CHANNEL_NUMBER), channel.to_bytes(2) + bytes(2))
        self.exchange(Method.CHANNEL_BIND, deadline, number, peer=peer)

    def send(self, peer: Address, data: bytes, deadline: Deadline) -> None:
        """Send by Send indication: nothing says whether it arrived."""
        value = (int(Attribute.DATA), data)
        message = _message(Method.SEND, Kind.INDICATION, value, peer=peer)
        self.link.send(stun.encode(message), deadline)

    def send_channel(self, channel: int, data: bytes, deadline: Deadline) -> None:
        packet = encode_channel_data(channel, data, padded=self.link.reliable)
        self.link.send(packet, deadline)

    def receive(self, deadline: Deadline) -> Received:
        while not self.waiting:
            packet = self.link.receive(deadline, "relayed data")
            self._sort(packet)
        return self.waiting.popleft()

    def exchange(
        self,
        method: Method,
        deadline: Deadline,
        *attributes: tuple[int, bytes],
        peer: Address | None = None,
    ) -> Message:
        """The success response to a request, authenticated where the server asks for it."""
        while True:
            # Each try is a new transaction, which IPv6 peer addresses are masked with.
            request = _message(method, Kind.REQUEST, *attributes, peer=peer)
            answer = self._transact(self._signed(request), deadline)
            if answer.kind is Kind.SUCCESS:
                return answer
            code, reason = error_of(answer)
            unsigned = code == UNAUTHORIZED and self.challenge is None
            if not (self.credentials and (unsigned or code == STALE_NONCE)):
                who = self.credentials.user if self.credentials else "nobody"
                raise TurnRefused(
                    method=method,
                    peer=peer,
                    who=who,
                    server=self.link.peer,
                    code=code,
                    reason=reason,
                )
            self.challenge = _challenge(answer)

    def _signed(self, request: Message) -> bytes:
        if self.credentials is None or self.challenge is None:
            return stun.encode(request)
        more = (
            (Attribute.USERNAME, self.credentials.user.encode()),
            (Attribute.REALM, self.challenge.realm),
            (Attribute.NONCE, self.challenge.nonce),
        )
        message = replace(request, attributes=(*request.attributes, *more))
        return stun.encode(message, key=self._key())

    def _key(self) -> bytes:
        assert self.credentials is not None
        return stun.long_term_key(self.credentials.user, self.realm, self.credentials.password)

    def _transact(self, data: bytes, deadline: Deadline) -> Message:
        """Send and await the response, repeating over UDP; forged responses do not count."""
        transaction = data[8 : stun.HEADER]
        wait = RETRANSMIT
        self.link.send(data, deadline)
        until = deadline if self.link.reliable else deadline.sooner(wait)
        while True:
            try:
                packet = self.link.receive(until, "a STUN response")
            except NoAnswer:
                if deadline.has_passed:
                    raise
                wait *= 2
                self.link.send(data, deadline)
                until = deadline.sooner(wait)
                continue
            answer = self._sort(packet)
            if answer is None or answer.transaction != transaction:
                continue
            signed = answer.kind is Kind.SUCCESS and self.credentials and self.challenge
            if signed and not stun.is_authentic(packet, self._key()):
                raise ProtocolError(f"{self.link.peer}: response is not signed with our key")
            return answer

    def _sort(self, packet: bytes) -> Message | None:
        """Queue relayed data; return a response."""
        if is_channel_data(packet):
            channel, data = decode_channel_data(packet)
            self.waiting.append(Received(data=data, channel=channel))
            return None
        message = stun.decode(packet)
        if message.kind in (Kind.SUCCESS, Kind.ERROR):
            return message
        if message.kind is Kind.INDICATION and message.method == Method.DATA:
            peer = _xor_address(message, Attribute.XOR_PEER_ADDRESS)
            self.waiting.append(Received(data=message.find(Attribute.DATA) or b"", peer=peer))
        return None


class TurnRefused(Unexpected):
    """The server answered a request with an error; `code` is its number."""

    def __init__(
        self, *, method: Method, peer: Address | None, who: str, server: str, code: int, reason: str
    ) -> None:
        name = method.name.lower().replace("_", "-")
        about = f" for peer {peer[0]}" if peer else ""
        super().__init__(
            sent=f"TURN {name}{about} as {who} to {server}",
            expected="success",
            got=f"error {code} {reason}".rstrip(),
        )
        self.code = code


def error_of(message: Message) -> tuple[int, str]:
    value = message.find(Attribute.ERROR_CODE)
    if value is None:
        raise ProtocolError("STUN error response without an error code")
    return stun.decode_error(value)


def _message(
    method: Method, kind: Kind, *attributes: tuple[int, bytes], peer: Address | None
) -> Message:
    transaction = os.urandom(12)
    if peer is not None:
        value = stun.encode_xor_address(peer, transaction)
        attributes = ((int(Attribute.XOR_PEER_ADDRESS), value), *attributes)
    return Message(method=method, kind=kind, transaction=transaction, attributes=attributes)


def _challenge(answer: Message) -> Challenge:
    realm, nonce = answer.find(Attribute.REALM), answer.find(Attribute.NONCE)
    if realm is None or nonce is None:
        raise ProtocolError("TURN challenge without realm or nonce")
    return Challenge(realm=realm, nonce=nonce)


def _xor_address(message: Message, attribute: Attribute) -> Address:
    value = message.find(attribute)
    if value is None:
        raise ProtocolError(f"STUN response without {attribute.name}")
    return stun.decode_xor_address(value, message.transaction)


def _lifetime(message: Message) -> int:
    value = message.find(Attribute.LIFETIME)
    if value is None or len(value) != 4:
        raise ProtocolError("TURN response without a lifetime")
    return int.from_bytes(value)
