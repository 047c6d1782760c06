# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""people.jsonl for falcot-rtc-phone: what tells whether a password is somebody's.

Of SCRAM's values (RFC 5802) those with which one can verify and not log in; the HA1, with which one
can, only of accounts that have nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.directory import AS_IS, Owner
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.accounts.lines import LinesFile
from falcot_rtc.accounts.projections import Changes, Row
from falcot_rtc.accounts.verifier import Verifier

PEOPLE = "people.jsonl"
# Whose hashes are computed for nobody.
KIND = "#kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneProjection:
    """people.jsonl in `base` (an existing directory), for the group of `reader`."""

    base: Path
    kind: ScramKind
    reader: Owner
    writer: Owner = AS_IS
    name: str = "phone"

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        """By name@domain."""
        rows: dict[str, Row] = {KIND: (self.kind.value,)}
        return rows | {one.address: (row(one.verifier),) for one in accounts}

    def keys(self, name: str, domain: str) -> frozenset[str]:
        return frozenset((f"{name}@{domain}",))

    @property
    def begun(self) -> bool:
        return self._file.begun

    def read(self) -> Mapping[str, Row]:
        return self._file.read()

    def write(self, changes: Changes) -> None:
        self._file.write(changes)

    @property
    def _file(self) -> LinesFile:
        return LinesFile(
            base=self.base, name=PEOPLE, parameter=KIND, reader=self.reader, writer=self.writer
        )


def row(verifier: Verifier) -> str:
    """What is kept of it."""
    known = verifier.scram
    if known is None:
        return json.dumps([verifier.login, verifier.realm, verifier.ha1])
    return json.dumps([known.kind.value, known.salt, known.iterations, known.stored_key])


def account(address: str, kept: str) -> Account:
    """An active account with as much of a verifier as row() kept; ValueError for anything else."""
    name, _, domain = address.partition("@")
    found = json.loads(kept)
    if len(found) == 3:
        login, realm, ha1 = found
        verifier = Verifier(login=login, realm=realm, ha1=ha1, ha1b="", scram=None)
    else:
        kind, salt, iterations, stored_key = found
        scram = Scram(
            kind=ScramKind(kind),
            salt=salt,
            iterations=iterations,
            stored_key=stored_key,
            server_key="",
        )
        verifier = Verifier(login="", realm="", ha1="", ha1b="", scram=scram)
    return Account(name=name, domain=domain, verifier=verifier)
