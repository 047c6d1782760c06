# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local parts that mean the same in SIP (RFC 3261), XMPP (RFC 7622), mail (RFC 5321) and TURN."""

from __future__ import annotations

import re

from falcot_rtc.errors import UsageError

# Accounts that checks make for themselves: swept at start, hidden, excluded from call routing.
RESERVED_PREFIX = "falcot-rtc-check-"
MAX_LENGTH = 64
_LONGEST_DOMAIN = 253
# Callers without an account (click to call); the proxy's configuration has it as well.
GUEST = "guest-[0-9a-f]{16}"

_ALPHABET = re.compile(r"[a-z0-9._-]*")
_HINT = "use a-z, 0-9, '.', '_' and '-', for example 'joe' or 'anna.smith'"


def is_reserved(name: str) -> bool:
    """Whether `name` belongs to the checks."""
    return name.startswith(RESERVED_PREFIX)


def guest_name(number: bytes) -> str:
    """A name for somebody without an account, of eight bytes."""
    return f"guest-{number.hex()}"


def typed(given: str, domain: str) -> tuple[str, str]:
    """Name and domain of what a person typed, whether or not there is such an account.

    Keyboards of phones begin with a capital letter, and our names have none.
    """
    name, at, of = given.strip().lower().partition("@")
    # Nobody's are cut, and still nobody's: what is remembered and logged of guesses has an end.
    return name[: MAX_LENGTH + 1], of.rstrip(".")[: _LONGEST_DOMAIN + 1] if at else domain


def reserved_name() -> str:
    """A fresh name for a check's account: the reserved prefix and 12 random hex digits."""
    import secrets

    return RESERVED_PREFIX + secrets.token_hex(6)


def local_part(name: str, *, reserved: bool = False) -> str:
    """`name` itself, if it is one that every service accepts; otherwise UsageError.

    Names with the reserved prefix are accepted only with `reserved`, which checks alone set.
    """
    fault, hint = _fault(name)
    if not fault and is_reserved(name) and not reserved:
        fault, hint = f"begins with '{RESERVED_PREFIX}', reserved for checks", "choose another name"
    if not fault and reserved and not is_reserved(name):
        fault, hint = f"lacks the prefix '{RESERVED_PREFIX}' of checks", "use reserved_name()"
    if fault:
        raise UsageError(f"user: name {name!r} {fault}", hint=hint)
    return name


def _fault(name: str) -> tuple[str, str]:
    if not name:
        return "is empty", _HINT
    if len(name) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters", "shorten it"
    if name != name.lower() and _ALPHABET.fullmatch(name.lower()):
        return "has upper-case letters", f"use '{name.lower()}'"
    if "@" in name:
        return "contains '@'", "give the part before the '@'; the domain is named separately"
    if not _ALPHABET.fullmatch(name):
        bad = next(char for char in name if not _ALPHABET.fullmatch(char))
        return f"contains {bad!r}", _HINT
    if name.startswith(".") or name.endswith(".") or ".." in name:
        return "begins or ends with a dot or has two in a row", "RFC 5321 forbids this in mail"
    if name.isdigit():
        # A minted TURN name is a bare Unix time, and a dialled number is an extension.
        return "consists of digits only", "digits alone are extensions; add a letter"
    if re.fullmatch(GUEST, name):
        return "is one of those for callers without an account", "choose another name"
    if "union" in name and "select" in name:
        # coturn's guard against SQL injection refuses such a user name (is_secure_string).
        return "contains both 'union' and 'select'", "coturn refuses such names; choose another"
    return "", ""


def extension(number: str) -> str:
    """`number` itself, if a phone can dial it: 2 to 12 digits; otherwise UsageError."""
    if not re.fullmatch(r"[0-9]{2,12}", number):
        raise UsageError(f"user: extension {number!r} is not 2 to 12 digits", hint="such as 1001")
    return number
