# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare a password as every server here does before hashing: SASLprep, RFC 4013 (RFC 3454).

What prosody (through ICU) refuses is refused here. Characters newer than Unicode 3.2, emoji for
example, pass as they do there, except where the result depends on the library's Unicode version.
"""

from __future__ import annotations

import stringprep
import unicodedata

from falcot_rtc.errors import UsageError


def _is_unsettled(char: str) -> bool:
    """Newer than Unicode 3.2, and unassigned, a combining mark or of a right-to-left script."""
    if not stringprep.in_table_a1(char):
        return False
    category = unicodedata.category(char)
    return category == "Cn" or category.startswith("M") or _is_right_to_left(char)


def _is_right_to_left(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")


_PROHIBITED = (
    (stringprep.in_table_c21_c22, "a control character"),
    (stringprep.in_table_c3, "a private-use character"),
    (stringprep.in_table_c4, "a code point that is no character"),
    (stringprep.in_table_c5, "a surrogate code point"),
    (stringprep.in_table_c6, "a character inappropriate for plain text"),
    (stringprep.in_table_c7, "a character inappropriate for canonical representation"),
    (stringprep.in_table_c8, "a character that changes display properties"),
    (stringprep.in_table_c9, "a tagging character"),
    (_is_unsettled, "a character too new to mean the same everywhere"),
)


def saslprep(password: str) -> str:
    """The prepared form of `password`; UsageError, which never quotes it, if there is none."""
    if password.isascii() and password.isprintable() and password:
        return password
    # A zero-width space is in both tables: C.1.2, the space, comes first, as in ICU.
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in password
        if stringprep.in_table_c12(char) or not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    for char in prepared:
        _refuse_prohibited(char)
    _refuse_mixed_direction(prepared)
    if not prepared:
        raise UsageError("password: it is empty", hint="give at least one visible character")
    return prepared


def _refuse_prohibited(char: str) -> None:
    for prohibited, kind in _PROHIBITED:
        if prohibited(char):
            raise UsageError(
                f"password: it contains {kind}, U+{ord(char):04X}",
                hint="use letters, digits, spaces and punctuation; RFC 4013 (SASLprep) decides",
            )


def _refuse_mixed_direction(prepared: str) -> None:
    """RFC 3454 section 6: right-to-left text begins and ends so, and has no left-to-right part."""
    if not any(_is_right_to_left(char) for char in prepared):
        return
    ends = _is_right_to_left(prepared[0]) and _is_right_to_left(prepared[-1])
    if not ends or any(unicodedata.bidirectional(char) == "L" for char in prepared):
        raise UsageError(
            "password: it mixes right-to-left and left-to-right characters",
            hint="use one direction, with right-to-left letters first and last; see RFC 4013",
        )
