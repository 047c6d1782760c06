# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every service behind the web server bears; test_server.py of password_page has more."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import pytest

from falcot_rtc.backend import server as servers
from falcot_rtc.backend.server import Exchange, Server


class Echo(Exchange):
    """Says the body back."""

    def do_POST(self) -> None:
        try:
            body = self.body(self.fields(), 100)
        except (ValueError, TimeoutError):
            body = b""
        self.send_response(HTTPStatus.OK if body else HTTPStatus.BAD_REQUEST)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen(64)
    server = Server(listener, Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield tmp_path / "s"
    server.shutdown()
    thread.join()
    server.server_close()


def connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def ask(path: Path, data: bytes) -> bytes:
    with connect(path) as connection:
        connection.sendall(data)
        with connection.makefile("rb") as answer:
            return answer.read()


def post(path: Path, body: bytes = b"hello") -> bytes:
    return ask(path, b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def test_one_request_a_connection(path: Path) -> None:
    said = post(path)
    assert b" 200 OK\r\n" in said and said.endswith(b"\r\n\r\nhello")
    assert b"Server: falcot-rtc" in said and b"Python" not in said


def test_a_body_that_is_too_long(path: Path) -> None:
    assert b" 400 " in post(path, b"x" * 101)


@pytest.mark.parametrize(
    "junk",
    [b"", b"\r\n", b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/1.0\r\n" + b"a: b\r\n" * 9999],
)
def test_junk_harms_nobody(path: Path, junk: bytes) -> None:
    with connect(path) as connection:
        connection.sendall(junk)
        connection.shutdown(socket.SHUT_WR)
    assert post(path).endswith(b"hello")


def test_a_slow_one_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SECONDS", 0.2)
    said = ask(path, b"POST / HTTP/1.0\r\nContent-Length: 40\r\n\r\nuser=")
    assert b" 400 " in said.partition(b"\r\n")[0]
    assert ask(path, b"POST /password/cha") == b""


def test_more_than_its_threads_wait_in_turn(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SECONDS", 0.5)
    silent = [connect(path) for _ in range(servers.AT_ONCE)]
    with ThreadPoolExecutor(8) as pool:
        found = [future.result()[-5:] for future in [pool.submit(post, path) for _ in range(40)]]
    assert found == [b"hello"] * 40
    for connection in silent:
        connection.close()


def test_idle_time_counts_from_the_last_request(tmp_path: Path) -> None:
    now = [100.0]
    listener = socket.socket(socket.AF_UNIX)
    server = Server(listener, Echo, clock=lambda: now[0])
    now[0] = 130.0
    assert server.idle() == 30.0
    assert server.verify_request(None, None)
    assert (server.active, server.idle()) == (1, 0.0)
    server.server_close()
