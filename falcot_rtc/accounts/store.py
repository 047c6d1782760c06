# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one truth about accounts: accounts.sqlite, which knows what servers store and no password.

SQLite's rollback journal with synchronous=FULL: a change is on disk before it is projected.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from falcot_rtc.accounts import hashes, names
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.errors import FalcotError, UsageError

VERSION = 1

_SCHEMA = """
CREATE TABLE account (
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    realm TEXT NOT NULL,
    ha1 TEXT NOT NULL,
    ha1b TEXT NOT NULL,
    scram_kind TEXT NOT NULL,
    salt TEXT NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key TEXT NOT NULL,
    server_key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    extension TEXT UNIQUE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (domain, name)
) WITHOUT ROWID;
CREATE TABLE counter (generation INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""


class AccountStore:
    """The open store; every method that changes it is one transaction and one generation."""

    __slots__ = ("_database", "_path")

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, made with mode 0600 if absent; FalcotError if unusable."""
        self._path = path
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._database = sqlite3.connect(path, isolation_level=None, timeout=10)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise self._unusable(error) from error

    def __enter__(self) -> AccountStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; the store is of no further use."""
        self._database.close()

    @property
    def generation(self) -> int:
        """How many changes this store has seen."""
        return int(self._database.execute("SELECT generation FROM counter").fetchone()[0])

    def add(
        self,
        name: str,
        domain: str,
        *,
        realm: str,
        password: str,
        kind: ScramKind = ScramKind.SHA1,
        extension: str | None = None,
        reserved: bool = False,
    ) -> Account:
        """A new, active account; UsageError if there is one or a value can't be meant."""
        names.local_part(name, reserved=reserved)
        if extension is not None:
            names.extension(extension)
        columns = _hashed(name, domain, realm, password, kind)
        now = int(time.time())
        with self._change() as generation:
            if self._row(name, domain) is not None:
                raise UsageError(
                    f"user: {name}@{domain} exists already",
                    hint=f"set its password with: falcot-rtc user password {name}@{domain}",
                )
            self._free_extension(extension)
            columns |= {"name": name, "domain": domain, "state": State.ACTIVE.value}
            columns |= {"extension": extension, "created": now, "generation": generation}
            self._database.execute(
                f"INSERT INTO account ({', '.join(columns)})"
                f" VALUES ({', '.join(':' + column for column in columns)})",
                columns,
            )
        return self.get(name, domain)

    def set_password(
        self, name: str, domain: str, *, realm: str, password: str, kind: ScramKind = ScramKind.SHA1
    ) -> Account:
        """Replace every hash of the account (also to change its realm or kind of SCRAM)."""
        return self._update(name, domain, _hashed(name, domain, realm, password, kind))

    def set_state(self, name: str, domain: str, state: State) -> Account:
        """Let the account in, or keep it out everywhere."""
        return self._update(name, domain, {"state": state.value})

    def set_extension(self, name: str, domain: str, extension: str | None) -> Account:
        """Give the account the number by which phones dial it, or take it away."""
        if extension is not None:
            names.extension(extension)
        return self._update(name, domain, {"extension": extension})

    def delete(self, name: str, domain: str) -> None:
        """Forget the account; UsageError if there is none."""
        with self._change():
            self._existing(name, domain)
            self._database.execute(
                "DELETE FROM account WHERE name = ? AND domain = ?", (name, domain)
            )

    def sweep(self, prefix: str = names.RESERVED_PREFIX, *, older_than: int = 0) -> int:
        """Delete the reserved accounts named `prefix`... made `older_than` seconds ago or earlier.

        Returns how many; ValueError if `prefix` would take in a person's account.
        """
        if not prefix.startswith(names.RESERVED_PREFIX):
            raise ValueError(f"{prefix!r} is not below the reserved prefix")
        found = (
            "FROM account WHERE substr(name, 1, ?) = ? AND created <= ?",
            (len(prefix), prefix, int(time.time()) - older_than),
        )
        if not self._database.execute("SELECT 1 " + found[0], found[1]).fetchone():
            return 0
        with self._change():
            return self._database.execute("DELETE " + found[0], found[1]).rowcount

    def get(self, name: str, domain: str) -> Account:
        """The account, reserved or not; UsageError if there is none."""
        return _account(self._existing(name, domain))

    def find(self, name: str, domain: str) -> Account | None:
        """The account, reserved or not, or None."""
        row = self._row(name, domain)
        return None if row is None else _account(row)

    def accounts(self, *, reserved: bool = False) -> tuple[Account, ...]:
        """All accounts by domain and name; those of checks only with `reserved`."""
        rows = self._database.execute("SELECT * FROM account ORDER BY domain, name")
        return tuple(one for one in map(_account, rows) if reserved or not one.reserved)

    def _prepare(self) -> None:
        database = self._database
        database.row_factory = sqlite3.Row
        for pragma in ("journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN IMMEDIATE")
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
        if version not in (0, VERSION):
            database.close()
            raise FalcotError(
                f"{self._path}: version {version} of the account store is unknown here",
                hint="it was written by a newer falcot-rtc: upgrade this one",
            )

    @contextmanager
    def _change(self) -> Iterator[int]:
        """One transaction, at the generation that is yielded; any error undoes it."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            with self._database:
                self._database.execute("UPDATE counter SET generation = generation + 1")
                yield self.generation
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _update(self, name: str, domain: str, columns: dict[str, str | int | None]) -> Account:
        with self._change() as generation:
            row = self._existing(name, domain)
            if columns.get("extension") != row["extension"]:
                self._free_extension(columns.get("extension"))
            columns = {**columns, "generation": generation}
            self._database.execute(
                f"UPDATE account SET {', '.join(f'{column} = :{column}' for column in columns)}"
                " WHERE name = :name AND domain = :domain",
                {**columns, "name": name, "domain": domain},
            )
        return self.get(name, domain)

    def _free_extension(self, extension: str | int | None) -> None:
        holder = self._database.execute(
            "SELECT name, domain FROM account WHERE extension = ?", (extension,)
        ).fetchone()
        if holder is not None:
            raise UsageError(
                f"user: extension {extension} belongs to {holder['name']}@{holder['domain']}",
                hint="choose a free number; see: falcot-rtc user list",
            )

    def _row(self, name: str, domain: str) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._database.execute(
            "SELECT * FROM account WHERE name = ? AND domain = ?", (name, domain)
        ).fetchone()
        return found

    def _existing(self, name: str, domain: str) -> sqlite3.Row:
        row = self._row(name, domain)
        if row is None:
            raise UsageError(f"user: there is no {name}@{domain}", hint="see: falcot-rtc user list")
        return row

    def _unusable(self, error: Exception) -> FalcotError:
        return FalcotError(
            f"{self._path}: the account store is not usable: {error}",
            hint="run as root; if the file is damaged, restore it from a backup",
        )


def _hashed(
    name: str, domain: str, realm: str, password: str, kind: ScramKind
) -> dict[str, str | int | None]:
    # prosody's own salts are UUIDs in text form; it hashes the text.
    scram = hashes.scram(password, salt=str(uuid4()), iterations=hashes.ITERATIONS, kind=kind)
    return {
        "realm": realm,
        "ha1": hashes.ha1(name, realm, password),
        "ha1b": hashes.ha1b(name, domain, realm, password),
        "scram_kind": scram.kind.value,
        "salt": scram.salt,
        "iterations": scram.iterations,
        "stored_key": scram.stored_key,
        "server_key": scram.server_key,
        "updated": int(time.time()),
    }


def _account(row: sqlite3.Row) -> Account:
    return Account(
        name=row["name"],
        domain=row["domain"],
        realm=row["realm"],
        ha1=row["ha1"],
        ha1b=row["ha1b"],
        scram=Scram(
            kind=ScramKind(row["scram_kind"]),
            salt=row["salt"],
            iterations=row["iterations"],
            stored_key=row["stored_key"],
            server_key=row["server_key"],
        ),
        state=State(row["state"]),
        extension=row["extension"],
        created=row["created"],
        updated=row["updated"],
        generation=row["generation"],
    )
