# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What db_dump(1) prints of a Berkeley DB file, and the records that repro keeps in one.

repro's records (version 2) begin with that number, then come texts behind their lengths: shorts in
the machine's byte order, which is little-endian wherever Debian had the package but on s390x.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from falcot_rtc.accounts.formats.entry import Refused
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError

FIRST_LINE = "VERSION=3"
_VERSION = 2
_FIELDS = ("user", "domain", "realm", "passwordhash", "name", "email", "forwardaddress")
_ESCAPE = re.compile(rb"\\(\\|[0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The value under one key, and the line on which it was."""

    line: int
    value: bytes = field(repr=False)


def records(lines: Iterator[Line | Refused]) -> Iterator[Record | Refused]:
    """Every value of a dump, whose first line is taken already."""
    printable = in_header = True
    is_value = False
    for line in lines:
        text = line.text if isinstance(line, Line) else ""
        if in_header:
            in_header = text != "HEADER=END"
            printable = text == "format=print" if text.startswith("format=") else printable
        elif text and not text.startswith(" "):
            # DATA=END, and the header of another database of the same file.
            in_header, is_value = True, False
        else:
            if isinstance(line, Refused):
                yield line
            elif is_value:
                try:
                    yield Record(line=line.number, value=_bytes(text[1:], printable))
                except ValueError:
                    yield Refused(line=line.number, reason="no value as db_dump prints it")
            is_value = not is_value


def _bytes(text: str, printable: bool) -> bytes:
    if not printable:
        return bytes.fromhex(text)
    return _ESCAPE.sub(
        lambda code: b"\\" if code[1] == b"\\" else bytes.fromhex(code[1].decode()), text.encode()
    )


def user(value: bytes) -> dict[str, str]:
    """repro's record of a user, its fields named as the columns of repro's SQL table."""
    found, at = {}, 2
    try:
        (version,) = struct.unpack_from("<h", value)
        if version != _VERSION:
            raise UsageError(f"a record of version {version}, not {_VERSION}")
        for name in _FIELDS:
            (length,) = struct.unpack_from("<H", value, at)
            if at + 2 + length > len(value):
                raise UsageError("the record is cut off")
            found[name] = value[at + 2 : at + 2 + length].decode()
            at += 2 + length
    except (struct.error, UnicodeDecodeError) as error:
        raise UsageError(f"not repro's record of a user: {error}") from error
    return found
