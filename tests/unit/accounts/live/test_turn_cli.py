# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
from collections.abc import Callable

import pytest

from falcot_rtc.accounts.live.turn_cli import Allocation, CommandLine, allocations, owner
from falcot_rtc.errors import FalcotError
from tests.unit.accounts.live.local_server import stream

# coturn 4.6.1 of trixie, as it came over the wire.
GREETING = b"TURN Server\r\nCoturn-4.6.1 'Gorst'\r\n\r\nType '?' for help\r\nEnter password: \r\n"
ANSWER = (
    b"\r\n    1) id=001000000000000002, user <1795573762:joe@falcot.com>:\r\n"
    b"      realm: falcot.com\r\n      started 132 secs ago\r\n      expiring in 468 secs\r\n"
    b"      client protocol UDP, relay protocol UDP\r\n"
    b"      client addr 198.51.100.1:48259, server addr 198.51.100.19:3478\r\n"
    b"      relay addr 198.51.100.20:57273\r\n      fingerprints enforced: ON\r\n"
    b"      mobile: OFF\r\n      usage: rp=3, rb=320, sp=2, sb=168\r\n"
    b"       rate: r=0, s=0, total=0 (bytes per sec)\r\n      peers:\r\n"
    b"          198.51.100.1\r\n\r\n"
    b"    2) id=000000000000000018, user <joe>:\r\n      realm: falcot.com\r\n"
    b"      started: undefined time\r\n      expired\r\n"
    b"      client protocol TLS, relay protocol UDP\r\n"
    b"      client addr [2001:db8::1]:52866, server addr [2001:db8::19]:5349\r\n"
    b"      TLS method: TLSv1.3\r\n\r\n  Total sessions: 2\r\n\r\n> "
)
TWO = (
    Allocation(
        id="001000000000000002",
        user="1795573762:joe@falcot.com",
        client="198.51.100.1:48259",
        protocol="UDP",
        started=132,
        left=468,
    ),
    Allocation(
        id="000000000000000018",
        user="joe",
        client="[2001:db8::1]:52866",
        protocol="TLS",
        started=None,
        left=None,
    ),
)
TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  26: 0100007F:1686 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 2905050
  27: 0100007F:1686 0100007F:ABA6 01 00000000:00000000 02:000AFAEF 00000000   103        0 2928098
  28: 0100007F:ABA6 0100007F:1686 01 00000000:00000000 00:00000000 00000000     0        0 2928097
"""


def listening() -> tuple[socket.socket, tuple[str, int]]:
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()


def coturn(
    password: bytes = b"secret", answers: tuple[bytes, ...] = ()
) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(GREETING)
        said = connection.recv(100)
        if not said:
            return
        if said != password + b"\r\n":
            connection.sendall(b"Enter password: \r\n")
            return
        connection.sendall(b"> ")
        for answer in answers:
            connection.recv(100)
            # In two pieces, the first ending as a prompt does.
            at = answer.index(b">") + 1 if b">" in answer[:-2] else 1
            connection.sendall(answer[:at])
            connection.sendall(answer[at:])

    return talk


def test_what_it_prints_is_read() -> None:
    assert allocations(ANSWER.decode()) == TWO
    assert allocations("\r\n  Total sessions: 0\r\n\r\n> ") == ()


def test_a_conversation() -> None:
    server, place = listening()
    with (
        stream(server, coturn(answers=(ANSWER, b"> "))),
        CommandLine(place, "secret", server=os.getuid()) as line,
    ):
        assert allocations(line.ask("psp joe")) == TWO
        assert line.ask("cs 18") == "> "


def test_a_wrong_password() -> None:
    server, place = listening()
    with (
        stream(server, coturn(b"another")),
        pytest.raises(FalcotError, match="refuses the password"),
    ):
        CommandLine(place, "secret", server=os.getuid())


def test_the_password_is_told_to_coturn_alone() -> None:
    """Anybody can listen on the port while coturn is down."""
    heard = []
    server, place = listening()

    def talk(connection: socket.socket) -> None:
        connection.sendall(GREETING)
        heard.append(connection.recv(100))

    with (
        stream(server, talk),
        pytest.raises(FalcotError, match=f"belongs to user {os.getuid()}"),
    ):
        CommandLine(place, "secret", server=os.getuid() + 1)
    assert heard == [b""]


def test_nobody_listens() -> None:
    server, place = listening()
    server.close()
    with pytest.raises(ConnectionRefusedError):
        CommandLine(place, "secret", server=0)


def test_the_owner_is_that_of_the_other_end() -> None:
    assert owner(TABLE, local=0x1686, remote=0xABA6) == 103
    assert owner(TABLE, local=0x1686, remote=0xABA7) is None
