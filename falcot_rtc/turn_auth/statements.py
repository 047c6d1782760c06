# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer the SQL that coturn asks of a PostgreSQL user database (coturn 4.6, dbd_pgsql.c)."""

from __future__ import annotations

import re
import secrets

from falcot_rtc.turn_auth import postgres
from falcot_rtc.turn_auth.lookup import Directory, key_of
from falcot_rtc.turn_auth.pace import Pace

# No quote and no backslash: coturn (is_secure_string) lets neither through.
_VALUE = rb"'([^'\\]*)'"
_KEY = re.compile(
    rb"select hmackey from turnusers_lt where name=%b and realm=%b" % (_VALUE, _VALUE)
)
_READING = re.compile(rb"select [^;]*")

_PRIVILEGE = "42501"


def answer(sql: bytes, directory: Directory, now: int, pace: Pace) -> bytes:
    """What goes back for one query.

    Realms, origins, peer lists, secrets and administrators are all configured elsewhere: asked for
    those, there is not a row. What would write is refused.
    """
    wanted = _KEY.fullmatch(sql)
    if wanted is None:
        if _READING.fullmatch(sql) and b"turnusers_lt" not in sql:
            return postgres.rows("none", ())
        return postgres.failure(_PRIVILEGE, "falcot-rtc answers key look-ups only")
    # What is not UTF-8 is nobody's name.
    name, realm = (part.decode(errors="replace") for part in wanted.groups())
    # A key that nobody has: coturn treats unknown names and wrong passwords alike then, in the time
    # it takes as in what it logs.
    key = key_of(directory, name, realm, now) if _is_judged(name, directory, pace) else None
    key = key or secrets.token_hex(16)
    return postgres.rows("hmackey", (key,))


def _is_judged(name: str, directory: Directory, pace: Pace) -> bool:
    """Minted credentials can't be guessed, and everybody else has no key."""
    return name not in directory.keys or pace.admits(name, directory.per_minute)
