# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as the web server meets it; the desk is a thread of the test."""

import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc.backend import server as servers
from falcot_rtc.backend.server import Server
from falcot_rtc.phone_desk import wish
from falcot_rtc.phone_desk.server import Handler, Job
from falcot_rtc.phone_desk.wish import Answer, Login, Renew

HEAD = (
    "POST /phone/api/{} HTTP/1.1\r\nHost: falcot.com\r\nOrigin: https://falcot.com\r\n"
    "Content-Type: application/json\r\nX-Forwarded-For: 198.51.100.1\r\n"
)


class Desk:
    """Takes every job, and answers as told."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(64)
        self.server = Server(listener, Handler)
        self.seen: list[Job] = []
        self.says = Answer(status=200, body={"a": "ü"})
        self.threads = [
            threading.Thread(target=self.server.serve_forever, args=(0.01,)),
            threading.Thread(target=self.work),
        ]
        for thread in self.threads:
            thread.start()

    def work(self) -> None:
        while (job := self.server.jobs.get()) is not None:
            self.seen.append(job)
            job.done.set_result(self.says)

    def close(self) -> None:
        self.server.shutdown()
        self.server.jobs.put(None)
        for thread in self.threads:
            thread.join()
        self.server.server_close()

    def ask(self, head: str, body: bytes = b"") -> tuple[int, http.client.HTTPMessage, Any]:
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.path)
            connection.sendall(f"{head}{length}\r\n".encode() + body)
            with connection.makefile("rb") as answer:
                said = answer.read()
        first, _, rest = said.partition(b"\r\n")
        content = rest.partition(b"\r\n\r\n")[2]
        headers = http.client.parse_headers(io.BytesIO(rest))
        return int(first.split()[1]), headers, json.loads(content) if content else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "s")
    yield desk
    desk.close()


def test_a_request_reaches_the_desk(desk: Desk) -> None:
    status, headers, body = desk.ask(HEAD.format("login"), b'{"user": "joe", "password": "x"}')
    assert (status, headers["Content-Type"], body) == (200, "application/json", {"a": "ü"})
    assert "Access-Control-Allow-Origin" not in headers
    (job,) = desk.seen
    assert isinstance(job.wish, Login) and job.wish.user == "joe"
    desk.ask(HEAD.format("renew") + "Authorization: Bearer abc\r\n")
    assert desk.seen[1].wish == Renew(token="abc")


def test_what_another_site_s_page_may_read(desk: Desk) -> None:
    desk.says = wish.limited(9, "https://www.falcot.com")
    status, headers, body = desk.ask(HEAD.format("call/sales"))
    assert (status, headers["Retry-After"]) == (429, "9")
    assert body == {"error": "limited", "seconds": 9}
    assert headers["Access-Control-Allow-Origin"] == "https://www.falcot.com"
    assert headers["Vary"] == "Origin"
    desk.says = Answer(status=204, allowed="https://www.falcot.com")
    status, headers, body = desk.ask(HEAD.format("call/sales").replace("POST", "OPTIONS"))
    assert (status, headers["Access-Control-Allow-Methods"], body) == (204, "POST", None)


def test_who_is_refused_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    desk.says = wish.REFUSED
    status, _, body = desk.ask(HEAD.format("login"), b'{"user": "joe", "password": "x"}')
    assert (status, body) == (401, {"error": "refused"})
    assert len(slept) == 1 and 0.3 < slept[0] <= servers.REFUSED_AFTER


def test_a_token_that_is_none_keeps_nobody_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no limit to them: sixteen that wait would be all that the service does."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    desk.says = wish.REFUSED
    for field in ("Authorization: Bearer x\r\n", "Authorization: Basic x\r\n", ""):
        status, _, body = desk.ask(HEAD.format("renew") + field)
        assert (status, body) == (401, {"error": "refused"})
    assert slept == []


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (HEAD.format("login"), b"x" * 5000, 400),
        (HEAD.format("login"), b"{", 400),
        (HEAD.format("nothing"), b"", 404),
        (HEAD.format("login").replace("POST", "GET"), b"", 405),
        (HEAD.format("login").replace("POST", "HEAD"), b"", 405),
        (HEAD.format("login").replace("Origin", "X"), b"{}", 403),
        (HEAD.format("login") + "Content-Length: x\r\n", b"", 400),
    ],
)
def test_what_never_reaches_it(desk: Desk, head: str, body: bytes, status: int) -> None:
    assert desk.ask(head, body)[0] == status
    assert desk.seen == []
