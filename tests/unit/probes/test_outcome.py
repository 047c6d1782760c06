# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from falcot_rtc.probes import outcome
from falcot_rtc.probes.errors import NoAnswer


def test_each_way_to_end_has_its_status() -> None:
    assert outcome.passed("d").status == "ok"
    assert outcome.warned("d", "h").status == "warn"
    assert outcome.skipped("d").status == "skip"
    failure = outcome.failed(NoAnswer("silence", hint="unused"), "look there")
    assert (failure.status, failure.detail, failure.hint) == ("fail", "silence", "look there")
