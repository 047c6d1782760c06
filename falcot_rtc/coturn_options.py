# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker that coturn lacks: an option unknown to the installed coturn is refused.

coturn itself logs such a line and goes on without it, even where it was meant to close the relay.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def known(help_text: str) -> frozenset[str]:
    """The long options that turnserver's help names."""
    return frozenset(_OPTION.findall(help_text))


def unknown(configuration: str, options: frozenset[str]) -> list[tuple[int, str]]:
    """(line number, option) of each option in turnserver.conf(5) that is not in `options`."""
    found = []
    for number, line in enumerate(configuration.splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            name = re.split(r"[=\s]", text, maxsplit=1)[0]
            if name not in options:
                found.append((number, name))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    (path,) = sys.argv[1:] if argv is None else argv
    shown = subprocess.run(["turnserver", "-h"], capture_output=True, text=True)
    faults = unknown(Path(path).read_text(), known(shown.stdout + shown.stderr))
    for number, name in faults:
        print(
            f"{path}:{number}: coturn does not know the option '{name}' "
            "(hint: correct it below /etc/falcot-rtc/local.d/coturn/)",
            file=sys.stderr,
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
