# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done for one person on a host with ten thousand of them, and on one with a hundred."""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Callable, Iterator, Sequence

from bench.benchmark import Benchmark, Sample
from bench.cases.accounts import PATIENCE, timed
from bench.lab import Lab
from falcot_rtc.errors import FalcotError
from tests.integration import outside
from tests.lab.host import Host

MANY, FEW = 10_000, 100
SERVER = "198.51.100.19"
# What a registration takes is too short to be told apart by one.
AT_ONCE = 30
_NAMES = itertools.count()


def crowded(lab: Lab, number: int) -> Host:
    """A host with so many people, person-0 and on."""

    def fill(host: Host) -> None:
        rows = "".join(f"person-{one},pass-{one}\n" for one in range(number))
        host.push("/root/people.csv", f"name,password\n{rows}", mode=0o600)
        host.run(["falcot-rtc", "user", "import", "/root/people.csv"], timeout=PATIENCE)

    return lab.another(f"bench-{number}", fill)


def in_turn(measure: Callable[[Host], float], lab: Lab, rounds: int) -> Iterator[Sample]:
    """Either host goes first every other time; the first round warms up."""
    few, many = crowded(lab, FEW), crowded(lab, MANY)
    for turn in range(rounds + 1):
        order = (few, many) if turn % 2 else (many, few)
        seconds = {host.name: measure(host) for host in order}
        if turn:
            yield Sample(reference=seconds[few.name], subject=seconds[many.name])


def command(argv: Callable[[], Sequence[str]]) -> Callable[[Lab, int], Iterator[Sample]]:
    """Measures a command that is another each time."""

    def measure(lab: Lab, rounds: int) -> Iterator[Sample]:
        return in_turn(lambda host: timed(host, [argv()])[0], lab, rounds)

    return measure


def add() -> Sequence[str]:
    return ("falcot-rtc", "user", "add", f"new-{next(_NAMES)}", "--generate")


def show() -> Sequence[str]:
    return ("falcot-rtc", "user", "show", "person-50")


def register(host: Host) -> float:
    """The median of the seconds in which a right REGISTER is answered."""
    argv = ("python3", f"{outside.PLACE}/guess.py", "sip", SERVER, "--keep")
    tries = json.dumps([(f"person-{one}", f"pass-{one}") for one in range(AT_ONCE)])
    said = outside.run(host, *argv, input=tries, check=True).stdout
    answers = [json.loads(line) for line in said.splitlines()]
    if not all("200 OK" in one["answers"][0] for one in answers):
        raise FalcotError(f"REGISTER was refused: {said}")
    return statistics.median(float(one["seconds"]) for one in answers)


def registers(lab: Lab, rounds: int) -> Iterator[Sample]:
    return in_turn(register, lab, rounds)


ADD = Benchmark(
    name="user-add",
    subject=f"user add among {MANY} people",
    reference=f"the same among {FEW}",
    aim=1.1,
    rounds=15,
    measure=command(add),
)
SHOW = Benchmark(
    name="user-show",
    subject=f"user show among {MANY} people",
    reference=f"the same among {FEW}",
    aim=1.1,
    rounds=15,
    measure=command(show),
)
REGISTER = Benchmark(
    name="register",
    subject=f"a REGISTER over TLS among {MANY} people",
    reference=f"the same among {FEW}",
    aim=1.1,
    rounds=15,
    measure=registers,
)
