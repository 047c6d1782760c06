# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from falcot_rtc import apply, paths
from falcot_rtc.backend import service
from falcot_rtc.backend.server import Server
from falcot_rtc.password_page import daemon
from falcot_rtc.password_page.daemon import work
from falcot_rtc.password_page.desk import Desk
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.password_page.server import Handler, Job
from tests.unit.fake_host import FakeHost, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
HERE = ip_address("198.51.100.1")
WRONG = Form(user="nobody", old="one", new="two", again="two", language="de")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    return host


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    server = Server(listener, Handler)
    yield server
    server.server_close()


def test_an_answer_comes_with_its_page(host: FakeHost) -> None:
    job = Job(form=WRONG, address=HERE)
    work(host, Desk(host), job)
    answer, text = job.done.result(0)
    assert answer == Answer(outcome=Outcome.WRONG)
    assert '<html lang="de">' in text and 'value="nobody"' in text


def test_an_answer_that_is_there_already(host: FakeHost) -> None:
    job = Job(form=WRONG, answer=Answer(outcome=Outcome.FOREIGN))
    work(host, Desk(host), job)
    assert job.done.result(0)[0].outcome is Outcome.FOREIGN


@pytest.mark.parametrize("settings", ["", "version = 1\nmanage = false\n", "damaged ="])
def test_without_settings_the_web_server_shows_its_own_page(host: FakeHost, settings: str) -> None:
    put(host.root, paths.SETTINGS, settings)
    job = Job(form=WRONG, address=HERE)
    work(host, Desk(host), job)
    assert job.done.result(0) == (Answer(outcome=Outcome.BUSY), "")


def serve(host: FakeHost, desk: Desk, server: Server) -> None:
    service.serve(server, lambda job: work(host, desk, job), desk.may_close, idle=0.0, tick=0.01)


def test_it_goes_on_while_a_failure_is_remembered(host: FakeHost, server: Server) -> None:
    now = [0.0]
    desk = Desk(host, lambda: now[0])
    job = Job(form=WRONG, address=HERE)
    server.jobs.put(job)
    thread = threading.Thread(target=lambda: serve(host, desk, server))
    thread.start()
    job.done.result(10)
    thread.join(0.3)
    assert thread.is_alive()
    now[0] = 4000.0
    thread.join(10)
    assert not thread.is_alive()


def test_what_was_asked_before_the_end_is_answered(host: FakeHost, server: Server) -> None:
    server.jobs.put(None)
    late = Job(form=WRONG, address=HERE)
    server.verify_request(None, None)
    server.jobs.put(late)
    late.done.add_done_callback(lambda _: setattr(server, "_active", 0))
    serve(host, Desk(host), server)
    assert late.done.result(0)[0].outcome is Outcome.WRONG


def test_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "undumped", lambda: None)
    monkeypatch.delenv("LISTEN_PID", raising=False)
    assert daemon.main() == 2
