# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C and its like while apply is at work; whatever else may end it is in test_apply.py."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from falcot_rtc import apply, interrupts, paths
from tests.unit.fake_host import FakeHost, fresh
from tests.unit.fake_host import put as put_file
from tests.unit.test_apply import state

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def applied(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda line: None)
    return host


@pytest.fixture
def heeded() -> Iterator[None]:
    """A shell ignores SIGINT for what it runs in the background, perhaps these tests."""
    defaults = (signal.SIG_DFL, signal.default_int_handler, signal.SIG_DFL)
    before = [signal.signal(*one) for one in zip(interrupts.ENDINGS, defaults, strict=True)]
    yield
    for one in zip(interrupts.ENDINGS, before, strict=True):
        signal.signal(*one)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("gone", [False, True], ids=["read", "unread"])
def test_a_second_interrupt_does_not_stop_the_way_back(
    applied: FakeHost, ending: signal.Signals, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(FakeHost):
        def run(self, *argv: str, **more: Any) -> CompletedProcess[bytes]:
            if argv[:2] == ("systemctl", "restart"):
                # Nothing is raised by the second: it comes while the first is being dealt with.
                os.kill(os.getpid(), ending)
            return super().run(*argv, **more)

    said, noted = list[str](), list[str]()

    def report(line: str) -> None:
        if gone and line.startswith("interrupted"):
            raise OSError(5, "Input/output error")
        said.append(line)

    monkeypatch.setattr("falcot_rtc.audit.note", noted.append)
    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    before = state(applied)
    handlers = [signal.getsignal(one) for one in interrupts.ENDINGS]
    with pytest.raises(KeyboardInterrupt):
        apply.apply(Impatient(applied.root, applied.system), report=report)
    assert (noted if gone else said)[-1] == "interrupted: everything is taken back, please wait"
    assert state(applied) == before
    assert [signal.getsignal(one) for one in interrupts.ENDINGS] == handlers


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup(1)."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.raised():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
