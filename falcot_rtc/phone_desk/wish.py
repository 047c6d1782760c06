# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page asks for, and what it is told; docs/web-phone-api.md. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from falcot_rtc.backend.headers import Address, own, sender

# Where it is on the web site.
API = "/phone/api/"
TYPE = "application/json"
LARGEST = 4096
# No account's name is longer than 64, no domain than 127; no password than 128 (of four bytes).
_LONGEST = 1024

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+)", re.ASCII | re.IGNORECASE)
_CALL = re.compile(r"call/([a-z0-9-]{1,32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    user: str
    password: str = field(repr=False)
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`origin` is that of the page; with `preflight` a browser asks whether it may ask."""

    name: str
    origin: str
    address: Address
    preflight: bool = False


Wish = Login | Renew | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`allowed` is the origin of another site whose page may read it; `seconds` until a retry."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    allowed: str = ""
    seconds: int = 0


def refusal(status: int, error: str, **more: Any) -> Answer:
    return Answer(status=status, body={"error": error}, **more)


MALFORMED = refusal(400, "malformed")
REFUSED = refusal(401, "refused")
FOREIGN = refusal(403, "foreign")
UNKNOWN = refusal(404, "unknown")
METHOD = refusal(405, "method")
BUSY = refusal(503, "busy")


def limited(seconds: int, allowed: str = "") -> Answer:
    return Answer(
        status=429,
        body={"error": "limited", "seconds": seconds},
        seconds=seconds,
        allowed=allowed,
    )


def parse(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Wish | Answer:
    """The wish, or why it is none; `headers` have lower-case names."""
    verb = path.partition("?")[0].removeprefix(API) if path.startswith(API) else ""
    called = _CALL.fullmatch(verb)
    if not called and verb not in ("login", "renew"):
        return UNKNOWN
    if method != "POST" and not (called and method == "OPTIONS"):
        return METHOD
    try:
        address = sender(headers)
    except ValueError:
        return MALFORMED
    if called:
        origin = headers.get("origin", "").lower()
        preflight = method == "OPTIONS"
        return Call(name=called[1], origin=origin, address=address, preflight=preflight)
    if verb == "renew":
        bearer = _BEARER.fullmatch(headers.get("authorization", "").strip())
        return Renew(token=bearer[1]) if bearer else REFUSED
    if not own(headers):
        return FOREIGN
    return _login(headers, body, address)


def _login(headers: Mapping[str, str], body: bytes, address: Address) -> Wish | Answer:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        return MALFORMED
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return MALFORMED
    if not isinstance(given, dict) or not given.keys() >= {"user", "password"}:
        return MALFORMED
    user, password = given["user"], given["password"]
    for text in (user, password):
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
            return MALFORMED
    return Login(user=user, password=password, address=address)
