# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON lines, one object a person: as people.csv, or with everything that the store knows.

What `write` makes moves a site. It has the verifiers: who reads a HA1 can log in to SIP and TURN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.formats.entry import Entry, Found, Refused, address, state
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import UsageError, shown

_VERIFIER = ("login", "realm", "ha1", "ha1b")
_KEYS = frozenset(
    {"name", "address", "domain", "password", "extension", "aliases", "state", "created"}
    | {"updated", "scram", *_VERIFIER}
)
_HA1 = re.compile(r"[0-9a-f]{32}")
_KEY = {ScramKind.SHA1: re.compile(r"[0-9a-f]{40}"), ScramKind.SHA256: re.compile(r"[0-9a-f]{64}")}
# It is written into prosody's Lua files as it is.
_SALT = re.compile(r"[0-9A-Za-z-]{1,64}")


def read(lines: Iterator[Line | Refused]) -> Found:
    """What each line says."""
    for line in lines:
        if isinstance(line, Refused):
            yield line
            continue
        try:
            known = json.loads(line.text)
        except (ValueError, RecursionError) as error:
            yield Refused(line=line.number, reason=f"no JSON: {error}")
            continue
        if not isinstance(known, dict):
            yield Refused(line=line.number, reason="no JSON object")
            continue
        try:
            yield _entry(line.number, known)
        except UsageError as error:
            name = known.get("address", known.get("name"))
            yield Refused(
                line=line.number, name=name if isinstance(name, str) else "", reason=str(error)
            )


def _entry(line: int, known: Mapping[str, Any]) -> Entry:
    for key in known:
        if key not in _KEYS:
            raise UsageError(f"key {shown(key)} is not known")
    if "password" in known and "ha1" in known:
        raise UsageError("both a password and hashes of one")
    name, domain = address(_text(known, "address") or _text(known, "name"), _text(known, "domain"))
    return Entry(
        line=line,
        name=name,
        domain=domain,
        password=_text(known, "password") or None,
        verifier=_verifier(known) if "ha1" in known else None,
        extension=_extension(known),
        aliases=_aliases(known["aliases"]) if "aliases" in known else None,
        state=state(_text(known, "state")),
        created=_number(known, "created"),
        updated=_number(known, "updated"),
    )


def _text(known: Mapping[str, Any], key: str) -> str:
    value = known.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{key} is no text")
    return value or ""


def _number(known: Mapping[str, Any], key: str) -> int:
    value = known.get(key, 0)
    if not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise UsageError(f"{key} is no number from 0 on")
    return int(value)


def _extension(known: Mapping[str, Any]) -> str | None:
    if "extension" not in known:
        return None
    value = known["extension"]
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise UsageError("extension is no text")
    return "" if value is None else str(value)


def _aliases(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(re.findall(r"[^\s;]+", value))
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError("aliases are no list of texts")
    return tuple(value)


def _verifier(known: Mapping[str, Any]) -> Verifier:
    login, realm, ha1, ha1b = (_text(known, key) for key in _VERIFIER)
    if not _HA1.fullmatch(ha1) or not _HA1.fullmatch(ha1b):
        raise UsageError("ha1 and ha1b are 32 hexadecimal digits each, in lower case")
    if login.count("@") != 1 or not realm:
        raise UsageError("login (name@domain) or realm of the hashes is missing")
    scram = known.get("scram")
    if scram is not None and not isinstance(scram, dict):
        raise UsageError("scram is no object")
    return Verifier(
        login=login, realm=realm, ha1=ha1, ha1b=ha1b, scram=_scram(scram) if scram else None
    )


def _scram(known: Mapping[str, Any]) -> Scram:
    kinds = {kind.value: kind for kind in ScramKind}
    kind = kinds.get(_text(known, "kind"))
    if kind is None:
        raise UsageError(f"scram: kind is none of {', '.join(kinds)}")
    salt, stored, server = (_text(known, key) for key in ("salt", "stored_key", "server_key"))
    if not _SALT.fullmatch(salt):
        raise UsageError("scram: salt is not made of letters, digits and hyphens")
    if not all(_KEY[kind].fullmatch(key) for key in (stored, server)):
        raise UsageError(f"scram: stored_key or server_key is no {kind} in hexadecimal digits")
    iterations = _number(known, "iterations")
    if not 1 <= iterations <= 10_000_000:
        raise UsageError("scram: iterations are no number from 1 to 10000000")
    return Scram(kind=kind, salt=salt, iterations=iterations, stored_key=stored, server_key=server)


def write(accounts: Iterable[Account]) -> Iterator[str]:
    """Everything about accounts, a line each."""
    for one in accounts:
        row: dict[str, object] = {
            "address": one.address,
            "state": one.state.value,
            "extension": one.extension,
            "aliases": list(one.aliases),
            "created": one.created,
            "updated": one.updated,
        }
        row |= {key: getattr(one.verifier, key) for key in _VERIFIER}
        scram = one.scram
        row["scram"] = scram and {
            "kind": scram.kind.value,
            "salt": scram.salt,
            "iterations": scram.iterations,
            "stored_key": scram.stored_key,
            "server_key": scram.server_key,
        }
        yield json.dumps(row) + "\n"
