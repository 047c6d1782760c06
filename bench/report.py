# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a run: one JSON file for each benchmark, and a table for people."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.benchmark import Benchmark, Result

HEAD = ("subject", "reference", "ratio, median (min to max)", "rounds", "aim", "")


def text(result: Result, release: str) -> str:
    """The JSON of one result; the seconds are of this machine and of this run alone."""
    row = {
        "name": result.benchmark.name,
        "subject": result.benchmark.subject,
        "reference": result.benchmark.reference,
        "aim": result.benchmark.aim,
        "met": result.is_met,
        "ratio": {
            "median": result.median,
            "min": min(result.ratios),
            "max": max(result.ratios),
        },
        "rounds": [asdict(sample) for sample in result.samples],
        "release": release,
        "machine": {"architecture": platform.machine(), "processors": os.cpu_count()},
    }
    return json.dumps(row, indent=1) + "\n"


def write(result: Result, release: str, directory: Path) -> None:
    (directory / f"{result.benchmark.name}.json").write_text(text(result, release), "utf-8")


def table(results: Sequence[Result], failed: Sequence[tuple[Benchmark, str]]) -> str:
    rows = [
        (
            result.benchmark.subject,
            result.benchmark.reference,
            f"{result.median:.2f} ({min(result.ratios):.2f} to {max(result.ratios):.2f})",
            str(len(result.samples)),
            f"≤ {result.benchmark.aim:g}",
            "met" if result.is_met else "MISSED",
        )
        for result in results
    ]
    rows += [(b.subject, b.reference, "-", "-", f"≤ {b.aim:g}", "NOT MEASURED") for b, _ in failed]
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEAD, *rows)
    ]
    lines += [f"{benchmark.name}: {reason}" for benchmark, reason in failed]
    return "\n".join(lines)
