# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many log-ins with one name are judged: coturn itself lets a connection try without end.

Who tries, and whether the password was right, coturn keeps to itself; it asks for a key each time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("turn-auth")


@dataclass(slots=True, kw_only=True)
class _Bucket:
    left: float
    at: float
    is_empty: bool = False


class Pace:
    """A bucket for each name, filled within a minute; in memory only."""

    __slots__ = ("_buckets", "_clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def admits(self, name: str, per_minute: int) -> bool:
        """Whether one more is judged now; names are those of accounts, or there would be no end."""
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(left=per_minute, at=now))
        bucket.left = min(per_minute, bucket.left + (now - bucket.at) * per_minute / 60)
        bucket.at = now
        if bucket.left < 1:
            if not bucket.is_empty:
                log.warning("more than %d log-ins of %s a minute: refused", per_minute, name)
            bucket.is_empty = True
            return False
        bucket.left -= 1
        # Until it is full to a half somebody goes on, which is no news.
        bucket.is_empty &= bucket.left < per_minute / 2
        return True
