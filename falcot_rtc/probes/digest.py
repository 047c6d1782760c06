# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digest authentication, the client's side; RFC 7616 and RFC 8760 (RFC 2617 where no qop is)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from falcot_rtc.probes.errors import ProtocolError

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
PARAMETER = re.compile(
    r'\s*([A-Za-z0-9_!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """`qop` is "auth" or, from servers of RFC 2069's time, ""."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str | None = None


def parse_challenge(value: str) -> Challenge:
    """The challenge in a WWW-Authenticate or Proxy-Authenticate value."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise ProtocolError(f"authentication scheme {scheme!r} is not Digest")
    found: dict[str, str] = {}
    position = 0
    while position < len(rest):
        match = PARAMETER.match(rest, position)
        if match is None:
            raise ProtocolError(f"digest challenge is malformed at {rest[position:][:40]!r}")
        name, quoted, token = match.groups()
        if name.lower() in found:
            raise ProtocolError(f"digest challenge gives {name} twice")
        found[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if token is None else token
        position = match.end()
    if "realm" not in found or "nonce" not in found:
        raise ProtocolError("digest challenge without realm or nonce")
    algorithm = found.get("algorithm", "MD5").upper()
    if algorithm.removesuffix("-SESS") not in ALGORITHMS:
        raise ProtocolError(f"digest algorithm {algorithm} is unknown")
    offered = [token.strip().lower() for token in found.get("qop", "").split(",")]
    if found.get("qop") and "auth" not in offered:
        raise ProtocolError(f"digest qop {found['qop']!r} does not offer auth")
    return Challenge(
        realm=found["realm"],
        nonce=found["nonce"],
        algorithm=algorithm,
        qop="auth" if found.get("qop") else "",
        opaque=found.get("opaque"),
    )


def response(
    challenge: Challenge,
    *,
    user: str,
    password: str,
    method: str,
    uri: str,
    cnonce: str,
    count: int = 1,
) -> str:
    """The hexadecimal response, RFC 7616 section 3.4.1."""
    algorithm = challenge.algorithm
    secret = _hash(algorithm, f"{user}:{challenge.realm}:{password}")
    if algorithm.endswith("-SESS"):
        secret = _hash(algorithm, f"{secret}:{challenge.nonce}:{cnonce}")
    request = _hash(algorithm, f"{method}:{uri}")
    middle = f"{challenge.nonce}:{count:08x}:{cnonce}:auth" if challenge.qop else challenge.nonce
    return _hash(algorithm, f"{secret}:{middle}:{request}")


def authorization(
    challenge: Challenge,
    *,
    user: str,
    password: str,
    method: str,
    uri: str,
    cnonce: str,
    count: int = 1,
) -> str:
    """The value of the Authorization or Proxy-Authorization header that answers `challenge`."""
    answer = response(
        challenge,
        user=user,
        password=password,
        method=method,
        uri=uri,
        cnonce=cnonce,
        count=count,
    )
    parts = [
        f"username={_quoted(user)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(uri)}",
        f'response="{answer}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.qop:
        parts += [f"qop={challenge.qop}", f"nc={count:08x}", f"cnonce={_quoted(cnonce)}"]
    if challenge.opaque is not None:
        parts.append(f"opaque={_quoted(challenge.opaque)}")
    return "Digest " + ", ".join(parts)


def _hash(algorithm: str, text: str) -> str:
    name = ALGORITHMS[algorithm.removesuffix("-SESS")]
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
