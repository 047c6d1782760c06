# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebSocket client on an open stream; RFC 6455."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass

from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError, Unexpected, Unreachable

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
FRAME_LIMIT = 1 << 20
HEAD_LIMIT = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    opcode: int
    payload: bytes
    final: bool = True


def accept_key(key: str) -> str:
    """What the server must answer to Sec-WebSocket-Key; RFC 6455 section 4.2.2."""
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def encode_frame(frame: Frame, mask: bytes) -> bytes:
    """A client's frame; `mask` is four random bytes."""
    size = len(frame.payload)
    head = bytes([frame.final << 7 | frame.opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8)
    return head + mask + _masked(frame.payload, mask)


def decode_frame(data: bytes) -> tuple[Frame, int] | None:
    """The first frame in `data` and its size in bytes; None while it is incomplete."""
    if len(data) < 2:
        return None
    size, offset = data[1] & 0x7F, 2
    if data[0] & 0x70 or data[0] & 0xF not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        raise ProtocolError(f"WebSocket frame starts with {data[:2].hex()}")
    if data[0] & 8 and (size > 125 or not data[0] & 0x80):
        raise ProtocolError("WebSocket control frame is fragmented or too long")
    if size >= 126:
        offset = 4 if size == 126 else 10
        if len(data) < offset:
            return None
        size = int.from_bytes(data[2:offset])
    if size > FRAME_LIMIT:
        raise ProtocolError(f"WebSocket frame of {size} bytes")
    mask = b""
    if data[1] & 0x80:
        mask, offset = data[offset : offset + 4], offset + 4
    if len(data) < offset + size:
        return None
    payload = data[offset : offset + size]
    frame = Frame(
        opcode=data[0] & 0xF,
        payload=_masked(payload, mask) if mask else payload,
        final=bool(data[0] & 0x80),
    )
    return frame, offset + size


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(size)


class WebSocket:
    """Whole messages in both directions; pings are answered on the way."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.parts: list[bytes] = []

    def handshake(
        self, *, host: str, path: str, protocol: str, origin: str, deadline: Deadline
    ) -> None:
        """Upgrade as a page from `origin` does; Unexpected unless it switches to `protocol`."""
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {path} HTTP/1.1\r\n"
            f"Host: {host}\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            f"Origin: {origin}\r\n"
            f"Sec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Protocol: {protocol}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        self.stream.write(request.encode(), deadline)
        head = self.stream.read_until(b"\r\n\r\n", HEAD_LIMIT, deadline, "the WebSocket upgrade")
        lines = head.decode("latin-1").split("\r\n")
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        switched = re.match(r"HTTP/1\.1 101 ", lines[0]) is not None
        if not switched or fields.get("sec-websocket-protocol", "").lower() != protocol:
            raise Unexpected(
                sent=f"a WebSocket upgrade of {path} for {protocol!r} to {self.stream.peer}",
                expected=f"101 with protocol {protocol!r}",
                got=f"{lines[0]!r}, protocol {fields.get('sec-websocket-protocol')!r}",
            )
        if fields.get("sec-websocket-accept") != accept_key(key):
            raise ProtocolError(f"{self.stream.peer}: wrong Sec-WebSocket-Accept")

    def send(self, payload: bytes, deadline: Deadline, opcode: int = TEXT) -> None:
        frame = Frame(opcode=opcode, payload=payload)
        self.stream.write(encode_frame(frame, os.urandom(4)), deadline)

    def next_message(self, deadline: Deadline) -> bytes | None:
        """A message whose frames have all been read into the stream's buffer, or None."""
        while (found := decode_frame(bytes(self.stream.buffer))) is not None:
            frame, size = found
            self.stream.take(size)
            if frame.opcode == PING:
                self.send(frame.payload, deadline, PONG)
            elif frame.opcode == CLOSE:
                raise Unreachable(f"{self.stream.peer}: the server closed the WebSocket")
            elif frame.opcode != PONG:
                self.parts.append(frame.payload)
                if frame.final:
                    message, self.parts = b"".join(self.parts), []
                    return message
        return None
