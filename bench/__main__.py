# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m bench [NAME…]`: what `make bench` calls; 1 if something could not be measured."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from bench import report
from bench.benchmark import Benchmark, Result
from bench.cases import ALL
from bench.lab import Lab
from falcot_rtc.errors import FalcotError
from tests.lab.progress import step

HERE = Path(__file__).parent


def measured(benchmark: Benchmark, lab: Lab, rounds: int) -> Result:
    with step(f"{benchmark.name}: {rounds} rounds") as said:
        samples = tuple(benchmark.measure(lab, rounds))
        result = Result(benchmark=benchmark, samples=samples)
        said.append(f"{result.median:.2f} times")
    return result


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m bench", description=__doc__)
    names = [benchmark.name for benchmark in ALL]
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--rounds", type=int, help="instead of each benchmark's own number")
    parser.add_argument("--release", default=os.environ.get("RELEASE") or "trixie")
    given = parser.parse_args(argv)
    if unknown := set(given.names) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    results: list[Result] = []
    failed: list[tuple[Benchmark, str]] = []
    with ExitStack() as stack:
        lab = Lab(given.release, stack)
        lab.prepare()
        for benchmark in ALL:
            if given.names and benchmark.name not in given.names:
                continue
            try:
                result = measured(benchmark, lab, given.rounds or benchmark.rounds)
            except FalcotError as error:
                failed.append((benchmark, str(error)))
                continue
            report.write(result, given.release, HERE)
            results.append(result)
    print("\n" + report.table(results, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FalcotError as error:
        sys.exit(f"falcot-rtc bench: {error}")
