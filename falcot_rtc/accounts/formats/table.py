# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows with named columns (RFC 4180), the first line naming them; a row ends with its line.

A quoted field may not go on in the next line, so that a stray quote costs one row, not the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from falcot_rtc.accounts.formats.entry import Note, Refused
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError, named

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The known columns of one row, by their names in lower case."""

    line: int
    values: Mapping[str, str] = field(repr=False)


def rows(
    lines: Iterator[Line | Refused], known: Collection[str], required: Iterable[str]
) -> Iterator[Fields | Refused | Note]:
    """Each row of the columns `known`; UsageError without a first line that names one `required`.

    The delimiter is the one of comma, semicolon and tab that makes most of the first line.
    """
    first = next(lines, None)
    if not isinstance(first, Line):
        why = "it is empty" if first is None else first.reason
        raise UsageError(f"user: the file has no first line with names of columns: {why}")
    delimiter = max(_DELIMITERS, key=lambda one: len({*_header(first, one)} & {*known}))
    columns = _header(first, delimiter)
    if not {*required} & {*columns}:
        raise UsageError(
            f"user: the first line names no column {' or '.join(required)}",
            hint=f"it must name the columns; known ones: {', '.join(sorted(known))}",
        )
    for name in sorted({*columns}):
        if columns.count(name) > 1 and name in known:
            raise UsageError(f"user: the first line names the column {name} twice")
        if name not in known:
            yield Note(line=first.number, text=f"column {named(name)} is not used")
    for line in lines:
        if isinstance(line, Refused):
            yield line
            continue
        try:
            values = _split(line.text, delimiter)
        except csv.Error as error:
            yield Refused(line=line.number, reason=f"no proper row: {error}")
            continue
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(columns):
            reason = f"{len(values)} fields, but {len(columns)} columns"
            yield Refused(line=line.number, reason=reason)
            continue
        pairs = dict(zip(columns, values, strict=True))
        yield Fields(line=line.number, values={k: pairs[k] for k in columns if k in known})


def _split(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def _header(line: Line, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in _split(line.text, delimiter)]
    except csv.Error:
        return []
