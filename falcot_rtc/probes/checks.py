# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans the table's checks for a ticket and runs them concurrently; what `check` shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from falcot_rtc.errors import UsageError
from falcot_rtc.probes.connection import Deadline, explained, is_local
from falcot_rtc.probes.errors import NoAnswer, NoRoute, ProbeError
from falcot_rtc.probes.outcome import FAIL, SKIP, Outcome, failed, skipped
from falcot_rtc.probes.table import EACH, FAMILY, ROWS, TRANSPORTS, Row
from falcot_rtc.probes.ticket import Target, Ticket

THREADS = 32  # they wait for the network; a dead site is told in some ten seconds
SECONDS = 10.0
SECONDS_FIRST = 5.0  # for the checks that others need, so that a dead site is told quickly

LOGS = {"turn": "coturn", "sip": "kamailio", "xmpp": "prosody", "web": "apache2@falcot-rtc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A row applied to a ticket's targets; `needs` has one id for each target, or is empty."""

    id: str
    role: str
    lane: str
    row: Row
    targets: tuple[Target, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check came to; `detail` and `hint` are for people, `status` is one of four."""

    id: str
    title: str
    role: str
    status: str
    detail: str
    hint: str
    seconds: float


def reachable(ticket: Ticket) -> Ticket:
    """The ticket with the addresses that lead to the host from here: behind NAT, public ones."""
    if _is_host(ticket):
        return ticket
    targets = (replace(t, address=t.public or t.address) for t in ticket.endpoints)
    return replace(ticket, endpoints=tuple(targets))


def planned(ticket: Ticket) -> tuple[Check, ...]:
    """The checks that follow from the ticket's endpoints, in the table's order."""
    return tuple(check for row in ROWS for check in _checks(row, ticket))


def run(
    ticket: Ticket,
    *,
    only: Iterable[str] = (),
    report: Callable[[Result], None] = lambda result: None,
) -> tuple[Result, ...]:
    """Run the planned checks, or those that `only` names, and return results in planned order.

    A pattern in `only` is an id, the beginning of one up to a dot, or has shell wildcards.
    `report` gets each result as it comes, from several threads.
    """
    if ticket.expires <= time.time():
        raise UsageError(
            f"ticket: expired at {time.strftime('%F %T', time.localtime(ticket.expires))}",
            hint="make a new ticket on the host",
        )
    ticket = reachable(ticket)
    checks = _selected(planned(ticket), tuple(only))
    results: dict[str, Result] = {}

    def run_lane(lane: list[Check]) -> None:
        for check in lane:
            results[check.id] = _run_one(check, ticket, first)
            report(results[check.id])

    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="check") as pool:
        for wave in ([c for c in checks if not c.needs], [c for c in checks if c.needs]):
            first = dict(results)
            lanes: dict[str, list[Check]] = {}
            for check in wave:
                lanes.setdefault(check.lane, []).append(check)
            # list() lets a programming error in a thread out.
            list(pool.map(run_lane, lanes.values()))
    return tuple(results[check.id] for check in checks)


def _checks(row: Row, ticket: Ticket) -> Iterable[Check]:
    targets = [
        target
        for target in ticket.endpoints
        if target.purpose in row.purposes and target.role in ticket.services
    ]
    families = dict.fromkeys(target.family for target in targets)
    groups: list[tuple[Target, ...]]
    if row.per == EACH:
        groups = [(target,) for target in targets]
    elif row.per == FAMILY:
        same = [tuple(t for t in targets if t.family == family) for family in families]
        groups = [group for group in same if len(group) == len(row.purposes)]
    else:
        groups = [tuple(targets)] if targets else []
    for group in groups:
        yield Check(
            id=_name(row.id, group[0]),
            role=group[0].role,
            lane=_name(row.lane, group[0]),
            row=row,
            targets=group,
            needs=tuple(_name(row.needs, target) for target in group if row.needs),
        )


def _name(template: str, target: Target) -> str:
    return template.format(
        role=target.role,
        purpose=target.purpose,
        transport=TRANSPORTS[target.purpose],
        family=target.family,
    )


def _selected(checks: tuple[Check, ...], only: tuple[str, ...]) -> tuple[Check, ...]:
    def matches(check: Check, pattern: str) -> bool:
        return fnmatchcase(check.id, pattern) or check.id.startswith(f"{pattern}.")

    for pattern in only:
        if not any(matches(check, pattern) for check in checks):
            raise UsageError(
                f"check: no check of this site is named {pattern!r}",
                hint="run all checks once to see their names",
            )
    return tuple(c for c in checks if not only or any(matches(c, pattern) for pattern in only))


def _run_one(check: Check, ticket: Ticket, first: dict[str, Result]) -> Result:
    started = time.monotonic()
    missing = {n for n in check.needs if n in first and first[n].status in (FAIL, SKIP)}
    targets = check.targets
    if missing:
        pairs = zip(targets, check.needs, strict=True)
        targets = tuple(target for target, name in pairs if name not in missing)
    if not targets or (missing and check.row.per == FAMILY):
        outcome = skipped(f"needs {min(missing)}, which did not succeed")
    else:
        outcome = _outcome(check, ticket, targets)
    return Result(
        id=check.id,
        title=check.row.title,
        role=check.role,
        status=outcome.status,
        detail=outcome.detail,
        hint=outcome.hint,
        seconds=time.monotonic() - started,
    )


def _outcome(check: Check, ticket: Ticket, targets: tuple[Target, ...]) -> Outcome:
    deadline = Deadline.after(SECONDS if check.needs else SECONDS_FIRST)
    try:
        with explained(check.id, "checking"):
            return check.row.probe(ticket, targets, deadline)
    except ProbeError as error:
        # On the host itself an address without a route is one that got lost.
        if isinstance(error, NoRoute) and not _is_host(ticket):
            return skipped(f"this machine has no way there: {error.message}")
        return failed(error, _hint(check, error))


def _is_host(ticket: Ticket) -> bool:
    return any(is_local(address) for address in {t.address for t in ticket.endpoints})


def _hint(check: Check, error: ProbeError) -> str:
    """Where to look: the error's own hint, else the service's log."""
    if error.hint:
        return error.hint
    look = f"on the host: journalctl -u {LOGS[check.role]}"
    if isinstance(error, NoAnswer):
        ports = sorted({f"{t.port}/{t.protocol}" for t in check.targets})
        return f"is {', '.join(ports)} open in every firewall on the way? {look}"
    return look
