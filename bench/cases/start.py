# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the command takes to start."""

from bench.benchmark import Benchmark, commands

HELP = Benchmark(
    name="help",
    subject="falcot-rtc --help",
    reference="python3 -c pass",
    aim=1.5,
    rounds=40,
    measure=commands(
        reference=("python3", "-c", "pass"),
        subject=("falcot-rtc", "--help"),
        prints="usage: falcot-rtc",
    ),
)
