# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over the socket that only the web server may open: one form in, one page out; RFC 9110.

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
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any

from falcot_rtc.password_page import form as forms
from falcot_rtc.password_page.desk import Address
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.password_page.page import PAGE

AT_ONCE = 16
# Of the whole request, and of one line or field of its head: http.client's own are larger.
SECONDS = 10.0
BYTES = 32768
# All who are refused wait until then, whatever it took to find out.
REFUSED_AFTER = 0.5
PATIENCE = 60.0

_STATUS = {
    Outcome.DONE: HTTPStatus.OK,
    Outcome.WRONG: HTTPStatus.FORBIDDEN,
    Outcome.FOREIGN: HTTPStatus.FORBIDDEN,
    Outcome.LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Outcome.MALFORMED: HTTPStatus.BAD_REQUEST,
    Outcome.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Outcome.UNCERTAIN: HTTPStatus.INTERNAL_SERVER_ERROR,
}

log = logging.getLogger("password-page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A form that waits for the desk, or with an answer already for nothing but its page."""

    form: Form
    address: Address | None = None
    answer: Answer | None = None
    done: Future[tuple[Answer, str]] = field(default_factory=Future)


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


class Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server: Server
    server_version = "falcot-rtc"
    sys_version = ""

    def setup(self) -> None:
        self.connection = self.request
        self.rfile = io.BufferedReader(_Incoming(self.connection))
        self.wfile = io.BufferedWriter(_Outgoing(self.connection))

    def do_GET(self) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", PAGE)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        started = time.monotonic()
        job = self._job()
        self.server.jobs.put(job)
        answer, page = job.done.result(PATIENCE)
        if answer.outcome is Outcome.WRONG:
            time.sleep(max(0.0, started + REFUSED_AFTER - time.monotonic()))
        body = page.encode()
        self.send_response(_STATUS.get(answer.outcome, HTTPStatus.UNPROCESSABLE_ENTITY))
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if answer.seconds:
            self.send_header("Retry-After", str(answer.seconds))
        self.end_headers()
        self.wfile.write(body)

    def _job(self) -> Job:
        headers = {name.lower(): value for name, value in self.headers.items()}
        malformed = Job(form=Form(), answer=Answer(outcome=Outcome.MALFORMED))
        try:
            # The last one is our web server's own word; others would be the client's.
            address = ip_address(headers.get("x-forwarded-for", "").rpartition(",")[2].strip())
            size = int(headers.get("content-length", ""))
            # Read even if it is no form: closing over unread bytes would take our answer back.
            body = self.rfile.read(min(max(size, 0), BYTES // 2))
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if not len(body) == size <= forms.LARGEST or kind != forms.TYPE:
                return malformed
            form = forms.parse(body)
        except (ValueError, TimeoutError):
            return malformed
        if not forms.own(headers):
            return Job(form=form, answer=Answer(outcome=Outcome.FOREIGN))
        return Job(form=form, address=address)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the web server's log has every request."""


class _Outgoing(io.RawIOBase):
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._connection.settimeout(SECONDS)
        self._connection.sendall(data)
        return len(data)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Threads read and write; what they read goes to `jobs`, for one desk."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, clock: Callable[[], float] = time.monotonic):
        super().__init__("", Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
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
