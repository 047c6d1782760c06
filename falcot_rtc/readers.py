# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of others that read files of ours, such as fail2ban(1): told, never started. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from falcot_rtc.actions import UnitAction

# A directory, and the unit that reads it.
READERS = {"/etc/fail2ban/": "fail2ban.service"}


def reloads(touched: Iterable[str], running: Iterable[str]) -> list[UnitAction]:
    """One reload for each unit of `running` that reads one of the `touched` paths.

    A unit that does not run reads them when it starts.
    """
    paths = tuple(touched)
    return [
        UnitAction(verb="reload", unit=unit, why="it reads files of ours")
        for directory, unit in READERS.items()
        if unit in running and any(path.startswith(directory) for path in paths)
    ]
