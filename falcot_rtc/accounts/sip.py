# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""kamailio's `subscriber` and `dbaliases` tables (auth_db, alias_db), and usrloc's `location`.

Two files, for two owners: subscribers.sqlite is root's and kamailio's group may read it;
location/location.sqlite, with its directory for the journal, is kamailio's own. Were they in one
directory that kamailio may write to, it could replace the passwords, or plant a journal for root.
kamailio holds subscribers.sqlite open, so it is changed in place, by one transaction a call.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
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
_ALIASES = "alias_db"
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
                empty = image(self.schema, "standard", "auth_db", _ALIASES)
                directory.replace(top, SUBSCRIBERS, empty, Node(owner=group, mode=0o640))
        self._add_aliases()
        private = Node(owner=self.kamailio, mode=0o700)
        with directory.opened(self.base, LOCATION.parent.name, make=private) as own:
            if not directory.exists(own, LOCATION.name):
                empty = image(self.schema, "standard", "usrloc")
                directory.replace(own, LOCATION.name, empty, Node(owner=self.kamailio, mode=0o600))

    def _add_aliases(self) -> None:
        """The second table, which early versions did not make."""
        with self._open() as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'dbaliases'").fetchone():
                return
            database.executescript(f"BEGIN; {_scripts(self.schema, _ALIASES)[0]} COMMIT;")

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """By name@domain: HA1, HA1B, then what else can be dialled, each with a domain, sorted."""
        return {
            one.address: (one.ha1, one.ha1b, *(f"{name}@{one.domain}" for name in dialled(one)))
            for one in accounts
        }

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
        """The same of what is there; nothing if there is no file yet."""
        if not (self.base / SUBSCRIBERS).exists():
            return {}
        with self._open() as database:
            rows = {
                f"{name}@{domain}": (ha1, ha1b)
                for name, domain, ha1, ha1b in database.execute(
                    "SELECT username, domain, ha1, ha1b FROM subscriber"
                )
            }
            aliases = defaultdict(list)
            for alias, of, name, domain in database.execute(
                "SELECT alias_username, alias_domain, username, domain FROM dbaliases"
            ):
                aliases[f"{name}@{domain}"].append(f"{alias}@{of}")
        # An alias of nobody is there as well, and no row that ought to be.
        return {
            key: (*rows.get(key, ("", "")), *sorted(aliases[key])) for key in {**rows, **aliases}
        }

    def write(self, changes: Changes) -> None:
        """Carry out `changes` as one transaction."""
        self.prepare()
        with self._open() as database, database:
            for table in ("subscriber", "dbaliases"):
                database.executemany(
                    f"DELETE FROM {table} WHERE username = ? AND domain = ?",
                    [_split(key) for key in changes.keys],
                )
            rows = [(_split(key), row) for key, row in sorted(changes.write.items())]
            database.executemany(
                "INSERT INTO subscriber (username, domain, ha1, ha1b) VALUES (?, ?, ?, ?)",
                [(*address, *row[:2]) for address, row in rows],
            )
            database.executemany(
                "INSERT INTO dbaliases (username, domain, alias_username, alias_domain)"
                " VALUES (?, ?, ?, ?)",
                [(*address, *_split(alias)) for address, row in rows for alias in row[2:]],
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


def dialled(account: Account) -> list[str]:
    """What reaches the person beside the name: aliases in its domain, the number in every one."""
    number = (account.extension,) if account.extension else ()
    return sorted((*number, *account.aliases))


def image(schema: Path, *parts: str) -> bytes:
    """An empty database with the tables of kamailio's own scripts PART-create.sql."""
    with closing(sqlite3.connect(":memory:")) as database:
        for script in _scripts(schema, *parts):
            database.executescript(script)
        return database.serialize()


def _scripts(schema: Path, *parts: str) -> list[str]:
    try:
        return [(schema / f"{part}-create.sql").read_text() for part in parts]
    except OSError as error:
        raise FalcotError(
            f"{error.filename}: {error.strerror}", hint="is kamailio-sqlite-modules installed?"
        ) from error


def _split(key: str) -> tuple[str, str]:
    name, _, domain = key.partition("@")
    return name, domain
