# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.errors import FalcotError, UsageError


def test_the_hint_follows_the_message() -> None:
    error = FalcotError("turn: no address", hint="dpkg-reconfigure falcot-rtc")
    assert str(error) == "turn: no address (hint: dpkg-reconfigure falcot-rtc)"
    assert str(FalcotError("turn: no address")) == "turn: no address"


def test_exit_codes() -> None:
    assert (FalcotError.exit_code, UsageError.exit_code) == (1, 2)


def test_wrong_use_is_one_of_the_family() -> None:
    with pytest.raises(FalcotError):
        raise UsageError("x")
