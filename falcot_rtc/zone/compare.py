# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expected records against what servers said, record by record, with what to do about each. Pure.

A name may hold others' records beside ours (a second XMPP server, somebody's NAPTR): only what
sends our clients astray is a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falcot_rtc.zone.ask import Answer, Question, Said
from falcot_rtc.zone.records import Row

ADD, DELETE, CHANGE, NOTE = "add", "delete", "change", "note"
FAIL, WARN, FINE = "fail", "warn", "ok"
ADDRESSES = ("A", "AAAA")
# Clients do without these: they fall back to SRV, or do not look.
OPTIONAL = ("NAPTR", "TLSA", "CAA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line for the administrator; `servers` is empty where all that answer agree."""

    status: str
    action: str
    record: str
    instead: str = ""
    why: str = ""
    servers: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = "" if self.action == NOTE else f"{self.action} "
        instead = f", should be {self.instead}" if self.instead else ""
        why = f": {self.why}" if self.why else ""
        at = f" (at {', '.join(self.servers)})" if self.servers else ""
        return f"{told}{self.record}{instead}{why}{at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What belongs into the zone of a domain, and how to tell whose a record is.

    `hosts` are the names of our servers with a final dot; `public` their addresses from outside;
    `inside` those that the host has itself behind NAT. `stray` is a name that does not
    exist: whatever it has is a wildcard's.
    """

    domain: str
    rows: frozenset[Row]
    hosts: frozenset[str]
    public: frozenset[str]
    inside: frozenset[str]
    stray: str


def is_published(expected: Expected, said: Iterable[Said]) -> bool:
    """Whether any server has any record that only we would have made."""
    own = {row for row in expected.rows if row.type not in ADDRESSES}
    return any(
        bool(own & answer.rows) or _points_here(expected, answer.rows)
        for one in said
        for answer in one.answers.values()
    )


def _points_here(expected: Expected, rows: Iterable[Row]) -> bool:
    return any(row.type == "SRV" and _target(row) in expected.hosts for row in rows)


def compare(expected: Expected, said: Iterable[Said]) -> list[Finding]:
    """All findings, faults first; what only some servers say names them."""
    answering = [one for one in said if one.answers and not one.fault]
    found: dict[Finding, list[str]] = {}
    for one in answering:
        for finding in _of_server(expected, one.answers):
            found.setdefault(finding, []).append(str(one.server))
    everybody = len(answering)
    findings = [
        finding if len(names) == everybody else _only_at(finding, names)
        for finding, names in found.items()
    ]
    order = {FAIL: 0, WARN: 1, FINE: 2}
    return sorted(findings, key=lambda f: (order[f.status], f.record, f.action))


def _only_at(finding: Finding, names: list[str]) -> Finding:
    why = f"{finding.why}; the servers disagree" if finding.why else "the servers disagree"
    return Finding(
        status=finding.status,
        action=finding.action,
        record=finding.record,
        instead=finding.instead,
        why=why,
        servers=tuple(names),
    )


def _of_server(expected: Expected, answers: Mapping[Question, Answer]) -> Iterable[Finding]:
    for (name, kind), answer in answers.items():
        if name == expected.stray:
            continue
        here = frozenset(r for r in expected.rows if (r.name, r.type) == (name, kind))
        if answer.alias:
            if here:
                yield _alias(here, name, answer.alias)
            continue
        missing, surplus = sorted(here - answer.rows), sorted(answer.rows - here)
        wildcard = answers.get((expected.stray, kind))
        if surplus and wildcard and _data(wildcard.rows) == _data(answer.rows):
            # It ends with the first record of that name.
            yield from (_missing(row, f"*.{expected.domain} answers instead") for row in missing)
            continue
        yield from _pairs(expected, missing, surplus, here)


def _data(rows: Iterable[Row]) -> set[str]:
    return {row.data for row in rows}


def _alias(here: frozenset[Row], name: str, target: str) -> Finding:
    listed = ", ".join(f"{row.type} {row.data}" for row in sorted(here))
    return Finding(
        status=FAIL,
        action=CHANGE,
        record=f"{name} CNAME {target}",
        instead=listed,
        why="no other record can stand beside an alias, and SRV must not lead to one (RFC 2782)",
    )


def _pairs(
    expected: Expected, missing: list[Row], surplus: list[Row], here: frozenset[Row]
) -> Iterable[Finding]:
    found = here.difference(missing)
    wrong = [row for row in surplus if _is_fault(expected, row, here, found)]
    for row in surplus:
        if row not in wrong and row.type == "SRV":
            yield Finding(
                status=FINE,
                action=NOTE,
                record=str(row),
                why="not this site's: yours to judge",
            )
    for absent in list(missing):
        twin = _twin(absent, wrong, alone=len(missing) == len(wrong) == 1)
        if twin:
            missing.remove(absent)
            wrong.remove(twin)
            yield Finding(
                status=FAIL,
                action=CHANGE,
                record=str(twin),
                instead=absent.data,
                why=_why(expected, twin),
            )
    yield from (_missing(row) for row in missing)
    for row in wrong:
        yield Finding(status=FAIL, action=DELETE, record=str(row), why=_why(expected, row))


def _missing(row: Row, why: str = "") -> Finding:
    status = WARN if row.type in OPTIONAL else FAIL
    return Finding(status=status, action=ADD, record=str(row), why=why)


def _twin(absent: Row, wrong: list[Row], *, alone: bool) -> Row | None:
    """The wrong record that stands where `absent` belongs."""
    if absent.type == "SRV":
        alike = [row for row in wrong if _target(row) == _target(absent)]
        return alike[0] if alike else None
    return wrong[0] if alone else None


def _target(row: Row) -> str:
    return row.data.rsplit(" ", 1)[-1]


def _is_fault(expected: Expected, row: Row, here: frozenset[Row], found: frozenset[Row]) -> bool:
    """Whether a record that we do not want harms; `here` are ours of that name and type."""
    if row.type in ADDRESSES:
        return row.name in expected.hosts and bool(here or row.data in _ours(expected))
    if row.type == "SRV":
        return _target(row) in expected.hosts
    if row.type == "NAPTR":
        ours = any(service in row.data.lower() for service in ('"relay:', '"sip'))
        return ours and _target(row).endswith(f".{expected.domain}.")
    # Another key beside ours is a rollover; alone it would be in the way of everybody.
    return row.type == "TLSA" and not found


def _ours(expected: Expected) -> frozenset[str]:
    return expected.public | expected.inside


def _why(expected: Expected, row: Row) -> str:
    if row.type in ADDRESSES:
        if row.data in expected.public:
            return "this host's, but clients of this name should not come there"
        if row.data in expected.inside:
            return "this host's own address behind NAT: nobody reaches it from outside"
        return "no address of this host"
    if row.type == "SRV":
        return "nothing of this site listens there"
    if row.type == "TLSA":
        return "not the key that is served: clients with DANE refuse it"
    return ""
