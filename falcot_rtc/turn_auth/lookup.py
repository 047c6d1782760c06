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


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret shared with minters; credentials minted from `valid_from` on are made with it."""

    valid_from: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """All that decides: the realm, the minters' time to live (seconds), secrets, users' keys."""

    realm: str
    ttl: int
    secrets: tuple[Secret, ...]
    keys: Mapping[str, str] = field(repr=False)


def key_of(directory: Directory, name: str, realm: str, now: int) -> str | None:
    """The key in hex, or None for who is unknown, expired, or of another realm.

    A minted name carries its expiry; since all minters share one time to live, the expiry tells
    when it was minted and so which secret was in force: after a rotation the old and the new one
    are good side by side. A mint time in the future means a longer life than any minter gives.
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
    mint_time = expiry - directory.ttl
    if expiry <= now or mint_time > now + CLOCK_SKEW:
        return None
    in_force = [one for one in directory.secrets if one.valid_from <= mint_time]
    if not in_force:
        return None
    return turn_key(max(in_force, key=lambda one: one.valid_from).secret, name, realm)


def owner(name: str) -> str:
    """Who a TURN user name stands for: what a minter put behind the time, else the name itself."""
    minted = _MINTED.fullmatch(name)
    return name if minted is None else minted[2] or ""
