# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How generated files of debian/ look: their first lines, and paragraphs of a readable width."""

from __future__ import annotations

import textwrap

WIDTH = 78


def banner() -> str:
    """REUSE header, and where changes belong; for files whose comment sign is `#`."""
    # Split, or reuse(1) takes it for this file's own header.
    spdx = "SPDX-"
    return (
        f"# {spdx}FileCopyrightText: 2026 The falcot-rtc developers\n"
        f"# {spdx}License-Identifier: GPL-3.0-or-later\n"
        "# Generated from falcot_rtc/policies by `python3 -m falcot_rtc.packaging generate`.\n"
    )


def wrapped(text: str, prefix: str) -> str:
    """`text` as lines that begin with `prefix`; words, such as options, are never broken."""
    return "".join(
        f"{prefix}{line}\n"
        for line in textwrap.wrap(
            text, WIDTH - len(prefix), break_long_words=False, break_on_hyphens=False
        )
    )
