# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account: a person's (or a check's) access to SIP, XMPP and TURN (RFC 3261, 7622, 8489)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from falcot_rtc.accounts import names
from falcot_rtc.accounts.hashes import Scram


class State(StrEnum):
    """Whether an account may log in anywhere."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person (or one check) in one domain; times are Unix seconds.

    `created` dates from the first add, `updated` from the last password, `generation` from the last
    change of any kind.
    """

    name: str
    domain: str
    realm: str
    ha1: str = field(repr=False)
    ha1b: str = field(repr=False)
    scram: Scram
    state: State
    extension: str | None
    created: int
    updated: int
    generation: int

    @property
    def address(self) -> str:
        """name@domain."""
        return f"{self.name}@{self.domain}"

    @property
    def reserved(self) -> bool:
        """Whether it is a check's."""
        return names.is_reserved(self.name)
