# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C while apply is at work; whatever else may end it is in test_apply.py."""

import os
import signal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from falcot_rtc import apply, paths
from tests.unit.fake_host import FakeHost, fresh
from tests.unit.fake_host import put as put_file
from tests.unit.test_apply import state

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def applied(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda line: None)
    return host


def test_a_second_interrupt_does_not_stop_the_way_back(applied: FakeHost) -> None:
    class Impatient(FakeHost):
        def run(self, *argv: str, **more: Any) -> CompletedProcess[bytes]:
            if argv[:2] == ("systemctl", "restart"):
                # Nothing is raised by the second: it comes while the first is being dealt with.
                os.kill(os.getpid(), signal.SIGINT)
            return super().run(*argv, **more)

    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    before, said = state(applied), list[str]()
    with pytest.raises(KeyboardInterrupt):
        apply.apply(Impatient(applied.root, applied.system), report=said.append)
    assert said[-1] == "interrupted: everything is taken back, please wait"
    assert state(applied) == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
