# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""kamailio's `subscriber` table (auth_db module), and the empty `location` table of usrloc.

Two files, for two owners: subscribers.sqlite is root's and kamailio's group may read it;
location/location.sqlite, with its directory for the journal, is kamailio's own. Were they in one
directory that kamailio may write to, it could replace the passwords, or plant a journal for root.
kamailio holds subscribers.sqlite open, so it is changed in place, by one transaction a call.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.accounts import directory
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import AS_IS, Node, Owner
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.errors import FalcotError

SUBSCRIBERS = "subscribers.sqlite"
LOCATION = Path("location") / "location.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class SipProjection:
    """The files below `base` (an existing directory), in the schema that kamailio ships.

    `schema` is /usr/share/kamailio/db_sqlite; `writer` owns what kamailio only reads.
    """

    base: Path
    schema: Path
    kamailio: Owner
    writer: Owner = AS_IS
    name: str = "sip"

    def prepare(self) -> None:
        """Make both files where they are missing, with the owners and modes they need."""
        group = Owner(uid=self.writer.uid, gid=self.kamailio.gid)
        with directory.opened(self.base.parent, self.base.name) as top:
            directory.own(top, Node(owner=group, mode=0o750))
            if not directory.exists(top, SUBSCRIBERS):
                empty = image(self.schema, "standard", "auth_db")
                directory.replace(top, SUBSCRIBERS, empty, Node(owner=group, mode=0o640))
        private = Node(owner=self.kamailio, mode=0o700)
        with directory.opened(self.base, LOCATION.parent.name, make=private) as own:
            if not directory.exists(own, LOCATION.name):
                empty = image(self.schema, "standard", "usrloc")
                directory.replace(own, LOCATION.name, empty, Node(owner=self.kamailio, mode=0o600))

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """HA1 and HA1B by name@domain."""
        return {one.address: (one.ha1, one.ha1b) for one in accounts}

    def keys(self, name: str, domain: str) -> frozenset[str]:
        return frozenset((f"{name}@{domain}",))

    @property
    def begun(self) -> bool:
        """Whether there is a user; prepare() makes a file without any."""
        if not (self.base / SUBSCRIBERS).exists():
            return False
        with self._open() as database:
            found = database.execute("SELECT 1 FROM subscriber LIMIT 1").fetchone()
        return found is not None

    def read(self) -> Mapping[str, Row]:
        """HA1 and HA1B by name@domain; nothing if there is no file yet."""
        if not (self.base / SUBSCRIBERS).exists():
            return {}
        with self._open() as database:
            return {
                f"{name}@{domain}": (ha1, ha1b)
                for name, domain, ha1, ha1b in database.execute(
                    "SELECT username, domain, ha1, ha1b FROM subscriber"
                )
            }

    def write(self, changes: Changes) -> None:
        """Carry out `changes` as one transaction."""
        self.prepare()
        with self._open() as database, database:
            database.executemany(
                "DELETE FROM subscriber WHERE username = ? AND domain = ?",
                [_split(key) for key in changes.keys],
            )
            database.executemany(
                "INSERT INTO subscriber (username, domain, ha1, ha1b) VALUES (?, ?, ?, ?)",
                [(*_split(key), *row) for key, row in sorted(changes.write.items())],
            )

    def _open(self) -> closing[sqlite3.Connection]:
        path = self.base / SUBSCRIBERS
        try:
            database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=10)
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA secure_delete = ON")
            database.execute("SELECT ha1b FROM subscriber LIMIT 1")
        except sqlite3.Error as error:
            raise FalcotError(
                f"{path}: not kamailio's user table: {error}",
                hint="remove the file, run falcot-rtc apply, and restart kamailio",
            ) from error
        return closing(database)


def image(schema: Path, *parts: str) -> bytes:
    """An empty database with the tables of kamailio's own scripts PART-create.sql."""
    try:
        scripts = [(schema / f"{part}-create.sql").read_text() for part in parts]
    except OSError as error:
        raise FalcotError(
            f"{error.filename}: {error.strerror}", hint="is kamailio-sqlite-modules installed?"
        ) from error
    with closing(sqlite3.connect(":memory:")) as database:
        for script in scripts:
            database.executescript(script)
        return database.serialize()


def _split(key: str) -> tuple[str, str]:
    name, _, domain = key.partition("@")
    return name, domain
