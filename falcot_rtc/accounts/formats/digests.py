# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""User files of digest authentication: htdigest(1), and users.txt of the TURN server reTurn.

htdigest: name:realm:HA1. reTurn: name:password:realm:state, where the state is authorized,
restricted (treated alike) or refused; lines that begin with '#' are comments; the password is a HA1
with UserDatabaseHashedPasswords, which Debian's packages set, and clear text without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from falcot_rtc.accounts import verifier
from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.formats.entry import Entry, Found, Refused
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError, shown

_HA1 = re.compile(r"[0-9a-fA-F]{32}")
_STATES = {"authorized": State.ACTIVE, "restricted": State.ACTIVE, "refused": State.DISABLED}


def htdigest(lines: Iterator[Line | Refused]) -> Found:
    """What each line says."""
    return _each(lines, _htdigest)


def return_users(lines: Iterator[Line | Refused]) -> Found:
    """What each line says; what is refused here reTurn passes over too."""
    return _each(lines, _return)


def _each(lines: Iterator[Line | Refused], entry: Callable[[Line], Entry | None]) -> Found:
    for line in lines:
        if isinstance(line, Refused):
            yield line
            continue
        try:
            found = entry(line)
        except UsageError as error:
            name = line.text.partition(":")[0].strip()
            yield Refused(line=line.number, name=name, reason=str(error))
        else:
            if found is not None:
                yield found


def _htdigest(line: Line) -> Entry:
    fields = line.text.split(":")
    if len(fields) != 3:
        raise UsageError("not name:realm:HA1")
    name, realm, ha1 = fields
    return of_ha1(line.number, name, "", realm, ha1.strip())


def _return(line: Line) -> Entry | None:
    if line.text.lstrip().startswith("#"):
        return None
    fields = [field.strip() for field in line.text.split(":")]
    if len(fields) != 4 or not fields[1]:
        raise UsageError("not name:password:realm:state")
    name, password, realm, text = fields
    state = _STATES.get(text.lower())
    if state is None:
        raise UsageError(f"state {shown(text)} is none of {', '.join(_STATES)}")
    if not _HA1.fullmatch(password):
        return Entry(line=line.number, name=name, password=password, state=state)
    return of_ha1(line.number, name, "", realm, password, state=state)


def of_ha1(
    line: int, name: str, domain: str, realm: str, ha1: str, *, state: State | None = None
) -> Entry:
    """A person of whom only an HA1 is known; UsageError if it is none."""
    if not _HA1.fullmatch(ha1):
        raise UsageError("the HA1 is not 32 hexadecimal digits")
    made = verifier.of_ha1(name, realm, ha1)
    return Entry(line=line, name=name, domain=domain, verifier=made, state=state)
