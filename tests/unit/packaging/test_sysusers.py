# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from falcot_rtc.packaging.sysusers import sysusers
from falcot_rtc.policies import ALL


def test_one_line_for_each_user() -> None:
    lines = [line for line in sysusers(ALL).splitlines() if not line.startswith("#")]
    assert lines == [
        'u _falcot-rtc-turn - "falcot-rtc TURN authentication"',
        'u _falcot-rtc-phone - "falcot-rtc web phone credentials"',
    ]
