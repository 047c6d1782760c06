# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM, the client's side without channel binding; RFC 5802 and RFC 7677."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.saslprep import saslprep

HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}  # in order of preference
HEADER = "n,,"
# More would let a hostile server keep this machine busy; servers use 4096 to some 100 000.
ITERATIONS_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One authentication: all that the later steps need from the first."""

    mechanism: str
    user: str
    nonce: str

    @property
    def first(self) -> str:
        """client-first-message"""
        return HEADER + self._bare

    @property
    def _bare(self) -> str:
        name = saslprep(self.user).replace("=", "=3D").replace(",", "=2C")
        return f"n={name},r={self.nonce}"

    def final(self, password: str, challenge: str) -> tuple[str, bytes]:
        """client-final-message for the server's first one, and the signature it must answer."""
        fields = _fields(challenge)
        if list(fields)[:3] != ["r", "s", "i"]:
            raise ProtocolError("SCRAM challenge lacks nonce, salt or iterations")
        if not fields["r"].startswith(self.nonce) or fields["r"] == self.nonce:
            raise ProtocolError("SCRAM challenge does not extend our nonce")
        count = fields["i"]
        # At most eight digits: int() of thousands of them is slow, of more a ValueError.
        if not (count.isascii() and count.isdecimal() and len(count) <= 8):
            raise ProtocolError(f"SCRAM iteration count {count[:20]!r} is not a number")
        if not 1 <= int(count) <= ITERATIONS_LIMIT:
            raise ProtocolError(f"SCRAM iteration count {count} is out of bounds")
        name = HASHES[self.mechanism]
        salted = hashlib.pbkdf2_hmac(
            name, saslprep(password).encode(), _base64(fields["s"]), int(count)
        )
        binding = base64.b64encode(HEADER.encode()).decode()
        without_proof = f"c={binding},r={fields['r']}"
        signed = f"{self._bare},{challenge},{without_proof}".encode()
        client_key = hmac.digest(salted, b"Client Key", name)
        stored_key = hashlib.new(name, client_key).digest()
        signature = hmac.digest(stored_key, signed, name)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_key = hmac.digest(salted, b"Server Key", name)
        message = f"{without_proof},p={base64.b64encode(proof).decode()}"
        return message, hmac.digest(server_key, signed, name)


def is_server_authentic(outcome: str, signature: bytes) -> bool:
    """Whether the server's final message proves that it knows the password too."""
    verifier = _fields(outcome).get("v", "")
    return hmac.compare_digest(_base64(verifier), signature)


def _fields(message: str) -> dict[str, str]:
    found = {}
    for part in message.split(","):
        name, mark, value = part.partition("=")
        if len(name) != 1 or not mark or name in found:
            raise ProtocolError(f"SCRAM message part {part[:40]!r} is malformed")
        found[name] = value
    return found


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"SCRAM value {text[:40]!r} is not base64") from error
