# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""users.jsonl for falcot-rtc-turn-auth: keys of long-term users, and the secrets of minters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import AS_IS, Owner
from falcot_rtc.accounts.lines import LinesFile
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.turn_auth import users
from falcot_rtc.turn_auth.lookup import Secret

USERS = "users.jsonl"
# Of versions whose daemon read SQLite, until it was restarted.
_FORMER = "users.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnProjection:
    """users.jsonl in `base` (an existing directory), for the group `reader` of the daemon.

    `ttl` is the longest life in seconds of what is minted with one of `secrets`, `per_minute` how
    many log-ins with one name are judged.
    """

    base: Path
    domain: str
    realm: str
    ttl: int
    per_minute: int
    secrets: tuple[Secret, ...] = field(repr=False)
    reader: Owner
    writer: Owner = AS_IS
    name: str = "turn"

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """Keys by user name: name@domain for all, the bare name too in `domain`, the first."""
        rows = {users.REALM: (self.realm,), users.TTL: (str(self.ttl),)}
        rows[users.PER_MINUTE] = (str(self.per_minute),)
        rows |= {f"{users.SECRET}{one.valid_from}": (one.secret,) for one in self.secrets}
        for one in accounts:
            if one.realm != self.realm:
                continue
            rows[one.address] = (one.ha1b,)
            if one.domain == self.domain:
                rows[one.name] = (one.ha1,)
        return rows

    def keys(self, name: str, domain: str) -> frozenset[str]:
        bare = (name,) if domain == self.domain else ()
        return frozenset((f"{name}@{domain}", *bare))

    @property
    def begun(self) -> bool:
        return self._file.begun

    def read(self) -> Mapping[str, Row]:
        return self._file.read()

    def write(self, changes: Changes) -> None:
        self._file.write(changes)

    @property
    def _file(self) -> LinesFile:
        return LinesFile(
            base=self.base,
            name=USERS,
            parameter=users.REALM,
            reader=self.reader,
            writer=self.writer,
            former=_FORMER,
        )
