# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error family that operators see; only the CLI turns it into an exit code."""

from __future__ import annotations

import errno


class FalcotError(Exception):
    """An operation failed; `hint` is what a tired administrator can do about it at night."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} (hint: {self.hint})" if self.hint else self.message


class UsageError(FalcotError):
    """What was asked for cannot be meant: a bad argument, setting or answer."""

    exit_code = 2


SYSTEM_HINTS = {
    errno.ENOSPC: "free some space there (df -h), then do it again",
    errno.EDQUOT: "free some space there (quota), then do it again",
    errno.EROFS: "mount it writable, then do it again",
    errno.EIO: "the disk is failing: see dmesg",
}


def of_system(error: OSError) -> FalcotError:
    """What the kernel refused, as an operator needs it: which file, why, and a way out."""
    reason = error.strerror or str(error)
    message = f"{error.filename}: {reason}" if error.filename else reason
    return FalcotError(message, hint=SYSTEM_HINTS.get(error.errno or 0, ""))


def shown(value: object) -> str:
    """The value as an error names it: on one line, and not longer than 80 characters."""
    try:
        text = repr(value)
    except ValueError:  # sys.set_int_max_str_digits(); TOML's hexadecimal numbers know no limit
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else text[:77] + "..."


def named(name: str) -> str:
    """A key, option or file name as an error names it: as it is, if it can stand on one line."""
    return name if name.isprintable() and 0 < len(name) <= 80 else shown(name)
