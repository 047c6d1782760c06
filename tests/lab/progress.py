# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each long step: what, then its outcome and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Announce `what` at once; words appended to the yielded list become the outcome."""
    print(f"· {what} … ", end="", file=sys.stderr, flush=True)
    outcome: list[str] = []
    begun = time.monotonic()
    try:
        yield outcome
    except BaseException:
        print(f"FAILED after {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
        raise
    said = " ".join(outcome) or "done"
    print(f"{said} ({time.monotonic() - begun:.1f} s)", file=sys.stderr, flush=True)
