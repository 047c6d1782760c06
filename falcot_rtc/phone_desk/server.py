# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as docs/web-phone-api.md has them, over the socket that only the web server may open."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus

from falcot_rtc.backend.server import PATIENCE, Exchange
from falcot_rtc.phone_desk import wish as wishes
from falcot_rtc.phone_desk.wish import Answer, Login, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request that waits for the desk."""

    wish: Wish
    done: Future[Answer] = field(default_factory=Future)


class Handler(Exchange):
    def do_POST(self) -> None:
        answer = self._answer()
        body = b"" if answer.status == HTTPStatus.NO_CONTENT else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        if body:
            self.send_header("Content-Type", wishes.TYPE)
        self.send_header("Content-Length", str(len(body)))
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        if answer.seconds:
            self.send_header("Retry-After", str(answer.seconds))
        if answer.allowed:
            self.send_header("Access-Control-Allow-Origin", answer.allowed)
            self.send_header("Access-Control-Allow-Methods", "POST")
            self.send_header("Access-Control-Allow-Headers", "content-type")
            self.send_header("Access-Control-Max-Age", "600")
        self.send_header("Vary", "Origin")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = do_POST

    def _answer(self) -> Answer:
        headers = self.fields()
        try:
            body = self.body(headers, wishes.LARGEST) if "content-length" in headers else b""
        except (ValueError, TimeoutError):
            return wishes.MALFORMED
        wish = wishes.parse(self.command, self.path, headers, body)
        if isinstance(wish, Answer):
            return wish
        job = Job(wish=wish)
        self.server.jobs.put(job)
        answer = job.done.result(PATIENCE)
        # Only a log-in has something to hide, and a limit: who waits keeps others waiting in turn.
        if answer is wishes.REFUSED and isinstance(wish, Login):
            self.wait_as_refused()
        return answer
