# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What turns times into a verdict; no time itself is judged here."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import inside, report
from bench.benchmark import Benchmark, Result, Sample
from bench.cases import ALL, configure
from falcot_rtc.errors import FalcotError

BENCHMARK = Benchmark(
    name="x", subject="ours", reference="theirs", aim=2.0, rounds=3, measure=lambda lab, rounds: ()
)
SAMPLES = tuple(Sample(reference=2.0, subject=subject) for subject in (3.0, 20.0, 4.0))
RESULT = Result(benchmark=BENCHMARK, samples=SAMPLES)


def test_the_median_of_the_rounds_ratios_counts() -> None:
    assert RESULT.median == 2.0
    assert RESULT.is_met
    assert not replace(RESULT, benchmark=replace(BENCHMARK, aim=1.99)).is_met


def test_the_table_says_what_was_met_missed_and_not_measured() -> None:
    missed = replace(RESULT, benchmark=replace(BENCHMARK, aim=1.0))
    lines = report.table([RESULT, missed], [(BENCHMARK, "no host")]).splitlines()
    assert [line.rpartition("  ")[2].strip() for line in lines[1:4]] == [
        "met",
        "MISSED",
        "NOT MEASURED",
    ]
    assert "2.00 (1.50 to 10.00)" in lines[1]
    assert lines[4] == "x: no host"


def test_the_file_has_every_round() -> None:
    found = json.loads(report.text(RESULT, "trixie"))
    assert found["ratio"] == {"median": 2.0, "min": 1.5, "max": 10.0}
    assert found["rounds"][1] == {"reference": 2.0, "subject": 20.0}
    assert (found["aim"], found["met"], found["release"]) == (2.0, True, "trixie")


def test_names_are_file_names_and_differ() -> None:
    names = [benchmark.name for benchmark in ALL]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() for name in names)


def run_inside(**wanted: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", inside.__file__, json.dumps(wanted)]
    return subprocess.run(argv, capture_output=True, text=True)


def test_commands_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    sides = {side: [["sh", "-c", f"echo {side} >> {log}"]] for side in ("reference", "subject")}
    done = run_inside(rounds=2, prints={}, sides=sides)
    rows = json.loads(done.stdout)
    assert [sorted(row) for row in rows] == [["reference", "subject"]] * 2
    assert log.read_text().split() == ["reference", "subject"] * 3


@pytest.mark.parametrize(
    ("command", "said"), [(["false"], "ended with 1"), (["echo", "another"], "another")]
)
def test_what_did_something_else_is_not_measured(command: list[str], said: str) -> None:
    done = run_inside(rounds=1, prints={"subject": "nothing to do"}, sides={"subject": [command]})
    assert done.returncode
    assert said in done.stderr


STAMPS = """\
10.5 processing: configure: python3-falcot-rtc
11.0 status: python3-falcot-rtc: installed
11.250000 processing: configure: falcot-rtc
11.3 status: falcot-rtc: half-configured
13.750000 status: falcot-rtc: installed
"""


def test_dpkg_says_when_the_step_began_and_ended() -> None:
    assert configure.between(STAMPS) == 2.5
    with pytest.raises(FalcotError, match="did not say"):
        configure.between(STAMPS.rpartition("13.75")[0])
