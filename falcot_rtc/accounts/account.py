# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account: a person's (or a check's) access to SIP, XMPP and TURN (RFC 3261, 7622, 8489)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from falcot_rtc.accounts import names
from falcot_rtc.accounts.hashes import Scram
from falcot_rtc.accounts.verifier import Verifier


class State(StrEnum):
    """Whether an account may log in anywhere."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person (or one check) in one domain; times are Unix seconds.

    `created` dates from the first add, `updated` from the last password, `generation` from the last
    change of any kind. `extension` and `aliases` are what else can be dialled.
    """

    name: str
    domain: str
    verifier: Verifier
    state: State = State.ACTIVE
    extension: str | None = None
    aliases: tuple[str, ...] = ()
    created: int = 0
    updated: int = 0
    generation: int = 0

    @property
    def address(self) -> str:
        """name@domain."""
        return f"{self.name}@{self.domain}"

    @property
    def reserved(self) -> bool:
        """Whether it is a check's."""
        return names.is_reserved(self.name)

    @property
    def realm(self) -> str:
        return self.verifier.realm

    @property
    def ha1(self) -> str:
        return self.verifier.ha1

    @property
    def ha1b(self) -> str:
        return self.verifier.ha1b

    @property
    def scram(self) -> Scram | None:
        return self.verifier.scram

    def lacks(self, realm: str) -> tuple[str, ...]:
        """The log-ins that wait for a new password where servers ask for `realm`.

        `sip` and `turn` stand for the plain name, `sip-with-domain` for name@domain as the user
        name of a digest (HA1B).
        """
        name = self.verifier.login.partition("@")[0]
        plain = (name, self.realm) == (self.name, realm)
        full = (self.verifier.login, self.realm) == (self.address, realm)
        return (
            *(() if plain else ("sip", "turn")),
            *(() if full or not plain else ("sip-with-domain",)),
            *(() if self.scram else ("xmpp",)),
        )
