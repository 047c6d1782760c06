# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only one account may have: a name or alias in its domain, a number on the whole site."""

from __future__ import annotations

import sqlite3

from falcot_rtc.accounts import names
from falcot_rtc.errors import UsageError


def free_extension(database: sqlite3.Connection, number: str | int | None) -> None:
    """UsageError if `number` is no extension or somebody's; None is always free."""
    if number is None:
        return
    names.extension(str(number))
    holder = database.execute(
        "SELECT name, domain FROM account WHERE extension = ?", (number,)
    ).fetchone()
    if holder is not None:
        raise UsageError(
            f"user: extension {number} belongs to {holder['name']}@{holder['domain']}",
            hint="choose a free number; see: falcot-rtc user list",
        )


def free_name(database: sqlite3.Connection, name: str, domain: str, *, owner: str = "") -> None:
    """UsageError if the name is taken, be it as an alias of anybody but `owner`."""
    found = database.execute(
        "SELECT 1 FROM account WHERE name = ? AND domain = ?", (name, domain)
    ).fetchone()
    if found is not None:
        raise UsageError(
            f"user: {name}@{domain} exists already",
            hint=f"choose another name; its password changes with: falcot-rtc user passwd {name}",
        )
    holder = database.execute(
        "SELECT name FROM alias WHERE alias = ? AND domain = ?", (name, domain)
    ).fetchone()
    if holder is not None and holder["name"] != owner:
        raise UsageError(
            f"user: {name}@{domain} is an alias of {holder['name']}@{domain}",
            hint="choose another name; see: falcot-rtc user list",
        )
