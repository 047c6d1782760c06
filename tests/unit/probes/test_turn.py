# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, ProtocolError
from falcot_rtc.probes.stun import Attribute, Kind, Message, Method
from falcot_rtc.probes.ticket import Credentials
from falcot_rtc.probes.turn import Client, Received, TurnRefused

USER = Credentials(user="joe", password="pass")
KEY = stun.long_term_key("joe", "falcot.com", "pass")
PEER = ("2001:db8::7", 4000)


@dataclass
class ScriptedLink:
    """In the place of a socket: `answer` turns each packet sent into those received."""

    answer: Callable[[Message, bytes], list[bytes]]
    reliable: bool = False
    peer: str = "192.0.2.1 port 3478/udp"
    local: stun.Address = ("192.0.2.9", 5000)
    sent: list[bytes] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)

    def send(self, message: bytes, deadline: Deadline) -> None:
        self.sent.append(message)
        if message[0] < 0x40:
            self.waiting += self.answer(stun.decode(message), message)

    def receive(self, deadline: Deadline, waiting_for: str) -> bytes:
        if not self.waiting:
            raise NoAnswer("silence")
        return self.waiting.pop(0)

    def close(self) -> None:
        self.waiting.clear()


def client(link: ScriptedLink, credentials: Credentials | None = USER) -> Client:
    return Client(link, credentials)  # type: ignore[arg-type]


def reply(
    request: Message, kind: Kind, *attributes: tuple[int, bytes], key: bytes | None = None
) -> bytes:
    message = Message(
        method=request.method, kind=kind, transaction=request.transaction, attributes=attributes
    )
    return stun.encode(message, key=key)


def refuse(request: Message, code: int, nonce: bytes = b"n1") -> bytes:
    return reply(
        request,
        Kind.ERROR,
        (Attribute.ERROR_CODE, stun.encode_error(code, "No")),
        (Attribute.REALM, b"falcot.com"),
        (Attribute.NONCE, nonce),
    )


def server(request: Message, packet: bytes) -> list[bytes]:
    """A correct server that calls the first nonce stale."""
    if request.kind is Kind.INDICATION:
        return []
    nonce = request.find(Attribute.NONCE)
    if nonce is None:
        return [refuse(request, 401, b"n1")]
    assert stun.is_authentic(packet, KEY)
    assert request.find(Attribute.USERNAME) == b"joe"
    if nonce == b"n1":
        return [refuse(request, 438, b"n2")]
    relayed = stun.encode_xor_address(("198.51.100.19", 50000), request.transaction)
    mapped = stun.encode_xor_address(("192.0.2.9", 5000), request.transaction)
    return [
        reply(
            request,
            Kind.SUCCESS,
            (Attribute.XOR_RELAYED_ADDRESS, relayed),
            (Attribute.XOR_MAPPED_ADDRESS, mapped),
            (Attribute.LIFETIME, (600).to_bytes(4)),
            key=KEY,
        )
    ]


def test_challenge_then_stale_nonce_then_success() -> None:
    link = ScriptedLink(server)
    joe = client(link)
    allocation = joe.allocate(4, Deadline.after(5))
    assert allocation.relayed == ("198.51.100.19", 50000)
    assert allocation.mapped == ("192.0.2.9", 5000)
    assert joe.realm == "falcot.com"
    assert len(link.sent) == 3
    assert joe.refresh(0, Deadline.after(5)) == 600
    assert len(link.sent) == 4


def test_an_ipv6_peer_is_masked_with_the_transaction_it_is_sent_in() -> None:
    link = ScriptedLink(server)
    client(link).permit(PEER, Deadline.after(5))
    for packet in link.sent:
        message = stun.decode(packet)
        value = message.find(Attribute.XOR_PEER_ADDRESS)
        assert value is not None
        assert stun.decode_xor_address(value, message.transaction) == PEER


def test_without_credentials_the_refusal_is_final() -> None:
    link = ScriptedLink(server)
    with pytest.raises(TurnRefused, match=r"TURN allocate as nobody .* error 401") as caught:
        client(link, None).allocate(4, Deadline.after(5))
    assert caught.value.code == 401
    assert len(link.sent) == 1


def test_a_wrong_password_is_not_tried_twice() -> None:
    link = ScriptedLink(lambda request, _: [refuse(request, 401)])
    with pytest.raises(TurnRefused, match="as joe"):
        client(link).allocate(4, Deadline.after(5))
    assert len(link.sent) == 2


def test_an_unsigned_success_is_a_forgery() -> None:
    def forging(request: Message, packet: bytes) -> list[bytes]:
        if request.find(Attribute.NONCE) is None:
            return [refuse(request, 401)]
        return [reply(request, Kind.SUCCESS, (Attribute.LIFETIME, bytes(4)), key=b"guess")]

    with pytest.raises(ProtocolError, match="not signed with our key"):
        client(ScriptedLink(forging)).refresh(600, Deadline.after(5))


def test_requests_are_repeated_over_udp_and_late_answers_ignored() -> None:
    mapped = ("192.0.2.9", 5000)

    def lossy(request: Message, packet: bytes) -> list[bytes]:
        if len(link.sent) < 3:
            return []
        other = Message(method=1, kind=Kind.REQUEST, transaction=b"x" * 12)
        value = stun.encode_xor_address(mapped, request.transaction)
        answer = reply(request, Kind.SUCCESS, (Attribute.XOR_MAPPED_ADDRESS, value))
        return [reply(other, Kind.SUCCESS), answer]

    link = ScriptedLink(lossy)
    assert client(link, None).binding(Deadline.after(5)) == mapped
    assert link.sent[0] == link.sent[1] == link.sent[2]


def test_a_reliable_link_is_not_repeated() -> None:
    link = ScriptedLink(lambda request, packet: [], reliable=True)
    with pytest.raises(NoAnswer):
        client(link).binding(Deadline.after(-1))
    assert len(link.sent) == 1


def test_relayed_data_waits_while_a_response_is_awaited() -> None:
    def busy(request: Message, packet: bytes) -> list[bytes]:
        indication = Message(
            method=Method.DATA,
            kind=Kind.INDICATION,
            transaction=bytes(12),
            attributes=(
                (Attribute.XOR_PEER_ADDRESS, stun.encode_xor_address(PEER, bytes(12))),
                (Attribute.DATA, b"one"),
            ),
        )
        return [stun.encode(indication), b"\x40\x00\x00\x03two", *server(request, packet)]

    joe = client(ScriptedLink(busy))
    joe.bind_channel(0x4000, PEER, Deadline.after(5))
    assert joe.receive(Deadline.after(5)) == Received(data=b"one", peer=PEER)
    assert joe.receive(Deadline.after(5)) == Received(data=b"two", channel=0x4000)


def test_data_is_sent_by_indication_or_channel() -> None:
    link = ScriptedLink(server)
    joe = client(link)
    joe.send(PEER, b"data", Deadline.after(5))
    joe.send_channel(0x4000, b"data", Deadline.after(5))
    indication = stun.decode(link.sent[0])
    assert (indication.kind, indication.method) == (Kind.INDICATION, Method.SEND)
    assert indication.find(Attribute.DATA) == b"data"
    assert link.sent[1] == b"\x40\x00\x00\x04data"
