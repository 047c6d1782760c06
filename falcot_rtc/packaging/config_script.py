# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of debian/falcot-rtc.config that follows from the questions: their priorities."""

from __future__ import annotations

from collections.abc import Sequence

from falcot_rtc.packaging.templates import questions
from falcot_rtc.policy import Policy

BEGIN = "# Generated from falcot_rtc/policies by `python3 -m falcot_rtc.packaging generate`.\n"
END = "# End of the generated part.\n"


def priorities(policies: Sequence[Policy]) -> str:
    """A shell function that prints the priority of the question `falcot-rtc/$1`."""
    by_priority: dict[str, list[str]] = {}
    for question in questions(policies):
        name = question.name.partition("/")[2]
        by_priority.setdefault(question.priority, []).append(name)
    cases = "".join(
        f"\t{' | '.join(names)}) echo {priority} ;;\n"
        for priority, names in sorted(by_priority.items())
    )
    return f'priority() {{\n\tcase "$1" in\n{cases}\tesac\n}}\n'


def updated(script: str, policies: Sequence[Policy]) -> str:
    """The script with its generated part as it should be; ValueError where its marks are gone."""
    before, begin, rest = script.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("debian/falcot-rtc.config: the marks of the generated part are missing")
    return f"{before}{BEGIN}{priorities(policies)}{END}{after}"
