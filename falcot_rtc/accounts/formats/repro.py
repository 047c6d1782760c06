# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of the SIP proxy repro: rows of its SQL table `users`, or a dump of its Berkeley DB.

Rows need a first line with the columns' names: `mysql --batch repro -e 'SELECT * FROM users'`, or
`psql repro --csv -c 'SELECT * FROM users'`. The dump is what `db5.3_dump` prints of repro's file.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from falcot_rtc.accounts.formats import berkeley, table
from falcot_rtc.accounts.formats.digests import of_ha1
from falcot_rtc.accounts.formats.entry import Entry, Found, Note, Refused
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError

_USED = frozenset({"user", "username", "domain", "realm", "passwordhash", "passwordhashalt"})
# Facts that no server here has a place for.
_OTHER = frozenset({"id", "name", "email", "forwardaddress"})
# NULL as mysql prints it.
_NOTHING = ("", "NULL")


def read(lines: Iterator[Line | Refused]) -> Found:
    """What each row or record says."""
    first = next(lines, None)
    if isinstance(first, Line) and first.text == berkeley.FIRST_LINE:
        yield from _dumped(lines)
        return
    start = () if first is None else (first,)
    try:
        for row in table.rows(itertools.chain(start, lines), _USED | _OTHER, ("user", "username")):
            yield row if isinstance(row, Refused | Note) else _found(row.line, row.values)
    except UsageError as error:
        raise UsageError(
            error.message,
            hint="give rows of the SQL table with their heading, or what db5.3_dump prints",
        ) from error


def _dumped(lines: Iterator[Line | Refused]) -> Found:
    for record in berkeley.records(lines):
        if isinstance(record, Refused):
            yield record
            continue
        try:
            values = berkeley.user(record.value)
        except UsageError as error:
            yield Refused(line=record.line, reason=str(error))
        else:
            yield _found(record.line, values)


def _found(line: int, values: Mapping[str, str]) -> Entry | Refused:
    name = values.get("user", values.get("username", "")).strip()
    domain = values.get("domain", "").strip()
    if domain in _NOTHING:
        reason = "no domain: a log-in to repro's web pages, not a person's"
        return Refused(line=line, name=name, reason=reason)
    realm, ha1 = values.get("realm", ""), values.get("passwordhash", "")
    alternate = values.get("passwordhashalt", "")
    try:
        entry = of_ha1(line, name, domain.lower(), realm, ha1)
        if alternate in _NOTHING or entry.verifier is None:
            return entry
        other = of_ha1(line, name, domain, realm, alternate).verifier
    except UsageError as error:
        return Refused(line=line, name=f"{name}@{domain}", reason=str(error))
    assert other is not None
    made = replace(entry.verifier, login=f"{name}@{domain.lower()}", ha1b=other.ha1)
    return replace(entry, verifier=made)
