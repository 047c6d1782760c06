# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc.probes import sip_message
from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError, Unexpected
from falcot_rtc.probes.sip_message import Request, Response
from falcot_rtc.probes.sip_transport import Transport
from falcot_rtc.probes.websocket import PING, PONG, TEXT, Frame, accept_key, decode_frame
from tests.unit.probes.authority import make_authority, over_tls
from tests.unit.probes.loopback import scripted, stream_pair
from tests.unit.probes.samples import TICKET, target

PING_PONG = Request(method="OPTIONS", uri="sip:falcot.com", headers=(("CSeq", "1 OPTIONS"),))
MESSAGE = Request(method="MESSAGE", uri="sip:a@falcot.com", headers=(), body=b"hello")


def soon() -> Deadline:
    return Deadline.after(5)


def test_messages_are_framed_by_their_length() -> None:
    with stream_pair() as (one, other):
        data = sip_message.encode(PING_PONG) + sip_message.encode(MESSAGE)
        link = Transport(other, "TLS")
        one.write(data[:-3], soon())
        assert link.receive(soon(), "a message") == (PING_PONG,)
        one.write(data[-3:], soon())
        assert link.receive(soon(), "a message") == (MESSAGE,)


def test_keepalives_are_answered_and_ignored() -> None:
    with stream_pair() as (one, other):
        one.write(b"\r\n\r\n" + b"\r\n" + sip_message.encode(MESSAGE), soon())
        assert Transport(other, "TLS").receive(soon(), "a message") == (MESSAGE,)
        assert one.read(2, soon(), "a pong") == b"\r\n"


@pytest.mark.parametrize(
    "data",
    [b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"OPTIONS sip:a SIP/2.0\r\nl: 99999999\r\n\r\n"],
)
def test_a_stream_without_a_usable_length_is_refused(data: bytes) -> None:
    with stream_pair() as (one, other):
        one.write(data, soon())
        with pytest.raises(ProtocolError, match="Content-Length"):
            Transport(other, "TLS").receive(soon(), "a message")


def read_frame(connection: socket.socket) -> Frame:
    data = b""
    while (found := decode_frame(data)) is None:
        data += connection.recv(4096)
    return found[0]


def server_frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """Servers do not mask; RFC 6455 section 5.1."""
    assert len(payload) < 126
    return bytes([final << 7 | opcode, len(payload)]) + payload


def test_a_websocket_from_upgrade_to_fragments(tmp_path: Path) -> None:
    authority = make_authority()
    response = sip_message.encode(Response(status=200, reason="OK", headers=()))

    def script(connection: socket.socket) -> None:
        head = connection.recv(4096).decode()
        assert head.startswith("GET /ws HTTP/1.1\r\nHost: sip-proxy.falcot.com:")
        assert "Origin: https://falcot.com\r\n" in head
        key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
        connection.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: sip\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode()
        )
        assert read_frame(connection).payload == sip_message.encode(MESSAGE)
        connection.sendall(server_frame(PING, b"?"))
        connection.sendall(server_frame(TEXT, response[:10], final=False))
        connection.sendall(server_frame(0, response[10:]))
        assert read_frame(connection) == Frame(opcode=PONG, payload=b"?")

    context = authority.server(tmp_path, "sip-proxy.falcot.com")
    with scripted(over_tls(context, script)) as port:
        there = replace(target("sip-wss"), address="127.0.0.1", port=port)
        link = Transport.connect(there, replace(TICKET, ca=authority.pem), soon())
        assert (link.via, link.parameter) == ("WSS", "ws")
        assert link.host.endswith(".invalid")
        link.send(MESSAGE, soon())
        received: tuple[sip_message.Message, ...] = ()
        while not received:
            received = link.receive(soon(), "a response")
        link.close()
    assert received == (Response(status=200, reason="OK", headers=()),)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", Unexpected),
        ("HTTP/1.1 101 OK\r\nSec-WebSocket-Protocol: chat\r\n\r\n", Unexpected),
        ("HTTP/1.1 101 OK\r\nSec-WebSocket-Protocol: sip\r\n\r\n", ProtocolError),
    ],
)
def test_upgrades_that_fail(tmp_path: Path, answer: str, error: type[Exception]) -> None:
    authority = make_authority()

    def script(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer.encode())

    context = authority.server(tmp_path, "sip-proxy.falcot.com")
    with scripted(over_tls(context, script)) as port:
        there = replace(target("sip-wss"), address="127.0.0.1", port=port)
        with pytest.raises(error):
            Transport.connect(there, replace(TICKET, ca=authority.pem), soon())


def test_ipv6_addresses_are_bracketed() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        with Stream.connect("::1", server.getsockname()[1], soon()) as stream:
            assert Transport(stream, "TCP").host == f"[::1]:{stream.local[1]}"
