# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over a socket that only the web server may open: one request a connection; RFC 9110.

The bounds hold for what the web server passes on: bytes and seconds a request, requests at a time.
"""

from __future__ import annotations

import io
import logging
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from queue import SimpleQueue
from typing import Any

AT_ONCE = 16
# Of the whole request, and of one line or field of its head: http.client's own are larger.
SECONDS = 10.0
BYTES = 32768
# All who are refused wait until then, whatever it took to find out.
REFUSED_AFTER = 0.5
PATIENCE = 60.0

log = logging.getLogger("backend")


class _Incoming(io.RawIOBase):
    """What comes from a socket until the time or the bytes are used up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = time.monotonic() + SECONDS
        self._left = BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        seconds = self._until - time.monotonic()
        if seconds <= 0 or self._left <= 0:
            raise TimeoutError
        self._connection.settimeout(seconds)
        view = memoryview(buffer)[: self._left]
        count = self._connection.recv_into(view)
        self._left -= count
        return count


class _Outgoing(io.RawIOBase):
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._connection.settimeout(SECONDS)
        self._connection.sendall(data)
        return len(data)


class Exchange(BaseHTTPRequestHandler):
    """One request a connection; a service adds its methods."""

    server: Server
    server_version = "falcot-rtc"
    sys_version = ""

    def setup(self) -> None:
        self.started = time.monotonic()
        self.connection = self.request
        self.rfile = io.BufferedReader(_Incoming(self.connection))
        self.wfile = io.BufferedWriter(_Outgoing(self.connection))

    def fields(self) -> dict[str, str]:
        """The header's, by lower-case names."""
        return {name.lower(): value for name, value in self.headers.items()}

    def body(self, headers: Mapping[str, str], largest: int) -> bytes:
        """What was sent, of at most `largest` bytes; else ValueError, or TimeoutError."""
        size = int(headers.get("content-length", ""))
        # Read even if it is too much: closing over unread bytes would take our answer back.
        body = self.rfile.read(min(max(size, 0), BYTES // 2))
        if not len(body) == size <= largest:
            raise ValueError("not the announced length, or too long")
        return body

    def wait_as_refused(self) -> None:
        """Until a time after which nobody learns from the clock why it was refused."""
        time.sleep(max(0.0, self.started + REFUSED_AFTER - time.monotonic()))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the web server's log has every request."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Threads read and write; what they read goes to `jobs`, for one desk."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        listener: socket.socket,
        exchange: type[Exchange],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("", exchange, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        # What a service's exchanges put there; None asks it to end.
        self.jobs: SimpleQueue[Any] = SimpleQueue()
        self._clock = clock
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(AT_ONCE)
        self._active = 0
        self._last = clock()

    @property
    def active(self) -> int:
        """How many requests are under way."""
        with self._lock:
            return self._active

    def idle(self) -> float:
        """Seconds since the last request ended, 0 while there is one."""
        with self._lock:
            return 0.0 if self._active else self._clock() - self._last

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Always, in turn: who comes after so many others waits here, the rest in the socket."""
        self._slots.acquire()
        with self._lock:
            self._active += 1
        return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._active -= 1
                self._last = self._clock()
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that went away is nothing to tell; a traceback names no value."""
        if not isinstance(sys.exc_info()[1], OSError):
            log.exception("a request failed")
