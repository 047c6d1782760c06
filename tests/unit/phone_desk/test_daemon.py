# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc.backend import service
from falcot_rtc.phone_desk import daemon
from falcot_rtc.phone_desk.desk import Desk
from falcot_rtc.phone_desk.house import Reader
from falcot_rtc.phone_desk.server import Job
from falcot_rtc.phone_desk.wish import BUSY, Renew


def test_a_job_is_answered(tmp_path: Path) -> None:
    job = Job(wish=Renew(token="x"))
    daemon.work(Desk(Reader(tmp_path / "a", tmp_path / "b")), job)
    assert job.done.result(0) is BUSY


def test_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "undumped", lambda: None)
    monkeypatch.delenv("LISTEN_PID", raising=False)
    assert daemon.main() == 2
