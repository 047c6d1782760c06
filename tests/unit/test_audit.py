# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import syslog

import pytest

from falcot_rtc import audit


def test_a_line_stays_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, str]] = []
    monkeypatch.setattr(syslog, "syslog", lambda *row: said.append(row))
    audit.note("added joe\nforged line")
    assert said == [(syslog.LOG_NOTICE, "added joe\\nforged line")]


def test_somebody_did_it() -> None:
    assert audit.who()
