# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of any file says about one person, or why it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import UsageError, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row as it was read; None and an empty domain stand for what it leaves open.

    It has a password, or the verifier of one, or neither. `extension` is empty for none at all.
    """

    line: int
    name: str
    domain: str = ""
    password: str | None = field(default=None, repr=False)
    verifier: Verifier | None = field(default=None, repr=False)
    extension: str | None = None
    aliases: tuple[str, ...] | None = None
    state: State | None = None
    created: int = 0
    updated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that no account can be made of; `name` as far as it is known."""

    line: int
    name: str = ""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about the file that its owner may not have meant."""

    line: int
    text: str


Found = Iterator[Entry | Refused | Note]


def address(text: str, domain: str = "") -> tuple[str, str]:
    """Name and domain of name@domain, or of a name and a `domain`; UsageError for two domains."""
    name, _, own = text.strip().partition("@")
    own, domain = own.lower(), domain.strip().lower()
    if own and domain and own != domain:
        raise UsageError(f"two domains: {shown(own)} and {shown(domain)}")
    return name, own or domain


def state(text: str) -> State | None:
    """The state of that name, None for no text; UsageError for any other."""
    if text.strip().lower() not in ("", State.ACTIVE, State.DISABLED):
        raise UsageError(f"state {shown(text)} is neither active nor disabled")
    return State(text.strip().lower()) if text.strip() else None
