# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan changes in files, for people to read: unified diffs without secrets. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from falcot_rtc.facts import Facts
from falcot_rtc.resources import HostFile, Resource, TreeFile

# Digits of a time, which a file of minters' secrets has before each.
_NUMBER = 12


def diff(resources: Iterable[Resource], facts: Facts, secrets: Collection[str]) -> str:
    """The change of every text file as a unified diff; a line that carries a secret is hidden."""
    wanted = {r.path: r.content for r in resources if isinstance(r, TreeFile)}
    present = {path: file.content for path, file in facts.tree.items()}
    for r in resources:
        if isinstance(r, HostFile):
            wanted[r.path] = r.content
            before = facts.outside.get(r.path)
            present[r.path] = before.decode(errors="replace") if isinstance(before, bytes) else ""
    secrets = hidden(secrets)
    lines: list[str] = []
    for path in sorted(wanted.keys() | present.keys()):
        old, new = present.get(path, ""), wanted.get(path, "")
        lines += difflib.unified_diff(
            _shown(old, secrets),
            _shown(new, secrets),
            f"{path} (now)",
            f"{path} (planned)",
            lineterm="",
        )
    return "\n".join(lines)


def hidden(secrets: Collection[str]) -> set[str]:
    """What no line may show: each secret, and each that a file of several consists of."""
    parts = {part for secret in secrets for part in secret.split() if len(part) > _NUMBER}
    return {*secrets, *parts}


def _shown(text: str, secrets: Collection[str]) -> list[str]:
    return [
        "(hidden: carries a secret)" if any(s and s in line for s in secrets) else line
        for line in text.encode(errors="surrogateescape").decode(errors="replace").splitlines()
    ]
