# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""users.jsonl for falcot-rtc-turn-auth: keys of long-term users, and the secrets of minters.

A small file, or one with other parameters, is made anew and renamed into place; a large one gets
the changed rows appended, until it has doubled. So a change costs the same at any size, and a
reader without locks or any right to write has a consistent state, whenever a writer is killed. An
SQLite file changed in place would not do: only who may write it can undo a killed transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from falcot_rtc.accounts import directory
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import AS_IS, Node, Owner
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.turn_auth import users
from falcot_rtc.turn_auth.lookup import Secret

USERS = "users.jsonl"
# Of versions whose daemon read SQLite, until it was restarted.
_FORMER = "users.sqlite"

# Smaller files are made anew at any change: they keep no key that was replaced.
_SMALL = 64 * 1024


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
        try:
            with directory.opened(self.base.parent, self.base.name) as top:
                return users.size(directory.read(top, USERS, limit=users.HEAD)) is not None
        except FileNotFoundError:
            return False

    def read(self) -> Mapping[str, Row]:
        """Everything in the file; nothing if it is missing or no file of ours, to be made anew."""
        try:
            with directory.opened(self.base.parent, self.base.name) as top:
                found = users.update(users.Rows(), directory.read(top, USERS)).all()
        except FileNotFoundError:
            return {}
        return {key: (value,) for key, value in found.items()} if users.REALM in found else {}

    def write(self, changes: Changes) -> None:
        """Append `changes`, or replace the file by one with them carried out."""
        group = Owner(uid=self.writer.uid, gid=self.reader.gid)
        with directory.opened(self.base.parent, self.base.name) as top:
            directory.own(top, Node(owner=group, mode=0o750))
            if self._appended(top, changes):
                return
            present = {key: value for key, (value,) in self.read().items()}
            rows = {key: value for key, value in present.items() if key not in changes.remove}
            rows |= {key: value for key, (value,) in changes.write.items()}
            directory.replace(top, USERS, users.image(rows), Node(owner=group, mode=0o640))
            if present:
                directory.remove(top, _FORMER)

    def _appended(self, top: int, changes: Changes) -> bool:
        if any(key.startswith(users.PARAMETER) for key in changes.keys):
            return False
        if not directory.exists(top, USERS):
            return False
        made = users.size(directory.read(top, USERS, limit=users.HEAD)) or 0
        values: dict[str, str | None] = dict.fromkeys(sorted(changes.remove))
        values |= {key: value for key, (value,) in sorted(changes.write.items())}
        # The newline ends a row of which a killed writer wrote a part.
        more = b"\n" + users.lines(values)
        if made < _SMALL or directory.size(top, USERS) + len(more) > 2 * made:
            return False
        directory.append(top, USERS, more)
        return True
