# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allocations of a person in coturn, whatever credentials they were made with, and their end."""

from __future__ import annotations

import select
import time
from collections.abc import Iterable

from falcot_rtc import paths
from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.accounts.live.turn_cli import Allocation, CommandLine, allocations
from falcot_rtc.accounts.live.unit import silent
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policies import turn, turn_ports
from falcot_rtc.turn_auth.lookup import owner

UNIT = "coturn.service"
USER = "turnserver"
PASSWORD = f"{paths.SECRETS}/{turn.CLI_SECRET}"
PATIENCE = 5.0
_POLL = 0.05


def seen(host: Host, address: str, *, realm: str) -> tuple[Session, ...]:
    """Relayed addresses that the person holds."""
    line = _open(host)
    if line is None:
        return ()
    with line:
        return sessions(_held(line, address, realm), int(time.time()))


def end(host: Host, address: str, *, realm: str) -> int:
    """Cancel the person's allocations, so that relaying stops; how many there were."""
    line = _open(host)
    if line is None:
        return 0
    cancelled: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    with line:
        while held := _held(line, address, realm):
            if time.monotonic() > deadline:
                raise FalcotError(
                    f"coturn: {len(held)} allocations of {address} are not cancelled",
                    hint="systemctl restart coturn.service ends all",
                )
            for one in held:
                if one.id not in cancelled:
                    line.ask(f"cs {one.id}")
                    cancelled.add(one.id)
            # Its relay threads report a moment later.
            select.select([], [], [], _POLL)
    return len(cancelled)


def sessions(held: Iterable[Allocation], now: int) -> tuple[Session, ...]:
    """Allocations as sessions."""
    found = (
        Session(
            service="turn",
            kind=Kind.ALLOCATION,
            device=one.user,
            where=f"{one.client} {one.protocol}".strip(),
            since=None if one.started is None else now - one.started,
            expires=None if one.left is None else now + one.left,
        )
        for one in held
    )
    return tuple(sorted(found, key=lambda one: (one.since or 0, one.where)))


def belongs(user: str, address: str, realm: str) -> bool:
    """Whether a TURN user name is that of the person: own password or minted, bare in the realm."""
    name = owner(user)
    return name == address or f"{name}@{realm}" == address


def _held(line: CommandLine, address: str, realm: str) -> tuple[Allocation, ...]:
    # By part of the name, as minted names begin with a time.
    found = allocations(line.ask(f"psp {address.partition('@')[0]}"))
    return tuple(one for one in found if belongs(one.user, address, realm))


def _open(host: Host) -> CommandLine | None:
    """coturn's command line; None where it does not run."""
    password = host.text(PASSWORD).strip()
    place = (turn_ports.CLI_ADDRESS, turn_ports.CLI_PORT)
    try:
        return CommandLine(place, password, server=host.ids(USER, USER)[0])
    except OSError as error:
        silent(host, UNIT, error)
        return None
