# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An apply that finds the host as it should be: what monitoring and upgrades run again and again.

It has to render everything, so a Python that has imported the template engine is the measure.
"""

from bench.benchmark import Benchmark, commands

NOTHING_TO_DO = Benchmark(
    name="apply-nothing-to-do",
    subject="falcot-rtc apply, nothing to do",
    reference="python3 -c 'import jinja2'",
    aim=3.0,
    rounds=20,
    measure=commands(
        reference=("python3", "-c", "import jinja2"),
        subject=("falcot-rtc", "apply"),
        prints="nothing to do",
    ),
)
