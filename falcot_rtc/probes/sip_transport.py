# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP messages over TLS, TCP and secure WebSocket; RFC 3261 section 18, RFC 7118."""

from __future__ import annotations

import secrets
from typing import Self

from falcot_rtc.endpoints import bracketed
from falcot_rtc.probes import sip_message
from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.sip_message import HEAD_LIMIT, MARK, Message
from falcot_rtc.probes.ticket import Target, Ticket
from falcot_rtc.probes.tls import verifying
from falcot_rtc.probes.websocket import WebSocket

PATH = "/ws"
BODY_LIMIT = 1 << 20


class Transport:
    """One connection to a proxy: `via` is its name in Via, `parameter` the one in URIs."""

    def __init__(self, stream: Stream, via: str, websocket: WebSocket | None = None) -> None:
        self.stream = stream
        self.via = via
        self.parameter = "ws" if via == "WSS" else via.lower()
        self.websocket = websocket
        address, port = stream.local
        # A browser does not know its address: RFC 7118 section 5 has it invent a name.
        invented = f"{secrets.token_hex(6)}.invalid"
        self.host = invented if websocket else f"{bracketed(address)}:{port}"

    @classmethod
    def connect(cls, target: Target, ticket: Ticket, deadline: Deadline) -> Self:
        stream = Stream.connect(target.address, target.port, deadline)
        try:
            if not target.tls:
                return cls(stream, "TCP")
            wss = target.purpose == "sip-wss"
            # Without ALPN a server may speak HTTP/2 or refuse; SIP has no identifier of its own.
            context = verifying(ticket.ca, ("http/1.1",) if wss else ())
            stream.start_tls(context, target.name, deadline)
            if not wss:
                return cls(stream, "TLS")
            websocket = WebSocket(stream)
            websocket.handshake(
                host=f"{target.name}:{target.port}",
                path=PATH,
                protocol="sip",
                origin=f"https://{ticket.domain}",
                deadline=deadline,
            )
            return cls(stream, "WSS", websocket)
        except BaseException:
            stream.close()
            raise

    def send(self, message: Message, deadline: Deadline) -> None:
        data = sip_message.encode(message)
        if self.websocket:
            self.websocket.send(data, deadline)
        else:
            self.stream.write(data, deadline)

    def receive(self, deadline: Deadline, waiting_for: str) -> tuple[Message, ...]:
        """Read once from the network; the messages that are complete by then, perhaps none."""
        self.stream.fill(deadline, waiting_for)
        found = []
        while (message := self._next(deadline)) is not None:
            found.append(message)
        return tuple(found)

    def _next(self, deadline: Deadline) -> Message | None:
        if self.websocket:
            while (data := self.websocket.next_message(deadline)) is not None:
                if data.strip(b"\r\n"):
                    return sip_message.decode(data)
            return None
        buffer = self.stream.buffer
        while buffer[:2] == b"\r\n":
            # RFC 5626 section 3.5.1: a double CRLF is a ping, a single one its answer.
            if self.stream.take(4 if buffer[:4] == MARK else 2) == MARK:
                self.stream.write(b"\r\n", deadline)
        end = buffer.find(MARK)
        if end < 0:
            if len(buffer) > HEAD_LIMIT:
                raise ProtocolError(f"{self.stream.peer}: SIP headers longer than {HEAD_LIMIT}")
            return None
        length = sip_message.content_length(bytes(buffer[: end + len(MARK)]))
        if length is None or length > BODY_LIMIT:
            # RFC 3261 section 18.3: on a stream nothing else says where the message ends.
            raise ProtocolError(f"{self.stream.peer}: SIP message with Content-Length {length}")
        size = end + len(MARK) + length
        return sip_message.decode(self.stream.take(size)) if len(buffer) >= size else None

    def close(self) -> None:
        self.stream.close()
