# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring what servers keep about accounts in line with the store: difference first, then writing.

A projection is derived from the store alone, so any of them can be rebuilt without a password.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from falcot_rtc.accounts import names
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.store import AccountStore

# What a server keeps under one key, in an order of the projection's own. An account's key begins
# with its name.
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What must happen to a projection: rows to write, keys to remove.

    `missing` are those of `write` that are not there at all. `foreign` belong to nobody in the
    store: somebody's work past it, which is only removed or adopted when that is asked for.
    """

    write: Mapping[str, Row] = field(default_factory=dict, repr=False)
    remove: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.write or self.remove)

    @property
    def lines(self) -> list[str]:
        """What is wrong with each key, for people."""
        said = {
            **dict.fromkeys(self.write, "differs from the store"),
            **dict.fromkeys(self.missing, "is missing"),
            **dict.fromkeys(self.remove, "may not log in, and could"),
            **dict.fromkeys(self.foreign, "is no account of the store"),
        }
        return [f"{key} {words}" for key, words in sorted(said.items())]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key concerned, sorted; a row's values are secrets, its key is not."""
        return tuple(sorted({*self.write, *self.remove}))


class Projection(Protocol):
    """One server's own store."""

    @property
    def name(self) -> str:
        """Whom it serves: sip, xmpp, turn or phone."""

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """What ought to be there, of accounts that are all active."""

    def keys(self, name: str, domain: str) -> frozenset[str]:
        """Every key that the account name@domain can have."""

    @property
    def begun(self) -> bool:
        """Whether there is a projection at all, of which a part can be changed."""

    def read(self) -> Mapping[str, Row]:
        """What is there."""

    def write(self, changes: Changes) -> None:
        """Carry out `changes`, seen by readers as a whole or not at all, row by row at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was written, by the name of the projection; without changes it is absent."""

    changes: Mapping[str, Changes]


def diff(store: AccountStore, projection: Projection, *, reserved: bool = True) -> Changes:
    """What keeps `projection` from agreeing with `store`.

    With `reserved=False` accounts of checks, which come and go, are no difference.
    """
    everyone = store.accounts(reserved=True)
    wanted = projection.rows(one for one in everyone if one.state is State.ACTIVE)
    present = projection.read()
    write = {key: row for key, row in wanted.items() if present.get(key) != row}
    extra = present.keys() - wanted.keys()
    if not reserved:
        write = {key: row for key, row in write.items() if not names.is_reserved(key)}
        extra = {key for key in extra if not names.is_reserved(key)}
    known = {(one.name, one.domain) for one in everyone}.union(store.pending())
    ours = {key for person in known for key in projection.keys(*person)}
    foreign = {key for key in extra - ours if key[:1].isalnum() and not names.is_reserved(key)}
    return Changes(
        write=write,
        remove=frozenset(extra - foreign),
        missing=frozenset(write.keys() - present.keys()),
        foreign=frozenset(foreign),
    )


def project(store: AccountStore, projections: Sequence[Projection]) -> Report:
    """Write what differs, no more: a second call changes nothing, and completes a killed first."""
    generation = store.generation
    report = {}
    for projection in projections:
        changes = diff(store, projection)
        if changes:
            projection.write(changes)
            report[projection.name] = changes
    store.settle(generation)
    return Report(changes=report)


def catch_up(store: AccountStore, projections: Sequence[Projection]) -> Report:
    """Write the accounts that changed since the last call, or since a killed one began.

    The cost is theirs, whatever the store holds beside them; nothing is read or compared.
    """
    generation, touched = store.generation, store.pending()
    if not touched:
        return Report(changes={})
    if not all(projection.begun for projection in projections):
        return project(store, projections)
    found = [store.find(name, domain) for name, domain in touched]
    active = [one for one in found if one is not None and one.state is State.ACTIVE]
    report = {}
    for projection in projections:
        keys = frozenset().union(*(projection.keys(name, domain) for name, domain in touched))
        write = {key: row for key, row in projection.rows(active).items() if key in keys}
        changes = Changes(write=write, remove=keys - write.keys())
        projection.write(changes)
        report[projection.name] = changes
    store.settle(generation)
    return Report(changes=report)
