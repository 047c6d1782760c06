# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""coturn's command line (turnserver(1), --cli-ip): telnet with a password on a loopback port.

coturn 4.6 has no other way to name and to cancel allocations. data/turn/peers.nft keeps everybody
but root from connecting, and the password is told to coturn's own process only.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from falcot_rtc.errors import FalcotError

TIMEOUT = 10.0
PROMPT = re.compile(rb"(?:^|\n)> $")
ASKED = re.compile(rb"Enter password: \r\n$")
# IAC, a command of two bytes, an option (RFC 854): coturn negotiates in its greeting.
_TELNET = re.compile(rb"\xff[\xfb-\xfe].|\xff[\xf0-\xfa]", re.DOTALL)
_ESTABLISHED = "01"
_HINT = "journalctl -u coturn.service"

_SESSION = re.compile(
    r"^ +\d+\) id=(?P<id>\d+), user <(?P<user>.*)>:\n(?P<rest>(?: {6,}.*\n)*)", re.MULTILINE
)
_STARTED = re.compile(r"^ +started (\d+) secs ago$", re.MULTILINE)
_EXPIRING = re.compile(r"^ +expiring in (\d+) secs$", re.MULTILINE)
_PROTOCOL = re.compile(r"^ +client protocol (\S+), relay protocol", re.MULTILINE)
_CLIENT = re.compile(r"^ +client addr (\S+), server addr", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A session of coturn's; `started` and `left` in seconds from now, None where it is unsure."""

    id: str
    user: str
    client: str
    protocol: str
    started: int | None
    left: int | None


def allocations(text: str) -> tuple[Allocation, ...]:
    """What the commands ps and psp print."""

    def value(pattern: re.Pattern[str], rest: str) -> str | None:
        found = pattern.search(rest)
        return found[1] if found else None

    def number(pattern: re.Pattern[str], rest: str) -> int | None:
        found = value(pattern, rest)
        return None if found is None else int(found)

    return tuple(
        Allocation(
            id=one["id"],
            user=one["user"],
            client=value(_CLIENT, one["rest"]) or "",
            protocol=value(_PROTOCOL, one["rest"]) or "",
            started=number(_STARTED, one["rest"]),
            left=number(_EXPIRING, one["rest"]),
        )
        for one in _SESSION.finditer(text.replace("\r\n", "\n"))
    )


class CommandLine:
    """A connection to the command line at `place`; OSError if nobody listens.

    `server` is coturn's numeric user: anybody can listen on the port while coturn does not, and
    shall not be told `password`.
    """

    def __init__(self, place: tuple[str, int], password: str, *, server: int) -> None:
        self._socket = socket.create_connection(place, TIMEOUT)
        try:
            self._until(ASKED)
            owner = _owner(self._socket)
            if owner != server:
                raise FalcotError(
                    f"coturn: its command line at port {place[1]} belongs to user {owner}",
                    hint=f"find out who: ss -lntp 'sport = {place[1]}'",
                )
            self._say(password)
            if ASKED.search(self._until(PROMPT, ASKED)):
                raise FalcotError(
                    "coturn: refuses the password of its command line", hint="falcot-rtc apply"
                )
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(self, command: str) -> str:
        """What it prints for one command."""
        self._say(command)
        return self._until(PROMPT).decode(errors="replace")

    def _say(self, line: str) -> None:
        # One line a packet: coturn takes what it reads at once for one command.
        self._socket.sendall(f"{line}\r\n".encode())

    def _until(self, *ends: re.Pattern[bytes]) -> bytes:
        deadline = time.monotonic() + TIMEOUT
        heard = b""
        while time.monotonic() < deadline:
            data = self._socket.recv(65536)
            if not data:
                raise FalcotError("coturn: its command line closed the connection", hint=_HINT)
            heard += data
            plain = _TELNET.sub(b"", heard)
            if any(end.search(plain) for end in ends):
                return plain
        raise FalcotError("coturn: its command line does not answer", hint=_HINT)


def _owner(connection: socket.socket) -> int | None:
    """The user whose process accepted `connection`, of this host; proc(5), /proc/net/tcp."""
    ours, theirs = connection.getsockname()[1], connection.getpeername()[1]
    table = Path("/proc/net/tcp").read_text(encoding="ascii")
    return owner(table, local=theirs, remote=ours)


def owner(table: str, *, local: int, remote: int) -> int | None:
    """The user of the end at port `local` of an established connection from port `remote`."""
    for row in table.splitlines()[1:]:
        columns = row.split()
        ports = [int(end.rpartition(":")[2], 16) for end in columns[1:3]]
        if ports == [local, remote] and columns[3] == _ESTABLISHED:
            return int(columns[7])
    return None
