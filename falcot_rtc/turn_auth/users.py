# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""users.jsonl, the projection of the account store for TURN, and how the daemon follows it.

Each line is a JSON array of a key and its value, null to remove it; the last one counts. The first
line tells how long the file was when it was made. The writer (falcot_rtc.accounts.turn) replaces
the file by rename(2) or appends whole lines, and never changes what is there. So what one
descriptor gives up to a newline is a consistent state, without locks or any right to write.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from falcot_rtc.turn_auth.lookup import Directory, Secret

# No account's name has a '#'.
PARAMETER = "#"
REALM = "#realm"
TTL = "#ttl"
PER_MINUTE = "#log-ins-per-minute"
SECRET = "#secret "
_SIZE = "#size"
# For a file that the former version wrote, until accounts are projected anew.
_FORMER_PER_MINUTE = "120"

# Bytes that hold the first line for certain.
HEAD = 64

log = logging.getLogger("turn-auth")


@dataclass(slots=True, kw_only=True)
class Rows:
    """What lines said: users' keys, and apart from them what no user name may reach."""

    keys: dict[str, str] = field(default_factory=dict, repr=False)
    parameters: dict[str, str] = field(default_factory=dict, repr=False)

    def put(self, key: str, value: str | None) -> None:
        rows = self.parameters if key.startswith(PARAMETER) else self.keys
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value

    def all(self) -> dict[str, str]:
        return {key: row for key, row in self.parameters.items() if key != _SIZE} | self.keys


class Unreadable(Exception):
    """There is no usable file; until there is one, no look-up may be answered."""


class Users:
    """The newest state of the file at `path`."""

    __slots__ = ("_descriptor", "_directory", "_path", "_rows", "_taken")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._directory: Directory | None = None
        self._rows = Rows()
        self._taken = 0

    def directory(self) -> Directory:
        """The present state; Unreadable if the file is missing, unreadable or not of our making."""
        try:
            named = self._path.stat()
            # The open descriptor keeps its inode from being given to a newer file.
            if (
                self._descriptor is None
                or not os.path.samestat(named, os.fstat(self._descriptor))
                or named.st_size < self._taken
            ):
                self._open()
            if self._directory is None or named.st_size != self._taken:
                self._directory = self._follow()
        except (OSError, LookupError, ValueError) as error:
            self._directory = None
            raise Unreadable(f"{self._path}: {_reason(error)}") from error
        return self._directory

    def _open(self) -> None:
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._directory, self._rows, self._taken = descriptor, None, Rows(), 0

    def _follow(self) -> Directory:
        """Take in what was appended; a line without its newline is not written yet."""
        assert self._descriptor is not None
        content = bytearray()
        while more := os.pread(self._descriptor, 1 << 20, self._taken + len(content)):
            content += more
        whole = bytes(content[: content.rfind(b"\n") + 1])
        update(self._rows, whole)
        self._taken += len(whole)
        return directory(self._rows)


def _reason(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else f"not usable: {error}"


def update(rows: Rows, content: bytes) -> Rows:
    """Carry out lines on `rows`, which it returns; one that a killed writer left is no line."""
    for line in content.split(b"\n"):
        if not line:
            continue
        try:
            key, value = json.loads(line)
            if not isinstance(key, str) or not isinstance(value, str | None):
                raise ValueError("no key and value")
        except (ValueError, TypeError, RecursionError):
            log.warning("users.jsonl: a line of %d bytes is not whole: left out", len(line))
        else:
            rows.put(key, value)
    return rows


def directory(rows: Rows) -> Directory:
    """What decides; LookupError or ValueError if a parameter is missing or odd."""
    secrets = [
        Secret(valid_from=int(key.removeprefix(SECRET)), secret=value)
        for key, value in rows.parameters.items()
        if key.startswith(SECRET)
    ]
    return Directory(
        realm=rows.parameters[REALM],
        ttl=int(rows.parameters[TTL]),
        per_minute=int(rows.parameters.get(PER_MINUTE, _FORMER_PER_MINUTE)),
        secrets=tuple(sorted(secrets, key=lambda one: one.valid_from)),
        keys=rows.keys,
    )


def lines(rows: Mapping[str, str | None]) -> bytes:
    """One line a row."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows.items())


def image(rows: Mapping[str, str]) -> bytes:
    """A whole file."""
    body = lines(dict(sorted(rows.items())))
    return lines({_SIZE: str(len(body))}) + body


def size(head: bytes) -> int | None:
    """How long the file was when it was made, of its first HEAD bytes; None if it is not ours."""
    try:
        key, value = json.loads(head.partition(b"\n")[0])
        return int(value) if key == _SIZE else None
    except (ValueError, TypeError):
        return None
