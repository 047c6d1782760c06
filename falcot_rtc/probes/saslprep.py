# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASLprep, the form of user names and passwords that STUN and SCRAM hash; RFC 4013."""

from __future__ import annotations

import stringprep
import unicodedata

from falcot_rtc.probes.errors import ProtocolError

PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str:
    """The prepared string; ProtocolError for what RFC 4013 prohibits."""
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    for char in prepared:
        if any(prohibited(char) for prohibited in PROHIBITED):
            raise ProtocolError(f"character U+{ord(char):04X} is prohibited by SASLprep")
    _check_direction(prepared)
    return prepared


def _check_direction(text: str) -> None:
    if not any(stringprep.in_table_d1(char) for char in text):
        return
    mixed = any(stringprep.in_table_d2(char) for char in text)
    if mixed or not (stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])):
        raise ProtocolError("text mixes writing directions in a way SASLprep prohibits")
