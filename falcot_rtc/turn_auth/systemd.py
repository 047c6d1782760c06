# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to the service manager: passed sockets, the descriptor store, readiness (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

FIRST_DESCRIPTOR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A descriptor that the service manager handed over (sd_listen_fds_with_names(3))."""

    descriptor: int
    name: str


def passed(environment: Mapping[str, str], pid: int) -> tuple[Passed, ...]:
    """The descriptors meant for process `pid`, in order."""
    if environment.get("LISTEN_PID") != str(pid):
        return ()
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    names += ["unknown"] * (count - len(names))
    return tuple(
        Passed(descriptor=FIRST_DESCRIPTOR + index, name=names[index]) for index in range(count)
    )


class Notifier:
    """The socket named by NOTIFY_SOCKET; without one, telling has no effect."""

    __slots__ = ("_socket",)

    def __init__(self, address: str) -> None:
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            # A leading @ stands for the zero byte of an abstract address.
            self._socket.connect("\0" + address[1:] if address.startswith("@") else address)

    def tell(self, state: str, *descriptors: int) -> None:
        """Send `state` (lines of NAME=value), with descriptors that go along with it."""
        if self._socket is not None:
            socket.send_fds(self._socket, [state.encode()], list(descriptors))

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()

    def store(self, descriptor: int, name: str) -> None:
        """Have the manager hold `descriptor` and pass it to the next process of this service.

        It drops the descriptor by itself when the peer hangs up (FDPOLL, on by default).
        """
        self.tell(f"FDSTORE=1\nFDNAME={name}", descriptor)

    def unstore(self, name: str) -> None:
        """Have the manager close what it holds under `name`."""
        self.tell(f"FDSTOREREMOVE=1\nFDNAME={name}")


def inherited(environment: Mapping[str, str]) -> tuple[Passed, ...]:
    """What was passed to this very process."""
    return passed(environment, os.getpid())
