# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import time

import pytest

from falcot_rtc import tables


def test_a_row_is_a_line_whatever_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show([("joe", "[bold]Phone[/bold] 1.0"), ("a" * 90, "b" * 60)], ("who", "device"))
    head, joe, long = capsys.readouterr().out.splitlines()
    assert head.split() == ["who", "device"]
    assert joe.split() == ["joe", "[bold]Phone[/bold]", "1.0"]
    assert long.split() == ["a" * 90, "b" * 60]


def test_a_moment_is_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert tables.moment(0) == "1970-01-01 01:00:00"
    assert tables.moment(None) == ""
    monkeypatch.undo()
    time.tzset()
