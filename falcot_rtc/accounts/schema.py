# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of accounts.sqlite, their versions, and rows to and from accounts."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import FalcotError

# An empty stored_key: no SCRAM values are known.
_STEPS = (
    """
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
""",
    """
ALTER TABLE account ADD COLUMN login TEXT NOT NULL DEFAULT '';
UPDATE account SET login = name || '@' || domain;
CREATE TABLE alias (
    alias TEXT NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (domain, alias),
    FOREIGN KEY (domain, name) REFERENCES account (domain, name)
        ON UPDATE CASCADE ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX alias_of ON alias (domain, name);
""",
    # What servers have not been told. By triggers, so that no change can be forgotten.
    """
CREATE TABLE pending (
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (domain, name)
) WITHOUT ROWID;
INSERT INTO pending SELECT name, domain, generation FROM account;
CREATE TRIGGER account_added AFTER INSERT ON account BEGIN
    INSERT OR REPLACE INTO pending SELECT NEW.name, NEW.domain, generation FROM counter;
END;
CREATE TRIGGER account_changed AFTER UPDATE ON account BEGIN
    INSERT OR REPLACE INTO pending SELECT OLD.name, OLD.domain, generation FROM counter;
    INSERT OR REPLACE INTO pending SELECT NEW.name, NEW.domain, generation FROM counter;
END;
CREATE TRIGGER account_deleted AFTER DELETE ON account BEGIN
    INSERT OR REPLACE INTO pending SELECT OLD.name, OLD.domain, generation FROM counter;
END;
""",
)
VERSION = len(_STEPS)


def opened(path: Path) -> sqlite3.Connection:
    """The database, made if absent and brought to this version; FalcotError if unusable."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        database = sqlite3.connect(path, isolation_level=None, timeout=10)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error
    try:
        _prepare(database, path)
    except sqlite3.Error as error:
        database.close()
        raise unusable(path, error) from error
    return database


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or bring those of an older version up to this one, as one transaction."""
    database.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode = DELETE",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
    ):
        database.execute(f"PRAGMA {pragma}")
    if _version(database) != VERSION:
        database.execute("BEGIN IMMEDIATE")
        with database:
            # Asked again: another process may have been quicker.
            version = _version(database)
            if version > VERSION:
                raise FalcotError(
                    f"{path}: version {version} of the account store is unknown here",
                    hint="it was written by a newer falcot-rtc: upgrade this one",
                )
            for step in _STEPS[version:]:
                for statement in _statements(step):
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> Iterator[str]:
    """Those of a script; executescript() would end the transaction."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        # A trigger has semicolons of its own.
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def columns(verifier: Verifier) -> dict[str, str | int | None]:
    """The columns that hold a verifier."""
    scram = verifier.scram
    return {
        "login": verifier.login,
        "realm": verifier.realm,
        "ha1": verifier.ha1,
        "ha1b": verifier.ha1b,
        "scram_kind": scram.kind.value if scram else ScramKind.SHA1.value,
        "salt": scram.salt if scram else "",
        "iterations": scram.iterations if scram else 0,
        "stored_key": scram.stored_key if scram else "",
        "server_key": scram.server_key if scram else "",
    }


def account(row: sqlite3.Row, aliases: tuple[str, ...]) -> Account:
    scram = Scram(
        kind=ScramKind(row["scram_kind"]),
        salt=row["salt"],
        iterations=row["iterations"],
        stored_key=row["stored_key"],
        server_key=row["server_key"],
    )
    return Account(
        name=row["name"],
        domain=row["domain"],
        verifier=Verifier(
            login=row["login"],
            realm=row["realm"],
            ha1=row["ha1"],
            ha1b=row["ha1b"],
            scram=scram if scram.stored_key else None,
        ),
        state=State(row["state"]),
        extension=row["extension"],
        aliases=aliases,
        created=row["created"],
        updated=row["updated"],
        generation=row["generation"],
    )


def unusable(path: Path, error: Exception) -> FalcotError:
    return FalcotError(
        f"{path}: the account store is not usable: {error}",
        hint="run as root; if the file is damaged, restore it from a backup",
    )
