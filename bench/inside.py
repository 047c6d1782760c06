# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host, sent there as text: takes the time of commands, in turn; standard library only.

Input: JSON {rounds, prints, sides}, a side being a name and its commands; output: JSON, for each
round the seconds of each side's commands together. The first round only warms up.
"""

import json
import subprocess
import sys
import time


def seconds(argv: list[str], prints: str) -> float:
    begun = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    taken = time.perf_counter() - begun
    if done.returncode or prints not in done.stdout:
        sys.exit(f"{argv} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return taken


def main() -> None:
    wanted = json.loads(sys.argv[1])
    rows = []
    for number in range(wanted["rounds"] + 1):
        row = {
            side: sum(seconds(argv, wanted["prints"].get(side, "")) for argv in commands)
            for side, commands in wanted["sides"].items()
        }
        if number:
            rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
