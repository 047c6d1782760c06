# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all the servers together keep of one password, and for which log-in name it was made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from falcot_rtc.accounts import hashes
from falcot_rtc.accounts.hashes import Scram, ScramKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """`login` is name@domain as hashed into HA1 (its name) and HA1B (the whole of it).

    It outlives a rename, after which HA1, HA1B or both verify nobody. Its domain is empty where
    there never was an HA1B, `scram` is None where there never was a password to hash.
    """

    login: str
    realm: str
    ha1: str = field(repr=False)
    ha1b: str = field(repr=False)
    scram: Scram | None


def of_password(
    name: str,
    domain: str,
    realm: str,
    password: str,
    kind: ScramKind,
    *,
    iterations: int = hashes.ITERATIONS,
) -> Verifier:
    """Everything, of a password in clear text."""
    return Verifier(
        login=f"{name}@{domain}",
        realm=realm,
        ha1=hashes.ha1(name, realm, password),
        ha1b=hashes.ha1b(name, domain, realm, password),
        # prosody's own salts are UUIDs in text form; it hashes the text.
        scram=hashes.scram(password, salt=str(uuid4()), iterations=iterations, kind=kind),
    )


def of_scram(realm: str, scram: Scram) -> Verifier:
    """What is known of an account that was made in prosody: XMPP, and nothing else."""
    return Verifier(
        login="@",
        realm=realm,
        ha1=secrets.token_hex(16),
        ha1b=secrets.token_hex(16),
        scram=scram,
    )


def of_ha1(name: str, realm: str, ha1: str) -> Verifier:
    """What is known of somebody else's user file: SIP and TURN by the plain name, no XMPP.

    The HA1B is a random one: an empty or a constant one would be a password that anybody knows.
    """
    return Verifier(
        login=f"{name}@", realm=realm, ha1=ha1.lower(), ha1b=secrets.token_hex(16), scram=None
    )
