# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desk reads: its part of the present generation, and people.jsonl. Never written here.

falcot_rtc.policies.phone_desk renders the one, falcot_rtc.accounts.phone projects the other. Both
are looked at for each request, so a rotation, a removed entry or a new password counts at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from falcot_rtc import minted
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.phone import KIND
from falcot_rtc.turn_auth import users
from falcot_rtc.turn_auth.lookup import Secret


class Unreadable(Exception):
    """There is nothing to decide by; the web server says that somebody should come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `[[click_to_call]]`; `ends` in Unix time."""

    name: str
    target: str
    title: str
    origins: tuple[str, ...]
    limit: int
    ttl: int
    ends: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`ttl` is that of people's credentials, `login_seconds` how long a log-in counts."""

    domains: tuple[str, ...]
    realm: str
    origins: tuple[str, ...]
    ttl: int
    login_seconds: int
    sip_servers: tuple[str, ...]
    turn_urls: tuple[str, ...]
    calls: Mapping[str, Entry]
    token: str = field(repr=False)
    sip: tuple[Secret, ...] = field(repr=False)
    turn: tuple[Secret, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """`rows` by name@domain; `kind` is that of the hashes which are computed for nobody."""

    kind: ScramKind
    rows: Mapping[str, str] = field(repr=False)


def house(desk: Mapping[str, Any], secrets: Mapping[str, str]) -> House:
    """Of desk.json and secrets.json; LookupError, TypeError or ValueError if they are damaged."""
    calls = [Entry(**{**one, "origins": tuple(one["origins"])}) for one in desk["calls"]]
    return House(
        domains=tuple(desk["domains"]),
        realm=desk["realm"],
        origins=tuple(desk["origins"]),
        ttl=desk["ttl"],
        login_seconds=desk["login_seconds"],
        sip_servers=tuple(desk["sip_servers"]),
        turn_urls=tuple(desk["turn_urls"]),
        calls={one.name: one for one in calls},
        token=secrets["token"],
        sip=minted.parse(secrets["sip"]),
        turn=minted.parse(secrets["turn"]),
    )


def people(content: bytes) -> People:
    """Of people.jsonl; LookupError or ValueError if it is none."""
    found = users.update(users.Rows(), content)
    return People(kind=ScramKind(found.parameters[KIND]), rows=found.keys)


class Reader:
    """Both, read again when they changed; `tree` is below the link to the present generation."""

    def __init__(self, tree: Path, people: Path) -> None:
        self._tree = tree
        self._people = people
        self._house: tuple[object, House] | None = None
        self._rows: tuple[object, People] | None = None

    def house(self) -> House:
        """The present settings and secrets; Unreadable."""
        try:
            # Both of one generation, whatever the link names next.
            tree = self._tree.resolve(strict=True)
            files = (tree / "desk.json", tree / "secrets.json")
            seen = (tree, *map(_state, files))
            if self._house is None or self._house[0] != seen:
                desk, secrets = (json.loads(file.read_bytes()) for file in files)
                self._house = (seen, house(desk, secrets))
        except (OSError, LookupError, TypeError, ValueError) as error:
            raise Unreadable(f"{self._tree}: {_reason(error)}") from error
        return self._house[1]

    def people(self) -> People:
        """Who may log in; Unreadable."""
        try:
            # Before it is read: what is written meanwhile is read the next time.
            seen = _state(self._people)
            if self._rows is None or self._rows[0] != seen:
                self._rows = (seen, people(self._people.read_bytes()))
        except (OSError, LookupError, ValueError) as error:
            raise Unreadable(f"{self._people}: {_reason(error)}") from error
        return self._rows[1]


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _reason(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else f"not usable: {error!r}"
