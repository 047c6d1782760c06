# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which long-term key (RFC 8489 section 9.2) belongs to a TURN user name at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from falcot_rtc.accounts.hashes import turn_key

# Minters and this host may disagree about the time by so many seconds.
CLOCK_SKEW = 60

_MINTED = re.compile(r"([0-9]{1,12})(?::(.*))?", re.DOTALL)
_NUMBERED = re.compile(r"([^:]*):([0-9]{1,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret shared with minters; credentials minted from `valid_from` on are made with it."""

    valid_from: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """All that decides: the realm, the longest life that minters give (seconds), secrets by age,
    users' keys, and how many log-ins with one of those are judged a minute."""

    realm: str
    ttl: int
    per_minute: int
    secrets: tuple[Secret, ...]
    keys: Mapping[str, str] = field(repr=False)


def key_of(directory: Directory, name: str, realm: str, now: int) -> str | None:
    """The key in hex, or None for who is unknown, expired, or of another realm.

    A minted name carries its expiry and the generation of the secret with which it was made: after
    a rotation the old and the new one are good side by side, but the old one only for what can
    have been minted before. Minters that do not know generations give `ttl` to everything, so that
    the expiry tells which secret was in force. No minter gives a longer life.
    A minted name that names an address is good while that account has a key of its own, so what
    was minted for a person ends with the account; minters for anybody else name no address.
    """
    if realm != directory.realm:
        return None
    stored = directory.keys.get(name)
    if stored is not None:
        return stored
    minted = _MINTED.fullmatch(name)
    if minted is None:
        return None
    if "@" in owner(name) and owner(name) not in directory.keys:
        return None
    expiry = int(minted[1])
    if expiry <= now or expiry > now + directory.ttl + CLOCK_SKEW:
        return None
    numbered = _NUMBERED.fullmatch(minted[2] or "")
    secret = (
        _generation(directory, int(numbered[2]), expiry)
        if numbered
        else _in_force(directory, expiry - directory.ttl)
    )
    return turn_key(secret.secret, name, realm) if secret else None


def _generation(directory: Directory, number: int, expiry: int) -> Secret | None:
    """That generation, unless its successor must have minted what expires so late."""
    after = [one for one in directory.secrets if one.valid_from > number]
    if after and expiry > after[0].valid_from + directory.ttl + CLOCK_SKEW:
        return None
    return next((one for one in directory.secrets if one.valid_from == number), None)


def _in_force(directory: Directory, mint_time: int) -> Secret | None:
    """The secret of that moment; the oldest for what seems older, having got a shorter life."""
    known = [one for one in directory.secrets if one.valid_from <= mint_time]
    return known[-1] if known else next(iter(directory.secrets), None)


def owner(name: str) -> str:
    """Who a TURN user name stands for: what a minter put behind the time, else the name itself."""
    minted = _MINTED.fullmatch(name)
    if minted is None:
        return name
    numbered = _NUMBERED.fullmatch(minted[2] or "")
    return numbered[1] if numbered else minted[2] or ""
