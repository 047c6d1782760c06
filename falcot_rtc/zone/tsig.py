# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that signs an update (RFC 8945), from a file as tsig-keygen(8) makes it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import dns.name
import dns.tsig

from falcot_rtc.errors import UsageError
from falcot_rtc.host import Host

_KEY = re.compile(r'\bkey\s+"?([A-Za-z0-9._-]+)"?\s*\{(.*?)\}', re.DOTALL)
_FIELD = re.compile(r'\b(algorithm|secret)\s+"?([A-Za-z0-9+/=._-]+)"?\s*;')
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
ALGORITHMS = {
    f"hmac-{digest}": getattr(dns.tsig, f"HMAC_{digest.upper()}")
    for digest in ("sha256", "sha384", "sha512", "sha224", "sha1", "md5")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TsigKey:
    name: str
    algorithm: dns.name.Name
    secret: bytes

    def signing(self) -> dict[str, Any]:
        """The arguments of an update message."""
        key = dns.tsig.Key(dns.name.from_text(self.name), self.secret, self.algorithm)
        return {"keyring": key}


def read(host: Host, path: str) -> TsigKey:
    """The key that the site names."""
    return parse(host.text(path), path)


def parse(text: str, where: str) -> TsigKey:
    """The one key of a file; raises UsageError without ever showing the secret."""
    # A // is no comment within the quotes of a secret.
    blocks = _KEY.findall(_outside_quotes(text))
    hint = "make one with tsig-keygen, and let the name server know it"
    if len(blocks) != 1:
        raise UsageError(f"{where}: {len(blocks)} keys where one belongs", hint=hint)
    name, body = blocks[0]
    given = dict(_FIELD.findall(body))
    if given.keys() != {"algorithm", "secret"}:
        raise UsageError(f"{where}: the key {name} lacks an algorithm or a secret", hint=hint)
    algorithm = given["algorithm"].lower().rstrip(".")
    if algorithm not in ALGORITHMS:
        raise UsageError(
            f"{where}: the key {name} has an unknown algorithm",
            hint=f"one of {', '.join(ALGORITHMS)}",
        )
    try:
        secret = base64.b64decode(given["secret"], validate=True)
    except binascii.Error as error:
        raise UsageError(f"{where}: the secret of {name} is not Base64", hint=hint) from error
    return TsigKey(name=name, algorithm=ALGORITHMS[algorithm], secret=secret)


def _outside_quotes(text: str) -> str:
    parts = re.split(r'("[^"\n]*")', text)
    return "".join(p if p.startswith('"') else _COMMENT.sub("", p) for p in parts)
