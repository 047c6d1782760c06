# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions about the administrator's account."""

from __future__ import annotations

from falcot_rtc.policies.accounts import QUESTIONS


def test_the_password_has_no_place_in_the_settings() -> None:
    name, password = QUESTIONS
    assert name.key == "admin"
    assert password.type == "password"
    assert password.key == ""
