# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables for people, and for scripts that read them line by line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping


def show(
    rows: Iterable[tuple[str, ...]], head: tuple[str, ...], styles: Mapping[str, str] | None = None
) -> None:
    """Print them; `styles`: the colour of a row on a terminal by the text in its first cell."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in head:
        table.add_column(title, overflow="fold")
    for row in rows:
        # What clients call themselves must not be taken for markup.
        table.add_row(*(escape(cell) for cell in row), style=(styles or {}).get(row[0]))
    # A pipe has no width: never fold lines that a script reads.
    console = Console() if sys.stdout.isatty() else Console(width=200, highlight=False)
    console.print(table)


def moment(when: int | None) -> str:
    """Unix seconds as the host's local time, empty for None."""
    if when is None:
        return ""
    return datetime.datetime.fromtimestamp(when).strftime("%Y-%m-%d %H:%M:%S")
