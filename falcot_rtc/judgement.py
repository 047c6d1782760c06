# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found out about a certificate: it holds for the same bytes, wanted likewise. Pure.

Looking into a certificate costs more than all else an apply does that finds nothing to do.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate with its chain, and the private key, both PEM."""

    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a pair has to be good for; `days` is the life of one that the own CA issues, or None.

    `rsa`: whether the own CA's has to have such a key, instead of the shorter ECDSA.
    """

    names: tuple[str, ...]
    domains: tuple[str, ...]
    days: int | None
    rsa: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What has this `subject` is good, and not due for renewal, before `until`.

    `result` tells by its digest the pair that was made of it.
    """

    subject: str
    until: datetime.datetime
    result: str

    def holds(self, pair: Pair, wanted: Wanted, now: datetime.datetime) -> bool:
        return self.subject == subject(pair, wanted) and now < self.until


def subject(pair: Pair, wanted: Wanted) -> str:
    """A digest of all that a judgement is about, except the time."""
    parts = (
        *(hashlib.sha256(part).hexdigest() for part in (pair.chain, pair.key)),
        wanted.names,
        wanted.domains,
        wanted.days,
        wanted.rsa,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def result(pair: Pair) -> str:
    return hashlib.sha256(pair.chain + pair.key).hexdigest()


def dump(judgement: Judgement) -> str:
    row = {
        "subject": judgement.subject,
        "until": judgement.until.isoformat(),
        "result": judgement.result,
    }
    return json.dumps(row, indent=1) + "\n"


def parse(text: bytes) -> Judgement | None:
    """The opposite of dump(); None for anything else: then the certificate is judged anew."""
    try:
        row = json.loads(text)
        until = datetime.datetime.fromisoformat(row["until"])
        known = Judgement(subject=str(row["subject"]), until=until, result=str(row["result"]))
    except (ValueError, TypeError, KeyError):
        return None
    return known if until.tzinfo else None
