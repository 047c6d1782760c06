# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long somebody has to wait after wrong passwords: longer each time, by address and by account.

They are kept in memory, so the service does not end while one is remembered.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network

# Seconds after the last failure for which it counts.
REMEMBERED = 3600.0
MOST = 50_000
MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many failures are `free`; then 2, 4, 8 … seconds pass, at most `longest`."""

    free: int
    longest: float

    def delay(self, failures: int) -> float:
        over = failures - self.free
        return 0.0 if over <= 0 else min(2.0 ** min(over, 30), self.longest)


# An office may share an address. An account's wait is short: anybody can cause it.
BY_ADDRESS = Rule(free=4, longest=300.0)
BY_ACCOUNT = Rule(free=5, longest=30.0)


@dataclass(slots=True, kw_only=True)
class _Record:
    failures: int
    last: float


class Limit:
    """One rule for many keys, with what each of them did; times are seconds of any one clock."""

    __slots__ = ("_most", "_records", "_rule")

    def __init__(self, rule: Rule, *, most: int = MOST) -> None:
        self._rule = rule
        self._most = most
        self._records: dict[Hashable, _Record] = {}

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until `key` may try again, 0 if at once."""
        record = self._records.get(key)
        if record is None or now - record.last > REMEMBERED:
            return 0.0
        return max(0.0, record.last + self._rule.delay(record.failures) - now)

    def failed(self, key: Hashable, now: float) -> None:
        """Count a failure."""
        record = self._records.get(key)
        if record is None or now - record.last > REMEMBERED:
            self._make_room(now)
            record = self._records[key] = _Record(failures=0, last=now)
        record.failures += 1
        record.last = now

    def forgive(self, key: Hashable) -> None:
        """Forget what `key` did."""
        self._records.pop(key, None)

    def remembers(self, now: float) -> bool:
        """Whether there is anything that ending would forget."""
        self._expire(now)
        return bool(self._records)

    def _expire(self, now: float) -> None:
        gone = [key for key, one in self._records.items() if now - one.last > REMEMBERED]
        for key in gone:
            del self._records[key]

    def _make_room(self, now: float) -> None:
        """Who fails most is remembered longest: many names can't push out the one under attack."""
        if len(self._records) < self._most:
            return
        self._expire(now)
        rows = sorted(self._records.items(), key=lambda row: (row[1].failures, row[1].last))
        for key, _ in rows[: len(self._records) - self._most * 9 // 10]:
            del self._records[key]


class Limits:
    """Both rules."""

    __slots__ = ("accounts", "addresses")

    def __init__(self) -> None:
        self.addresses = Limit(BY_ADDRESS)
        self.accounts = Limit(BY_ACCOUNT)

    def remember(self, now: float) -> bool:
        """Whether ending would forget anything."""
        return self.addresses.remembers(now) or self.accounts.remembers(now)


class Rate:
    """So many a minute for each key, in a burst or spread; times are seconds of any one clock."""

    __slots__ = ("_levels", "_most")

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        # What is left to take, and when that was so; those that took last come last.
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, now: float, a_minute: int) -> float:
        """0 if there is one to take, which is taken; else the seconds until there is."""
        level, at = self._levels.pop(key, (float(a_minute), now))
        level = min(float(a_minute), level + (now - at) * a_minute / MINUTE)
        wait = 0.0 if level >= 1.0 else (1.0 - level) * MINUTE / a_minute
        self._levels[key] = (level if wait else level - 1.0, now)
        while len(self._levels) > self._most:
            del self._levels[next(iter(self._levels))]
        return wait

    def remembers(self, now: float) -> bool:
        """Whether there is anything that ending would forget."""
        gone = [key for key, (_, at) in self._levels.items() if now - at > MINUTE]
        for key in gone:
            del self._levels[key]
        return bool(self._levels)


def source(address: IPv4Address | IPv6Address) -> Hashable:
    """Whom an address stands for: with IPv6 a whole network of 64 bits is one line's."""
    if isinstance(address, IPv6Address):
        return IPv6Network((address, 64), strict=False)
    return address


def wider(address: IPv4Address | IPv6Address) -> Hashable | None:
    """What may hold many of those: with IPv6 a site has up to 48 bits (RFC 6177), 65536 of them."""
    return IPv6Network((address, 48), strict=False) if isinstance(address, IPv6Address) else None
