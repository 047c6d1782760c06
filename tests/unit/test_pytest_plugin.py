# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin by its real way in: a pytest of its own that loads it by name."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def collect(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_suite_is_found_with_the_plugin() -> None:
    shown = collect(
        "-p", "falcot_rtc.pytest_plugin", "--collect-only", "-q", "--pyargs", "falcot_rtc.suite",
        "--hosts=local://",
    )  # fmt: skip
    assert re.search(r"suite/test_host\.py: [1-9]", shown), shown
    assert re.search(r"suite/test_services\.py: [1-9]", shown), shown
    assert "error" not in shown.lower()


def test_the_option_is_the_plugins() -> None:
    assert "--inside-only" in collect("-p", "falcot_rtc.pytest_plugin", "--help")
    # Without it every other pytest on the host stays as it is.
    assert "--inside-only" not in collect("--help")
