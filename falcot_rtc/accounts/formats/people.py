# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""people.csv: the columns name or address, password, domain, extension, aliases, state.

Only a name is needed. A column that is there states its value, be it that there is none; one that
is absent leaves everything as it is. Aliases are separated by spaces or semicolons.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.formats import table
from falcot_rtc.accounts.formats.entry import Entry, Found, Note, Refused, address, state
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError

COLUMNS = frozenset({"name", "address", "password", "domain", "extension", "aliases", "state"})


def read(lines: Iterator[Line | Refused]) -> Found:
    """What each row says."""
    for found in table.rows(lines, COLUMNS, ("name", "address")):
        if isinstance(found, Refused | Note):
            yield found
            continue
        try:
            yield _entry(found)
        except UsageError as error:
            name = found.values.get("address") or found.values.get("name", "")
            yield Refused(line=found.line, name=name.strip(), reason=str(error))


def _entry(fields: table.Fields) -> Entry:
    values = fields.values
    text = values.get("address", "").strip() or values.get("name", "")
    name, domain = address(text, values.get("domain", ""))
    password = values.get("password") or None
    if password and password != password.strip():
        # Meant, or from a space behind the delimiter? A wrong guess locks the person out.
        raise UsageError("the password begins or ends with white space")
    aliases = values.get("aliases")
    extension = values.get("extension")
    return Entry(
        line=fields.line,
        name=name,
        domain=domain,
        password=password,
        extension=None if extension is None else extension.strip(),
        aliases=None if aliases is None else tuple(re.findall(r"[^\s;]+", aliases)),
        state=state(values.get("state", "")),
    )


def write(accounts: Iterable[Account]) -> Iterator[str]:
    """The public facts about accounts, a row each."""
    yield row("address", "extension", "aliases", "state")
    for one in accounts:
        yield row(one.address, one.extension or "", " ".join(one.aliases), one.state.value)


def row(*values: str) -> str:
    """One row of such a file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()
