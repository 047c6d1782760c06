# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until addresses can be bound: present, and IPv6 through its duplicate check (RFC 4862).

coturn otherwise runs on for ever without the listener of an address that came late.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Sequence

DEADLINE = 80.0


def is_usable(address: str) -> bool:
    """A tentative or missing address can't be bound (EADDRNOTAVAIL)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def main(argv: Sequence[str] | None = None) -> int:
    waiting = list(sys.argv[1:] if argv is None else argv)
    deadline = time.monotonic() + DEADLINE
    told = False
    while waiting := [address for address in waiting if not is_usable(address)]:
        if time.monotonic() > deadline:
            print(
                f"falcot-rtc: this host does not have the address {', '.join(waiting)} "
                "(hint: configure it, or run dpkg-reconfigure falcot-rtc)",
                file=sys.stderr,
            )
            return 1
        if not told:
            print(f"falcot-rtc: waiting for the address {', '.join(waiting)}", file=sys.stderr)
            told = True
        select.select([], [], [], 0.1)
    return 0
