# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc.backend import service
from falcot_rtc.backend.server import Exchange, Server
from falcot_rtc.backend.service import Journal, serve


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    server = Server(listener, Exchange)
    yield server
    server.server_close()


def test_it_ends_when_nobody_comes(server: Server) -> None:
    serve(server, lambda job: None, lambda: True, idle=0.0, tick=0.01)
    assert server.active == 0


def test_it_stays_while_there_is_something_to_remember(server: Server) -> None:
    asked: list[bool] = [False, False, True]
    serve(server, lambda job: None, lambda: asked.pop(0), idle=0.0, tick=0.01)
    assert asked == []


def test_jobs_come_in_turn_and_none_ends_it(server: Server) -> None:
    done: list[str] = []
    for job in ("first", "second", None):
        server.jobs.put(job)
    serve(server, done.append, lambda: False)
    assert done == ["first", "second"]


def test_without_a_socket(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "undumped", lambda: None)
    monkeypatch.delenv("LISTEN_PID", raising=False)
    assert service.started(Exchange, "some.socket") is None
    assert "start some.socket" in caplog.text


def test_levels_for_the_journal() -> None:
    def told(level: int, text: str) -> str:
        return Journal("%(message)s").format(logging.LogRecord("", level, "", 0, text, None, None))

    assert told(logging.WARNING, "a") == "<4>a"
    assert told(logging.ERROR, "a\nb") == "<3>a\n<3>b"
    assert told(logging.INFO, "a") == "<6>a"
