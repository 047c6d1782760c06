# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials minted with a shared secret (draft-uberti-behave-turn-rest-00). Pure.

The secret is rotated: it has generations, each known by the second from which it mints. Servers
accept all that might have minted something still valid, minters use the newest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from falcot_rtc.accounts import hashes
from falcot_rtc.turn_auth.lookup import CLOCK_SKEW, Secret

_GENERATION = re.compile(r"([0-9]{1,12}) (\S+)")
# Of a bare secret, as early versions kept it: it minted everything until its successor.
_FIRST = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A user name and a password, good until `expires` (Unix seconds)."""

    user: str
    password: str = field(repr=False)
    expires: int


def parse(text: str) -> tuple[Secret, ...]:
    """The generations of a secret's file, oldest first; a line without a time is the first one."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = _GENERATION.fullmatch(line)
        valid_from, secret = (int(match[1]), match[2]) if match else (_FIRST, line)
        found.append(Secret(valid_from=valid_from, secret=secret))
    return tuple(sorted(found, key=lambda one: one.valid_from))


def serialise(generations: Iterable[Secret]) -> str:
    """The opposite of parse()."""
    return "".join(f"{one.valid_from} {one.secret}\n" for one in generations)


def turned(
    generations: tuple[Secret, ...], new: str, now: int, *, period: int, longest: int
) -> tuple[Secret, ...]:
    """With `new` added if the newest is `period` seconds old, without what can't be valid any more.

    `longest` is the longest life of what is minted, in seconds.
    """
    kept = list(generations)
    if not kept or now - kept[-1].valid_from >= period:
        valid_from = max(now, kept[-1].valid_from + 1) if kept else now
        kept.append(Secret(valid_from=valid_from, secret=new))
    return tuple(
        one
        for one, after in zip(kept, [*kept[1:], None], strict=True)
        if after is None or now <= after.valid_from + longest + CLOCK_SKEW
    )


def for_turn(generations: tuple[Secret, ...], user: str, expires: int) -> Credentials:
    """For TURN: the name tells with which generation it was made."""
    newest = generations[-1]
    return _mint(newest, hashes.turn_name(expires, user, newest.valid_from), expires)


def for_sip(generations: tuple[Secret, ...], address: str, expires: int) -> Credentials:
    """For SIP, as kamailio's auth_ephemeral wants it, which tries every generation."""
    return _mint(generations[-1], hashes.turn_name(expires, address), expires)


def _mint(newest: Secret, name: str, expires: int) -> Credentials:
    password = hashes.turn_password(newest.secret, name)
    return Credentials(user=name, password=password, expires=expires)
