# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one truth about accounts: accounts.sqlite, which knows what servers store and no password.

SQLite's rollback journal with synchronous=FULL: a change is on disk before it is projected.
"""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from falcot_rtc.accounts import names, schema, unique, verifier
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.errors import UsageError

_RESERVED = "substr(name, 1, length(:prefix)) = :prefix"
_PREFIX = {"prefix": names.RESERVED_PREFIX}


class AccountStore:
    """The open store; every method that changes it is one transaction and one generation."""

    __slots__ = ("_database", "_path")

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, made with mode 0600 if absent; FalcotError if unusable."""
        self._path = path
        self._database = schema.opened(path)

    def __enter__(self) -> AccountStore:
        return self

    def __exit__(self, *_: object) -> None:
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
        aliases: tuple[str, ...] = (),
        reserved: bool = False,
    ) -> Account:
        """A new, active account; UsageError if there is one or a value can't be meant."""
        names.local_part(name, reserved=reserved)
        made = verifier.of_password(name, domain, realm, password, kind)
        with self._change() as generation:
            self._insert(
                Account(
                    name=name, domain=domain, verifier=made, extension=extension, aliases=aliases
                ),
                generation,
            )
        return self.get(name, domain)

    def vacant(
        self,
        name: str,
        domain: str,
        *,
        owner: str = "",
        extension: str | None = None,
        aliases: Iterable[str] = (),
    ) -> None:
        """UsageError unless all these are free, or aliases of `owner`."""
        for one in (name, *aliases):
            unique.free_name(self._database, names.local_part(one), domain, owner=owner)
        unique.free_extension(self._database, extension)

    def put(self, accounts: Iterable[Account]) -> None:
        """Add accounts, replacing those of the same address: all, or none if one is bad."""
        with self.batch() as put:
            for one in accounts:
                put(one)

    @contextmanager
    def batch(self) -> Iterator[Callable[[Account], None]]:
        """One change of many accounts by what it yields, which adds or replaces one.

        An account that is refused (UsageError) is not in; the others are, if the error is caught.
        """
        with self._change() as generation:

            def put(one: Account) -> None:
                names.local_part(one.name)
                self._database.execute("SAVEPOINT one")
                try:
                    self._database.execute(
                        "DELETE FROM account WHERE name = ? AND domain = ?", (one.name, one.domain)
                    )
                    self._insert(one, generation)
                except UsageError:
                    self._database.execute("ROLLBACK TO one")
                    raise
                finally:
                    self._database.execute("RELEASE one")

            yield put

    def set_password(
        self, name: str, domain: str, *, realm: str, password: str, kind: ScramKind = ScramKind.SHA1
    ) -> Account:
        """Replace every hash of the account (also to change its realm or kind of SCRAM)."""
        made = verifier.of_password(name, domain, realm, password, kind)
        columns = schema.columns(made) | {"updated": int(time.time())}
        return self._update(name, domain, columns)

    def set_state(self, name: str, domain: str, state: State) -> Account:
        """Let the account in, or keep it out everywhere."""
        return self._update(name, domain, {"state": state.value})

    def set_extension(self, name: str, domain: str, extension: str | None) -> Account:
        """Give the account the number by which phones dial it, or take it away."""
        return self._update(name, domain, {"extension": extension})

    def set_aliases(self, name: str, domain: str, aliases: Iterable[str]) -> Account:
        """Give the account exactly these further names."""
        with self._change() as generation:
            self._existing(name, domain)
            self._database.execute(
                "DELETE FROM alias WHERE name = ? AND domain = ?", (name, domain)
            )
            self._insert_aliases(name, domain, aliases)
            self._touch(name, domain, generation)
        return self.get(name, domain)

    def rename(self, name: str, domain: str, new: str) -> Account:
        """Another name for the person; SIP and TURN then wait for a new password."""
        names.local_part(new)
        with self._change() as generation:
            self._existing(name, domain)
            unique.free_name(self._database, new, domain, owner=name)
            self._database.execute(
                "DELETE FROM alias WHERE alias = ? AND domain = ?", (new, domain)
            )
            self._database.execute(
                "UPDATE account SET name = ? WHERE name = ? AND domain = ?", (new, name, domain)
            )
            self._touch(new, domain, generation)
        return self.get(new, domain)

    def move(self, old: str, new: str) -> int:
        """Let every account of the domain `old` be one of `new`; returns how many there were."""
        with self._change() as generation:
            return self._database.execute(
                "UPDATE account SET domain = ?, generation = ? WHERE domain = ?",
                (new, generation, old),
            ).rowcount

    def delete(self, name: str, domain: str) -> None:
        """Forget the account; UsageError if there is none."""
        with self._change():
            self._existing(name, domain)
            self._database.execute(
                "DELETE FROM account WHERE name = ? AND domain = ?", (name, domain)
            )

    def sweep(self, *, older_than: int = 0) -> int:
        """Delete checks' accounts made `older_than` seconds ago or earlier, and count them."""
        found = (
            f"FROM account WHERE {_RESERVED} AND created <= :last",
            {**_PREFIX, "last": int(time.time()) - older_than},
        )
        if not self._database.execute("SELECT 1 " + found[0], found[1]).fetchone():
            return 0
        with self._change():
            return self._database.execute("DELETE " + found[0], found[1]).rowcount

    def get(self, name: str, domain: str) -> Account:
        """The account, reserved or not; UsageError if there is none."""
        return self._account(self._existing(name, domain))

    def find(self, name: str, domain: str) -> Account | None:
        """The account, reserved or not, or None."""
        row = self._row(name, domain)
        return None if row is None else self._account(row)

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many people there are of each domain and realm."""
        rows = self._database.execute(
            f"SELECT domain, realm, count(*) FROM account WHERE NOT {_RESERVED} GROUP BY 1, 2",
            _PREFIX,
        )
        return {(domain, realm): number for domain, realm, number in rows}

    def accounts(self, *, reserved: bool = False) -> tuple[Account, ...]:
        """All accounts by domain and name; those of checks only with `reserved`."""
        aliases = defaultdict(list)
        for alias, domain, name in self._database.execute(
            "SELECT alias, domain, name FROM alias ORDER BY alias"
        ):
            aliases[domain, name].append(alias)
        rows = self._database.execute("SELECT * FROM account ORDER BY domain, name")
        return tuple(
            schema.account(row, tuple(aliases[row["domain"], row["name"]]))
            for row in rows
            if reserved or not names.is_reserved(row["name"])
        )

    def pending(self) -> tuple[tuple[str, str], ...]:
        """Name and domain of each account, deleted ones too, that changed since it was settled."""
        rows = self._database.execute("SELECT name, domain FROM pending ORDER BY domain, name")
        return tuple((row["name"], row["domain"]) for row in rows)

    def settle(self, generation: int) -> None:
        """Servers know of every change up to `generation` now."""
        try:
            self._database.execute("DELETE FROM pending WHERE generation <= ?", (generation,))
        except sqlite3.Error as error:
            raise schema.unusable(self._path, error) from error

    @contextmanager
    def _change(self) -> Iterator[int]:
        """One transaction, at the generation that is yielded; any error undoes it."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            with self._database:
                self._database.execute("UPDATE counter SET generation = generation + 1")
                yield self.generation
        except sqlite3.Error as error:
            raise schema.unusable(self._path, error) from error

    def _insert(self, one: Account, generation: int) -> None:
        unique.free_name(self._database, one.name, one.domain)
        unique.free_extension(self._database, one.extension)
        now = int(time.time())
        columns = schema.columns(one.verifier)
        columns |= {"name": one.name, "domain": one.domain, "state": one.state.value}
        columns |= {"created": one.created or now, "updated": one.updated or now}
        columns |= {"extension": one.extension, "generation": generation}
        self._database.execute(
            f"INSERT INTO account ({', '.join(columns)})"
            f" VALUES ({', '.join(':' + column for column in columns)})",
            columns,
        )
        self._insert_aliases(one.name, one.domain, one.aliases)

    def _insert_aliases(self, name: str, domain: str, aliases: Iterable[str]) -> None:
        for alias in dict.fromkeys(aliases):
            names.local_part(alias)
            unique.free_name(self._database, alias, domain)
            self._database.execute("INSERT INTO alias VALUES (?, ?, ?)", (alias, domain, name))

    def _touch(self, name: str, domain: str, generation: int) -> None:
        self._database.execute(
            "UPDATE account SET generation = ? WHERE name = ? AND domain = ?",
            (generation, name, domain),
        )

    def _update(self, name: str, domain: str, columns: dict[str, str | int | None]) -> Account:
        with self._change() as generation:
            row = self._existing(name, domain)
            if "extension" in columns and columns["extension"] != row["extension"]:
                unique.free_extension(self._database, columns["extension"])
            columns = {**columns, "generation": generation}
            self._database.execute(
                f"UPDATE account SET {', '.join(f'{column} = :{column}' for column in columns)}"
                " WHERE name = :name AND domain = :domain",
                {**columns, "name": name, "domain": domain},
            )
        return self.get(name, domain)

    def _account(self, row: sqlite3.Row) -> Account:
        aliases = self._database.execute(
            "SELECT alias FROM alias WHERE domain = :domain AND name = :name ORDER BY alias",
            dict(row),
        )
        return schema.account(row, tuple(alias for (alias,) in aliases))

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
