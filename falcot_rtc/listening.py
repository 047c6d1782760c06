# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets that processes of this host hold, from /proc/net (proc(5)); no tool needed."""

from __future__ import annotations

import ipaddress
import select
import struct
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from falcot_rtc.endpoints import Endpoint
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host

TCP_LISTEN, UDP_UNCONNECTED = "0A", "07"
DEADLINE = 30.0


def _address(text: str) -> str:
    """An address as the kernel prints it: 32-bit words in the byte order of the machine."""
    words = [int(text[i : i + 8], 16) for i in range(0, len(text), 8)]
    order = "<" if sys.byteorder == "little" else ">"
    return str(ipaddress.ip_address(struct.pack(f"{order}{len(words)}I", *words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A socket that takes what strangers send; `inode` tells whose it is."""

    protocol: str
    address: str
    port: int
    inode: int = 0


def sockets(tables: Iterable[tuple[str, str]]) -> list[Socket]:
    """Every listener; `tables` pairs the name of a file in /proc/net with its text."""
    found = []
    for name, text in tables:
        protocol = name.rstrip("6")
        wanted = TCP_LISTEN if protocol == "tcp" else UDP_UNCONNECTED
        for row in text.splitlines()[1:]:
            columns = row.split()
            if columns[3] == wanted:
                address, _, port = columns[1].partition(":")
                found.append(
                    Socket(
                        protocol=protocol,
                        address=_address(address),
                        port=int(port, 16),
                        inode=int(columns[9]),
                    )
                )
    return found


def present(host: Host) -> list[Socket]:
    return sockets(
        (name, host.text(f"/proc/net/{name}")) for name in ("tcp", "tcp6", "udp", "udp6")
    )


def missing(endpoints: Iterable[Endpoint], held: Iterable[Socket]) -> list[Endpoint]:
    """Declared listeners that nobody holds; ranges are opened on demand and not looked for."""
    there = {(s.protocol, s.address, s.port) for s in held}
    return [
        e for e in endpoints if e.last_port is None and (e.protocol, e.address, e.port) not in there
    ]


def wait(host: Host, endpoints: Iterable[Endpoint], units: list[str]) -> None:
    """Return once every endpoint is held; raise FalcotError naming those that stay missing."""
    wanted = list(endpoints)
    deadline = time.monotonic() + DEADLINE
    while absent := missing(wanted, present(host)):
        failed = host.run("systemctl", "is-failed", "--", *units, check=False).stdout.split()
        if b"failed" in failed or time.monotonic() > deadline:
            break
        select.select([], [], [], 0.1)
    if absent:
        first = absent[0]
        unit = next((u for u in units if u.startswith(first.daemon)), first.daemon)
        raise FalcotError(
            f"{unit}: nothing listens on {first.protocol} {first.host}:{first.port} "
            f"({len(absent)} of {len(wanted)} listeners are missing): {host.last_words(unit)}",
            hint=f"journalctl -u {unit}",
        )
