# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""users.sqlite for falcot-rtc-turn-auth: keys of long-term users, and the secrets of minters.

The file is made anew and renamed into place, never changed: the daemon reads one consistent state
without locks (falcot_rtc.turn_auth.users).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from falcot_rtc.accounts import directory
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import AS_IS, Node, Owner
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.turn_auth.lookup import Directory, Secret
from falcot_rtc.turn_auth.users import parse

USERS = "users.sqlite"

# No account's name has a '#'.
_REALM = "#realm"
_TTL = "#ttl"
_SECRET = "#secret "

_SCHEMA = """
CREATE TABLE parameters (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE secrets (valid_from INTEGER PRIMARY KEY, secret TEXT NOT NULL);
CREATE TABLE users (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnProjection:
    """users.sqlite in `base` (an existing directory), for the group `reader` of the daemon.

    `ttl` is the life in seconds of every credential minted with `secrets`, which is what tells
    from the expiry in its name which of them was valid when it was minted.
    """

    base: Path
    domain: str
    realm: str
    ttl: int
    secrets: tuple[Secret, ...] = field(repr=False)
    reader: Owner
    writer: Owner = AS_IS
    name: str = "turn"

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """Keys by user name: name@domain for all, the bare name too in `domain`, the first."""
        rows = {_REALM: (self.realm,), _TTL: (str(self.ttl),)}
        rows |= {f"{_SECRET}{one.valid_from}": (one.secret,) for one in self.secrets}
        for one in accounts:
            if one.realm != self.realm:
                continue
            rows[one.address] = (one.ha1b,)
            if one.domain == self.domain:
                rows[one.name] = (one.ha1,)
        return rows

    def read(self) -> Mapping[str, Row]:
        """Everything in the file; nothing if it is missing or no file of ours, to be made anew."""
        try:
            with directory.opened(self.base.parent, self.base.name) as top:
                found = parse(directory.read(top, USERS))
        except (FileNotFoundError, sqlite3.Error, LookupError, TypeError, ValueError):
            return {}
        return _rows(found)

    def write(self, changes: Changes) -> None:
        """Replace the file by one with `changes` carried out."""
        rows = {key: row for key, row in self.read().items() if key not in changes.remove}
        rows |= changes.write
        group = Owner(uid=self.writer.uid, gid=self.reader.gid)
        with directory.opened(self.base.parent, self.base.name) as top:
            directory.own(top, Node(owner=group, mode=0o750))
            directory.replace(top, USERS, _image(rows), Node(owner=group, mode=0o640))


def _rows(found: Directory) -> Mapping[str, Row]:
    rows = {_REALM: (found.realm,), _TTL: (str(found.ttl),)}
    rows |= {f"{_SECRET}{one.valid_from}": (one.secret,) for one in found.secrets}
    return rows | {name: (key,) for name, key in found.keys.items()}


def _image(rows: Mapping[str, Row]) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_SCHEMA)
        for key, (value,) in sorted(rows.items()):
            if key.startswith(_SECRET):
                database.execute("INSERT INTO secrets VALUES (?, ?)", (int(key.split()[1]), value))
            elif key.startswith("#"):
                database.execute("INSERT INTO parameters VALUES (?, ?)", (key[1:], value))
            else:
                database.execute("INSERT INTO users VALUES (?, ?)", (key, value))
        database.commit()
        return database.serialize()
