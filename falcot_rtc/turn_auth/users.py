# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read users.sqlite, the projection of the account store for TURN, never half of it.

The writer replaces the file by rename(2) and never changes one in place (falcot_rtc.accounts.turn).
So one read of one open descriptor is one consistent state, without locks, journals or any right to
write: the bytes are deserialised in memory, and a look at the name's inode tells when to read anew.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from falcot_rtc.turn_auth.lookup import Directory, Secret


class Unreadable(Exception):
    """There is no usable file; until there is one, no look-up may be answered."""


class Users:
    """The newest state of the file at `path`."""

    __slots__ = ("_descriptor", "_directory", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._directory: Directory | None = None

    def directory(self) -> Directory:
        """The present state; Unreadable if the file is missing, unreadable or not of our making."""
        try:
            named = self._path.stat()
            # The open descriptor keeps its inode from being given to a newer file.
            if (
                self._directory is not None
                and self._descriptor is not None
                and os.path.samestat(named, os.fstat(self._descriptor))
            ):
                return self._directory
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise Unreadable(f"{self._path}: {error.strerror}") from error
        try:
            with open(descriptor, "rb", closefd=False) as file:
                directory = parse(file.read())
        except (OSError, sqlite3.Error, LookupError, TypeError, ValueError) as error:
            os.close(descriptor)
            raise Unreadable(f"{self._path}: {error}") from error
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._directory = descriptor, directory
        return directory


def parse(image: bytes) -> Directory:
    """The Directory in an SQLite image; an error of sqlite3, type, value or look-up if none."""
    if not image:
        raise ValueError("it is empty")  # sqlite3 would call it a lack of memory
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(image)
        parameters = dict(database.execute("SELECT name, value FROM parameters"))
        return Directory(
            realm=str(parameters["realm"]),
            ttl=int(parameters["ttl"]),
            secrets=tuple(
                Secret(valid_from=int(valid_from), secret=str(secret))
                for valid_from, secret in database.execute(
                    "SELECT valid_from, secret FROM secrets ORDER BY valid_from"
                )
            ),
            keys=dict(database.execute("SELECT name, key FROM users")),
        )
