# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets whose every wait ends at a deadline and whose every failure is a sentence; socket(7)."""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from falcot_rtc.probes.errors import NoAnswer, NoRoute, ProtocolError, Unreachable

# What the kernel says when this machine lacks the address family; a host that is down differs.
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A point in monotonic time; all waits of one check share one."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(at=time.monotonic() + seconds)

    def sooner(self, seconds: float) -> Deadline:
        """The earlier of this deadline and `seconds` from now."""
        return Deadline(at=min(self.at, time.monotonic() + seconds))

    def left(self) -> float:
        """Seconds left, above zero; TimeoutError when there are none."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self.at


@contextmanager
def explained(peer: str, doing: str) -> Iterator[None]:
    """Turn what the kernel and OpenSSL raise into a ProbeError that names peer and step."""
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer(f"{peer}: no answer in time while {doing}") from error
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"{peer}: certificate not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise Unreachable(f"{peer}: TLS failed while {doing}: {error.reason or error}") from error
    except OSError as error:
        kind = NoRoute if error.errno in NO_ROUTE else Unreachable
        raise kind(f"{peer}: {error.strerror or error} while {doing}") from error


def socket_family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET


def is_local(address: str) -> bool:
    """Whether this machine holds the address, which is how a probe knows the host itself."""
    with socket.socket(socket_family(address), socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, 0))
        except OSError:
            return False
    return True


class Stream:
    """A TCP connection, later perhaps TLS, with a read buffer."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.sock = sock
        self.peer = peer
        self.buffer = bytearray()

    @classmethod
    def connect(cls, address: str, port: int, deadline: Deadline) -> Self:
        peer = f"{address} port {port}/tcp"
        with explained(peer, "connecting"):
            sock = socket.socket(socket_family(address), socket.SOCK_STREAM)
            try:
                sock.settimeout(deadline.left())
                sock.connect((address, port))
                # Probes exchange single small messages: Nagle would only add 40 ms to each.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                sock.close()
                raise
        return cls(sock, peer)

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> None:
        """Handshake with `name` as SNI; clear text that was already read is a ProtocolError."""
        if self.buffer:
            # Answering STARTTLS with surplus clear text is the injection of CVE-2011-0411.
            raise ProtocolError(f"{self.peer}: clear text sent ahead of the TLS handshake")
        with explained(self.peer, "negotiating TLS"):
            self.sock.settimeout(deadline.left())
            self.sock = context.wrap_socket(self.sock, server_hostname=name)

    @property
    def tls(self) -> ssl.SSLSocket:
        if not isinstance(self.sock, ssl.SSLSocket):
            raise TypeError(f"{self.peer} does not speak TLS")
        return self.sock

    @property
    def local(self) -> tuple[str, int]:
        """Address and port of this end."""
        with explained(self.peer, "asking for the local address"):
            name = self.sock.getsockname()
        return str(name[0]), int(name[1])

    def write(self, data: bytes, deadline: Deadline) -> None:
        with explained(self.peer, "sending"):
            self.sock.settimeout(deadline.left())
            self.sock.sendall(data)

    def fill(self, deadline: Deadline, waiting_for: str) -> None:
        """Read what is there into the buffer, at least one byte."""
        with explained(self.peer, f"waiting for {waiting_for}"):
            self.sock.settimeout(deadline.left())
            data = self.sock.recv(65536)
        if not data:
            raise Unreachable(f"{self.peer}: connection closed while waiting for {waiting_for}")
        self.buffer += data

    def read(self, count: int, deadline: Deadline, waiting_for: str) -> bytes:
        while len(self.buffer) < count:
            self.fill(deadline, waiting_for)
        return self.take(count)

    def read_until(self, mark: bytes, limit: int, deadline: Deadline, waiting_for: str) -> bytes:
        """Everything up to and including `mark`; more than `limit` bytes are a ProtocolError."""
        while (end := self.buffer.find(mark)) < 0:
            if len(self.buffer) > limit:
                raise ProtocolError(f"{self.peer}: {waiting_for} longer than {limit} bytes")
            self.fill(deadline, waiting_for)
        return self.take(end + len(mark))

    def read_to_end(self, limit: int, deadline: Deadline, waiting_for: str) -> bytes:
        """Everything until the peer closes; more than `limit` bytes are a ProtocolError."""
        while True:
            with explained(self.peer, f"waiting for {waiting_for}"):
                self.sock.settimeout(deadline.left())
                try:
                    data = self.sock.recv(65536)
                except ssl.SSLEOFError:
                    data = b""  # a missing close_notify: the length is checked by the parser
            self.buffer += data
            if not data:
                return self.take(len(self.buffer))
            if len(self.buffer) > limit:
                raise ProtocolError(f"{self.peer}: {waiting_for} longer than {limit} bytes")

    def take(self, count: int) -> bytes:
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    @property
    def has_pending(self) -> bool:
        """Decrypted bytes wait inside OpenSSL, where select(2) cannot see them."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def close(self) -> None:
        """Say goodbye without waiting for the answer: servers log a bare reset as an error."""
        if isinstance(self.sock, ssl.SSLSocket):
            with suppress(OSError, ValueError):  # the connection may be gone, or never secured
                self.sock.settimeout(0)
                self.sock.unwrap()
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def wait_readable(
    streams: Sequence[Stream], deadline: Deadline, waiting_for: str
) -> tuple[Stream, ...]:
    """Those of `streams` that a `fill` will not block on, at least one."""
    pending = tuple(stream for stream in streams if stream.has_pending)
    if pending:
        return pending
    peers = ", ".join(sorted({stream.peer for stream in streams}))
    with explained(peers, f"waiting for {waiting_for}"):
        ready, _, _ = select.select([stream.sock for stream in streams], [], [], deadline.left())
        if not ready:
            raise TimeoutError
    return tuple(stream for stream in streams if stream.sock in ready)
