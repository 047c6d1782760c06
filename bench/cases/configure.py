# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""dpkg's configure step of a first installation, which renders, judges and starts everything.

Each round is an installation on a fresh host; dpkg itself says when the step begins and ends
(dpkg(1), --status-logger). Then the same host restarts each service once, with our configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.benchmark import Benchmark, Sample
from bench.lab import Lab
from falcot_rtc.errors import FalcotError

UNITS = ("coturn", "kamailio", "prosody", "apache2@falcot-rtc")
STAMPER, STAMPS = "/usr/local/sbin/stamp", "/var/log/stamps"
# There is no Python yet; bash is essential, and knows the time in microseconds.
STAMP = f"""\
#!/bin/bash
while read -r line; do echo "$EPOCHREALTIME $line"; done > {STAMPS}
"""
BEGIN, END = "processing: configure: falcot-rtc", "status: falcot-rtc: installed"


def between(stamps: str) -> float:
    """Seconds from the beginning of the configure step to its end."""
    times = {text: float(when) for when, _, text in (x.partition(" ") for x in stamps.splitlines())}
    if BEGIN not in times or END not in times:
        raise FalcotError("dpkg did not say that it configured falcot-rtc")
    return times[END] - times[BEGIN]


def measure(lab: Lab, rounds: int) -> Iterator[Sample]:
    for _ in range(rounds):
        with lab.bare() as host:
            host.push(STAMPER, STAMP, mode=0o755)
            host.apt(
                "--option", f"Dpkg::Options::=--status-logger={STAMPER}", "install", "falcot-rtc"
            )
            restarts = [("systemctl", "restart", unit) for unit in UNITS]
            (reference,) = lab.time(host, {"reference": restarts}, rounds=1)
            yield Sample(reference=reference["reference"], subject=between(host.read(STAMPS)))


CONFIGURE = Benchmark(
    name="configure",
    subject="dpkg configures falcot-rtc, first installation",
    reference="one restart of each service, added up",
    aim=1.5,
    rounds=3,
    measure=measure,
)
