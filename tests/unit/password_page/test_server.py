# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as the web server meets it: bytes on a socket; the desk is a thread of the test."""

import http.client
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc.backend import server as servers
from falcot_rtc.backend.server import Server
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.password_page.server import Handler, Job

FORM = b"user=joe&old=one&new=two&again=two&language=de"
TYPED = Form(user="joe", old="one", new="two", again="two", language="de")
HEAD = (
    "POST /password/change HTTP/1.1\r\nHost: falcot.com\r\nOrigin: https://falcot.com\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "X-Forwarded-For: 192.0.2.7, 198.51.100.1\r\n"
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
        self.says = Answer(outcome=Outcome.DONE)
        self.threads = [
            threading.Thread(target=self.server.serve_forever, args=(0.01,)),
            threading.Thread(target=self.work),
        ]
        for thread in self.threads:
            thread.start()

    def work(self) -> None:
        while (job := self.server.jobs.get()) is not None:
            self.seen.append(job)
            job.done.set_result((job.answer or self.says, f"<p>{job.form.user}"))

    def close(self) -> None:
        self.server.shutdown()
        self.server.jobs.put(None)
        for thread in self.threads:
            thread.join()
        self.server.server_close()

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(self.path)
        return connection

    def ask(self, data: bytes) -> bytes:
        with self.connect() as connection:
            connection.sendall(data)
            with connection.makefile("rb") as answer:
                return answer.read()

    def post(self, body: bytes = FORM, head: str = HEAD) -> tuple[int, http.client.HTTPMessage]:
        said = self.ask(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        first, _, rest = said.partition(b"\r\n")
        return int(first.split()[1]), http.client.parse_headers(io.BytesIO(rest))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "s")
    yield desk
    desk.close()


def test_a_form_reaches_the_desk(desk: Desk) -> None:
    status, headers = desk.post()
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    (job,) = desk.seen
    assert (job.form, str(job.address), job.answer) == (TYPED, "198.51.100.1", None)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.LIMITED, 429), (Outcome.WEAK, 422), (Outcome.BUSY, 503),
        (Outcome.UNCERTAIN, 500), (Outcome.MISSING, 422),
    ],
)  # fmt: skip
def test_each_outcome_has_a_status(desk: Desk, outcome: Outcome, status: int) -> None:
    desk.says = Answer(outcome=outcome, seconds=9)
    found, headers = desk.post()
    assert (found, headers["Retry-After"]) == (status, "9")


def test_who_is_refused_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    desk.says = Answer(outcome=Outcome.WRONG)
    assert desk.post()[0] == 403
    assert len(slept) == 1 and 0.3 < slept[0] <= servers.REFUSED_AFTER
    # There is no limit to these: sixteen that wait would be all that the service does.
    assert desk.post(FORM.replace(b"user=joe", b"user=Falcot-rtc-check-1"))[0] == 403
    assert len(slept) == 1


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (b"\x00\xff" * 9, HEAD),
        (b"x=" + b"y" * 9000, HEAD),
        (FORM, HEAD.replace("x-www-form-urlencoded", "json")),
        (FORM, HEAD.replace(", 198.51.100.1", ", joe")),
        (FORM, HEAD.replace("X-Forwarded-For", "X-Other")),
    ],
)
def test_what_is_no_form(desk: Desk, body: bytes, head: str) -> None:
    assert desk.post(body, head)[0] == 400
    assert desk.seen[0].answer == Answer(outcome=Outcome.MALFORMED)


@pytest.mark.parametrize("length", ["", "-1", "9999999999999", "x", "5, 5"])
def test_a_length_that_can_not_be_meant(
    desk: Desk, length: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "SECONDS", 0.2)
    said = desk.ask(f"{HEAD}Content-Length: {length}\r\n\r\n".encode() + FORM)
    assert b" 400 " in said.partition(b"\r\n")[0]


def test_a_form_of_somebody_else_s_page(desk: Desk) -> None:
    assert desk.post(head=HEAD + "Sec-Fetch-Site: cross-site\r\n")[0] == 403
    assert desk.seen[0].answer == Answer(outcome=Outcome.FOREIGN)


def test_other_methods_lead_to_the_page(desk: Desk) -> None:
    assert b"303 See Other" in (said := desk.ask(b"GET /password/change HTTP/1.0\r\n\r\n"))
    assert b"Location: /password/\r\n" in said
    assert b" 501 " in desk.ask(b"PUT /x HTTP/1.0\r\n\r\n")
    assert desk.seen == []
