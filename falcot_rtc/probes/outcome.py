# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check found, and the shape of the functions that find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import ProbeError
from falcot_rtc.probes.ticket import Target, Ticket

OK, FAIL, WARN, SKIP = "ok", "fail", "warn", "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a check that ran ended; one that fails raises a ProbeError instead."""

    status: str
    detail: str
    hint: str = ""


def passed(detail: str) -> Outcome:
    return Outcome(status=OK, detail=detail)


def warned(detail: str, hint: str) -> Outcome:
    return Outcome(status=WARN, detail=detail, hint=hint)


def skipped(reason: str) -> Outcome:
    return Outcome(status=SKIP, detail=reason)


def failed(error: ProbeError, hint: str) -> Outcome:
    return Outcome(status=FAIL, detail=error.message, hint=hint)


# One target for a check of a single socket, all matching ones for a check of the site.
Probe = Callable[[Ticket, tuple[Target, ...], Deadline], Outcome]
