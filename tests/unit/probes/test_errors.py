# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from falcot_rtc.errors import FalcotError
from falcot_rtc.probes.errors import NoAnswer, NoRoute, ProtocolError, Unexpected, Unreachable


def test_unexpected_says_what_was_sent_expected_and_got() -> None:
    error = Unexpected(sent="a request", expected="200", got="403", hint="look there")
    assert str(error) == "sent a request; expected 200; got 403 (hint: look there)"


def test_all_are_operators_errors() -> None:
    for kind in (NoAnswer, NoRoute, ProtocolError, Unreachable, Unexpected):
        assert issubclass(kind, FalcotError)
    assert issubclass(NoRoute, Unreachable)
