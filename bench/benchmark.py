# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark is: two things whose times are taken in turn, and the ratio that is aimed at.

A second on one machine says nothing about another; the ratio of two things that ran side by side
says more. Its median is quoted, with the least and the greatest of all rounds.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.lab import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One round, in seconds."""

    reference: float
    subject: float

    @property
    def ratio(self) -> float:
        return self.subject / self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Ratio subject to reference, at most `aim`; `measure` yields a sample for each round."""

    name: str
    subject: str
    reference: str
    aim: float
    rounds: int
    measure: Callable[[Lab, int], Iterable[Sample]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The samples of a benchmark, at least one."""

    benchmark: Benchmark
    samples: tuple[Sample, ...]

    @property
    def ratios(self) -> list[float]:
        return [sample.ratio for sample in self.samples]

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    @property
    def is_met(self) -> bool:
        return self.median <= self.benchmark.aim


def commands(
    *, reference: Sequence[str], subject: Sequence[str], prints: str = ""
) -> Callable[[Lab, int], Iterable[Sample]]:
    """Measures two commands as whole processes on a host with the site on it.

    The subject has to print `prints` each time: else it did something else than was meant.
    """

    def measure(lab: Lab, rounds: int) -> Iterable[Sample]:
        sides = {"reference": [reference], "subject": [subject]}
        rows = lab.time(lab.site, sides, rounds=rounds, prints=prints)
        return [Sample(reference=row["reference"], subject=row["subject"]) for row in rows]

    return measure
