# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers store instead of a password: HA1 (RFC 7616, 8489), SCRAM (RFC 5802), TURN REST."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from falcot_rtc.accounts.pbkdf2 import pbkdf2
from falcot_rtc.accounts.saslprep import saslprep

# prosody's default_iteration_count; the RFC's minimum is 4096.
ITERATIONS = 10_000


class ScramKind(StrEnum):
    """A value of prosody's global option `password_hash`, which must agree with the store."""

    SHA1 = "SHA-1"
    SHA256 = "SHA-256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scram:
    """The values of prosody's internal_hashed: keys in lower-case hex, salt as its own text."""

    kind: ScramKind
    salt: str = field(repr=False)
    iterations: int
    stored_key: str = field(repr=False)
    server_key: str = field(repr=False)


def ha1(user: str, realm: str, password: str) -> str:
    """MD5(user:realm:password) in hex: a SIP HA1, a TURN long-term key, an htdigest value."""
    return _md5(f"{user}:{realm}:{saslprep(password)}")


def ha1b(user: str, domain: str, realm: str, password: str) -> str:
    """MD5(user@domain:realm:password) in hex, for clients whose digest user name has a domain."""
    return ha1(f"{user}@{domain}", realm, password)


def scram(password: str, *, salt: str, iterations: int, kind: ScramKind) -> Scram:
    """What a SCRAM server keeps of `password` (RFC 5802 section 3); the salt is used as UTF-8."""
    name = kind.lower().replace("-", "")
    salted = pbkdf2(name, saslprep(password).encode(), salt.encode(), iterations)
    client_key = hmac.digest(salted, b"Client Key", name)
    return Scram(
        kind=kind,
        salt=salt,
        iterations=iterations,
        stored_key=hashlib.new(name, client_key).hexdigest(),
        server_key=hmac.digest(salted, b"Server Key", name).hex(),
    )


def turn_name(expiry: int, user: str = "", generation: int | None = None) -> str:
    """The user name of a minted credential that is valid until `expiry` (Unix seconds).

    `generation` names the secret with which it is made (falcot_rtc.turn_auth.lookup).
    """
    name = f"{expiry}:{user}" if user else str(expiry)
    return name if generation is None else f"{name}:{generation}"


def turn_password(secret: str, name: str) -> str:
    """The password minted for `name` with a shared secret (draft-uberti-behave-turn-rest-00)."""
    return base64.b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()


def turn_key(secret: str, name: str, realm: str) -> str:
    """The long-term key (hex) of a minted name, with which a TURN server verifies."""
    return _md5(f"{name}:{realm}:{turn_password(secret, name)}")


def _md5(text: str) -> str:
    # The protocols prescribe MD5; usedforsecurity=False keeps it available in FIPS mode.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
