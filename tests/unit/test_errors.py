# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import errno

import pytest

from falcot_rtc.errors import FalcotError, UsageError, named, of_system, shown


def test_the_hint_follows_the_message() -> None:
    error = FalcotError("turn: no address", hint="dpkg-reconfigure falcot-rtc")
    assert str(error) == "turn: no address (hint: dpkg-reconfigure falcot-rtc)"
    assert str(FalcotError("turn: no address")) == "turn: no address"


def test_exit_codes() -> None:
    assert (FalcotError.exit_code, UsageError.exit_code) == (1, 2)


def test_wrong_use_is_one_of_the_family() -> None:
    with pytest.raises(FalcotError):
        raise UsageError("x")


def test_what_the_kernel_refuses_names_file_reason_and_way_out() -> None:
    full = of_system(OSError(errno.ENOSPC, "No space left on device", "/var/x"))
    assert str(full).startswith("/var/x: No space left on device (hint: free some space")
    assert full.exit_code == 1
    assert str(of_system(OSError(errno.EROFS, "Read-only file system"))).startswith("Read-only")
    assert str(of_system(OSError(errno.ENOTDIR, "Not a directory", "/x"))) == "/x: Not a directory"
    assert str(of_system(OSError("too many links"))) == "too many links"


def test_values_and_names_stand_on_one_bounded_line() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert shown("x" * 500) == "'" + "x" * 76 + "..."
    # As TOML's 0xfff…: Python refuses to write it as decimal digits.
    assert shown(16**5000) == shown([16**5000]) == "a number of thousands of digits"
    assert named("relay-low") == "relay-low"
    assert named("") == "''"
    assert named("a\u2028b") == "'a\\u2028b'"
    assert len(named("x" * 500)) == 80
