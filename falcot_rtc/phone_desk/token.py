# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page keeps of a log-in instead of the password; RFC 6750. Pure.

Its code covers what is kept of the password at the time: so it ends with the account, with its
password, and when its time is over, without a list of sessions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LENGTH = 32
_CLAIM = re.compile(r"([0-9]{1,12}):([^:]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who logged in, and until when that counts (Unix time)."""

    address: str
    until: int


def issue(secret: str, holder: Holder, kept: str) -> str:
    """A token for who has just proved to know the password of which `kept` tells."""
    claim = f"{holder.until}:{holder.address}"
    return base64.urlsafe_b64encode(_code(secret, claim, kept) + claim.encode()).decode()


def holder(secret: str, token: str, people: Mapping[str, str], now: int) -> Holder | None:
    """Whose it is, if it is good; `people` has what is kept of each active account's password."""
    try:
        found = base64.b64decode(token, altchars=b"-_", validate=True)
        claim = found[_LENGTH:].decode()
    except (binascii.Error, ValueError):
        return None
    said = _CLAIM.fullmatch(claim)
    kept = people.get(said[2]) if said else None
    if said is None:
        return None
    # For nobody as well: it takes as long.
    right = hmac.compare_digest(found[:_LENGTH], _code(secret, claim, kept or ""))
    if kept is None or not right:
        return None
    return Holder(address=said[2], until=int(said[1])) if now < int(said[1]) else None


def _code(secret: str, claim: str, kept: str) -> bytes:
    return hmac.digest(secret.encode(), f"{claim}\n{kept}".encode(), hashlib.sha256)
