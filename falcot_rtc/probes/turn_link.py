# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A five-tuple to a TURN server, message by message, over UDP, TCP or TLS; RFC 8656."""

from __future__ import annotations

import socket
from typing import Literal

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline, Stream, explained, socket_family
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.ticket import Target
from falcot_rtc.probes.tls import verifying

CHANNELS = range(0x4000, 0x5000)


def is_channel_data(data: bytes) -> bool:
    """Whether a message is ChannelData and not STUN, by its first two bytes (RFC 7983)."""
    return len(data) >= 4 and int.from_bytes(data[:2]) in CHANNELS


def encode_channel_data(channel: int, data: bytes, *, padded: bool) -> bytes:
    """`padded` to four bytes is required on streams and not wanted in datagrams."""
    padding = bytes(-len(data) % 4) if padded else b""
    return channel.to_bytes(2) + len(data).to_bytes(2) + data + padding


def decode_channel_data(message: bytes) -> tuple[int, bytes]:
    """Channel number and data."""
    if not is_channel_data(message):
        raise ProtocolError(f"not ChannelData: it starts with {message[:4].hex()}")
    length = int.from_bytes(message[2:4])
    if len(message) < 4 + length:
        raise ProtocolError(f"ChannelData of {length} bytes is cut short")
    return int.from_bytes(message[:2]), message[4 : 4 + length]


def stream_length(head: bytes) -> int:
    """How long the message is that starts with these four bytes, padding included."""
    length = int.from_bytes(head[2:4])
    if is_channel_data(head):
        return 4 + length + -length % 4
    if head[0] & 0xC0 or length % 4:
        raise ProtocolError(f"neither STUN nor ChannelData: it starts with {head.hex()}")
    return stun.HEADER + length


class Datagrams:
    """A connected UDP socket: a closed port is reported at once."""

    reliable: Literal[False] = False

    def __init__(self, address: str, port: int) -> None:
        self.peer = f"{address} port {port}/udp"
        self.server = (address, port)
        self.sock = self._open()

    def _open(self) -> socket.socket:
        with explained(self.peer, "opening a socket"):
            sock = socket.socket(socket_family(self.server[0]), socket.SOCK_DGRAM)
            try:
                sock.connect(self.server)
            except OSError:
                sock.close()
                raise
            return sock

    def change_port(self) -> None:
        """Go on from another port of ours."""
        former, self.sock = self.sock, self._open()
        former.close()

    @property
    def local(self) -> stun.Address:
        name = self.sock.getsockname()
        return str(name[0]), int(name[1])

    def send(self, message: bytes, deadline: Deadline) -> None:
        with explained(self.peer, "sending"):
            self.sock.settimeout(deadline.left())
            self.sock.send(message)

    def receive(self, deadline: Deadline, waiting_for: str) -> bytes:
        with explained(self.peer, f"waiting for {waiting_for}"):
            self.sock.settimeout(deadline.left())
            return self.sock.recv(65536)

    def close(self) -> None:
        self.sock.close()


class Framed:
    """STUN and ChannelData framed in a TCP or TLS stream."""

    reliable: Literal[True] = True

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.peer = stream.peer

    @property
    def local(self) -> stun.Address:
        return self.stream.local

    def send(self, message: bytes, deadline: Deadline) -> None:
        self.stream.write(message, deadline)

    def receive(self, deadline: Deadline, waiting_for: str) -> bytes:
        while len(self.stream.buffer) < 4:
            self.stream.fill(deadline, waiting_for)
        # The head stays in the buffer: a wait that ends early must not lose the framing.
        length = stream_length(bytes(self.stream.buffer[:4]))
        return self.stream.read(length, deadline, waiting_for)

    def close(self) -> None:
        self.stream.close()


Link = Datagrams | Framed


def open_link(target: Target, ca: str, deadline: Deadline) -> Link:
    """Connect the way `target` says; TLS is verified against `ca`."""
    if target.protocol == "udp":
        return Datagrams(target.address, target.port)
    stream = Stream.connect(target.address, target.port, deadline)
    if target.tls:
        try:
            stream.start_tls(verifying(ca), target.name, deadline)
        except BaseException:
            stream.close()
            raise
    return Framed(stream)
