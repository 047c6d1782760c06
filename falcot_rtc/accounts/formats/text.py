# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a file that anybody may have written: UTF-8, one row each, none of them huge."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from falcot_rtc.accounts.formats.entry import Refused
from falcot_rtc.errors import UsageError

# Bytes; ten times what a person's row with everything in it takes.
MAX_LENGTH = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line without its end, counted from 1."""

    number: int
    text: str = field(repr=False)


def lines(stream: BinaryIO) -> Iterator[Line | Refused]:
    """Every line that is not empty; UsageError if the whole file is of another encoding."""
    number = 0
    while raw := stream.readline(MAX_LENGTH + 1):
        number += 1
        if len(raw) > MAX_LENGTH and not raw.endswith(b"\n"):
            while (rest := stream.readline(MAX_LENGTH)) and not rest.endswith(b"\n"):
                pass
            yield Refused(line=number, reason=f"longer than {MAX_LENGTH} bytes")
            continue
        if number == 1:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UsageError(
                    "user: the file is UTF-16", hint="convert it: iconv -f UTF-16 -t UTF-8 FILE"
                )
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            text = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            yield Refused(
                line=number,
                reason=f"not UTF-8: byte 0x{raw[error.start]:02x} at column {error.start + 1}"
                " (hint: convert the file with iconv)",
            )
            continue
        if text.strip():
            yield Line(number=number, text=text)
