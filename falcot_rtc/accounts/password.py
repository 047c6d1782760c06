# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that people are given, and the judgement of the host's own rules on chosen ones.

pwscore(1) follows /etc/security/pwquality.conf and cracklib's dictionaries, as pam_pwquality does.
"""

from __future__ import annotations

import secrets
from enum import StrEnum

from falcot_rtc.errors import UsageError
from falcot_rtc.host import Host

# Without what is taken for each other on paper and on the phone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, SIZE = 4, 5
LONGEST = 128


class Reason(StrEnum):
    """What is wrong with a chosen password."""

    EMPTY = "empty"
    LONG = "long"
    UNTYPABLE = "untypable"
    WEAK = "weak"


class Unusable(UsageError):
    """A chosen password that can't be used; `reason` is for those who speak other languages."""

    def __init__(self, reason: Reason, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


def generated() -> str:
    """About 99 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(SIZE)) for _ in range(GROUPS))
    return "-".join(groups)


def checked(host: Host, name: str, password: str, *, weak: bool = False) -> str:
    """The password, if it can be used at all and, unless `weak` is allowed, is a good one.

    Unusable otherwise.
    """
    if not password:
        raise Unusable(
            Reason.EMPTY, "user: the password is empty", hint="give one, or use --generate"
        )
    if len(password) > LONGEST:
        raise Unusable(Reason.LONG, f"user: the password is longer than {LONGEST} characters")
    if any(not char.isprintable() for char in password):
        raise Unusable(
            Reason.UNTYPABLE,
            "user: the password has characters that can't be typed",
            hint="standard input holds the password alone, in UTF-8, and at most one line end",
        )
    if not weak:
        done = host.run("pwscore", name, stdin=password.encode(), check=False)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Unusable(
                Reason.WEAK,
                f"user: a weak password: {' '.join(reason).strip()}",
                hint="choose another, use --generate, or insist with --allow-weak",
            )
    return password
