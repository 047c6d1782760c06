# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide on one request at a time: whose password it is, whose token, which call may be made."""

from __future__ import annotations

import hmac
import logging
import math
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from falcot_rtc import failed_login, minted
from falcot_rtc.accounts import names, phone
from falcot_rtc.accounts.proof import proves
from falcot_rtc.backend.headers import Address
from falcot_rtc.backend.limits import Limits, Rate, source, wider
from falcot_rtc.phone_desk import token, wish
from falcot_rtc.phone_desk.house import Entry, House, Reader, Unreadable
from falcot_rtc.phone_desk.token import Holder
from falcot_rtc.phone_desk.wish import Answer, Call, Login, Renew, Wish

# A whole site may begin as many calls as so many lines.
LINES = 4

log = logging.getLogger("phone-desk")


class Desk:
    """One desk, one request at a time: a guess can't outrun the count of those before it.

    `clock` tells intervals, `now` the time that credentials are made for.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._now = now
        self._limits = Limits()
        self._calls = Rate()

    def may_close(self) -> bool:
        """Whether nothing would be forgotten."""
        clock = self._clock()
        return not (self._limits.remember(clock) or self._calls.remembers(clock))

    def answer(self, asked: Wish) -> Answer:
        """What comes of it."""
        try:
            house = self._reader.house()
            match asked:
                case Login():
                    return self._login(asked, house)
                case Renew():
                    return self._renew(asked, house)
                case Call():
                    return self._call(asked, house)
        except Unreadable as error:
            log.error("%s", error)
            return wish.BUSY

    def _login(self, asked: Login, house: House) -> Answer:
        people = self._reader.people()
        name, domain = names.typed(asked.user, house.domains[0])
        account = f"{name}@{domain}"
        key, clock = source(asked.address), self._clock()
        kept = people.rows.get(account)
        waits = self._limits.addresses.wait(key, clock), self._limits.accounts.wait(account, clock)
        if names.is_reserved(name) and kept is not None:
            # A check in progress, which nobody who guesses in its network shall make fail. Its
            # password is random and ends with it.
            waits = (0.0, 0.0)
        if waits[0]:
            # Who goes on is for the jail. Others may wait for an account without having failed.
            log.warning("%s", failed_login.line(asked.address, name, domain))
        if any(waits):
            return wish.limited(math.ceil(max(waits)))
        try:
            known = phone.account(account, kept) if kept is not None else None
        except ValueError as error:
            raise Unreadable(f"the row of {account}: {error}") from error
        if not proves(asked.password, known, people.kind) or kept is None:
            self._limits.addresses.failed(key, clock)
            self._limits.accounts.failed(account, clock)
            log.warning("%s", failed_login.line(asked.address, name, domain))
            return wish.REFUSED
        self._limits.accounts.forgive(account)
        holder = Holder(address=account, until=int(self._now()) + house.login_seconds)
        return self._given(house, account, token.issue(house.token, holder, kept))

    def _renew(self, asked: Renew, house: House) -> Answer:
        rows = self._reader.people().rows
        holder = token.holder(house.token, asked.token, rows, int(self._now()))
        return self._given(house, holder.address, asked.token) if holder else wish.REFUSED

    def _given(self, house: House, address: str, kept: str) -> Answer:
        expires = int(self._now()) + house.ttl
        relay = _relay(house, address, expires)
        body = _credentials(house, expires, address=address, sip=address, relay=relay)
        return Answer(status=200, body={**body, "token": kept, "ttl": house.ttl})

    def _call(self, asked: Call, house: House) -> Answer:
        now, entry = int(self._now()), house.calls.get(asked.name)
        if entry is None or (entry.ends is not None and entry.ends <= now):
            return wish.UNKNOWN
        if asked.origin not in (*entry.origins, *house.origins):
            return wish.FOREIGN
        if asked.preflight:
            return Answer(status=204, allowed=asked.origin)
        if wait := self._wait(entry, asked.address):
            return wish.limited(math.ceil(wait), asked.origin)
        guest = names.guest_name(secrets.token_bytes(8))
        ttl = entry.ttl if entry.ends is None else min(entry.ttl, entry.ends - now)
        address = f"{guest}@{house.domains[0]}"
        log.info("call %s for %s: %s", entry.name, asked.address, address)
        body = _credentials(
            house,
            now + ttl,
            address=address,
            # The proxy reads there whom the guest may call.
            sip=f"{address}:{entry.name}",
            relay=_relay(house, _caller(house, asked.address), math.ceil((now + ttl) / 60) * 60),
        )
        more = {"target": f"sip:{entry.target}", "title": entry.title, "ttl": ttl}
        return Answer(status=200, body={**body, **more}, allowed=asked.origin)

    def _wait(self, entry: Entry, address: Address) -> float:
        """Seconds until `address` may begin a call, 0 if it does now."""
        clock, narrow = self._clock(), (entry.name, source(address))
        if wait := self._calls.take(narrow, clock, entry.limit):
            return wait
        site = wider(address)
        return self._calls.take((entry.name, site), clock, LINES * entry.limit) if site else 0.0


def _caller(house: House, address: Address) -> str:
    """The name at TURN of all guests of an address: allocations are counted by name, expiry
    included, and a new one for each call would let a single guest take the whole server's.

    It has no domain, so it is no account's (falcot_rtc.turn_auth.lookup).
    """
    line = hmac.digest(house.token.encode(), f"turn {source(address)}".encode(), "sha256")
    return names.guest_name(line[:8])


def _relay(house: House, name: str, expires: int) -> list[dict[str, Any]]:
    if not (house.turn and house.turn_urls):
        return []
    made = minted.for_turn(house.turn, name, expires)
    return [
        {"urls": list(house.turn_urls), "username": made.user, "credential": made.password},
    ]


def _credentials(
    house: House, expires: int, *, address: str, sip: str, relay: list[dict[str, Any]]
) -> Mapping[str, Any]:
    of_sip = minted.for_sip(house.sip, sip, expires)
    return {
        "address": address,
        "realm": house.realm,
        "sip": {
            "username": of_sip.user,
            "password": of_sip.password,
            "servers": list(house.sip_servers),
        },
        "iceServers": relay,
    }
