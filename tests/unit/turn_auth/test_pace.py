# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.turn_auth.pace import Pace


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_fills_it_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.admits("joe", 30) for _ in range(32)] == [True] * 30 + [False] * 2
    clock.now += 2.1
    assert [pace.admits("joe", 30) for _ in range(2)] == [True, False]
    assert pace.admits("jane", 30)
    clock.now += 600
    assert [pace.admits("joe", 30) for _ in range(31)] == [True] * 30 + [False]
    # One line for each time that somebody goes on and on.
    said = [record.getMessage() for record in caplog.records]
    assert said == ["more than 30 log-ins of joe a minute: refused"] * 2


@given(st.integers(1, 40), st.lists(st.floats(0, 120), min_size=1, max_size=200))
def test_no_minute_has_more_than_two_fillings(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    pace = Pace(clock)
    judged = []
    for pause in pauses:
        clock.now += pause
        if pace.admits("joe", per_minute):
            judged.append(clock.now)
    assert judged
    for begin in judged:
        within = [moment for moment in judged if begin <= moment < begin + 60]
        assert len(within) <= 2 * per_minute
