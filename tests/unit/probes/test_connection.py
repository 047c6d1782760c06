# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import ssl
import time

import pytest

from falcot_rtc.probes.connection import Deadline, Stream, explained, is_local, wait_readable
from falcot_rtc.probes.errors import NoAnswer, NoRoute, ProtocolError, Unreachable
from tests.unit.probes.loopback import closed_port, scripted, stream_pair


def soon() -> Deadline:
    return Deadline.after(5)


def test_deadlines() -> None:
    deadline = Deadline.after(60)
    assert 59 < deadline.left() <= 60
    assert deadline.sooner(1).at < deadline.at
    assert deadline.sooner(100) == deadline
    assert not deadline.has_passed
    passed = Deadline.after(-1)
    assert passed.has_passed
    with pytest.raises(TimeoutError):
        passed.left()


def test_reading_by_length_and_by_mark() -> None:
    with stream_pair() as (one, other):
        one.write(b"abcdef\r\n\r\nrest", soon())
        assert other.read(2, soon(), "letters") == b"ab"
        assert other.read_until(b"\r\n\r\n", 100, soon(), "a head") == b"cdef\r\n\r\n"
        one.close()
        assert other.read_to_end(100, soon(), "the rest") == b"rest"


def test_what_never_ends_is_cut_off() -> None:
    with stream_pair() as (one, other):
        one.write(b"x" * 50, soon())
        with pytest.raises(ProtocolError, match="a head longer than 10 bytes"):
            other.read_until(b"\n", 10, soon(), "a head")
        one.write(b"x" * 50, soon())
        with pytest.raises(ProtocolError, match="all longer than 10 bytes"):
            other.read_to_end(10, soon(), "all")


def test_silence_ends_at_the_deadline() -> None:
    with stream_pair() as (_, other):
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="other: no answer in time while waiting for a word"):
            other.read(1, Deadline.after(0.05), "a word")
        with pytest.raises(NoAnswer):
            wait_readable([other], Deadline.after(0.05), "a word")
        assert time.monotonic() - started < 2


def test_a_closed_connection_is_named() -> None:
    with stream_pair() as (one, other):
        one.close()
        with pytest.raises(Unreachable, match="closed while waiting for a word"):
            other.read(1, soon(), "a word")


def test_a_closed_port_is_named() -> None:
    port = closed_port()
    with pytest.raises(Unreachable, match=f"127.0.0.1 port {port}/tcp: Connection refused"):
        Stream.connect("127.0.0.1", port, soon())


def test_readable_streams_are_told_apart() -> None:
    with stream_pair() as (one, other), stream_pair() as (_, quiet):
        one.write(b"x", soon())
        assert wait_readable([quiet, other], soon(), "a word") == (other,)


def test_a_peer_that_speaks_no_tls() -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"220 mail.example ESMTP\r\n")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with scripted(script) as port, Stream.connect("127.0.0.1", port, soon()) as stream:
        with pytest.raises(Unreachable, match="TLS failed while negotiating TLS"):
            stream.start_tls(context, "falcot.com", soon())


def test_clear_text_ahead_of_tls_is_refused() -> None:
    with stream_pair() as (one, other):
        one.write(b"injected", soon())
        other.fill(soon(), "text")
        with pytest.raises(ProtocolError, match="clear text"):
            other.start_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "falcot.com", soon())


def test_kernel_errors_become_sentences() -> None:
    with pytest.raises(NoRoute, match="peer: Network is unreachable while calling"):
        with explained("peer", "calling"):
            raise OSError(101, "Network is unreachable")
    with pytest.raises(Unreachable, match="No route to host"), explained("peer", "calling"):
        raise OSError(113, "No route to host")
    with pytest.raises(ZeroDivisionError), explained("peer", "calling"):
        raise ZeroDivisionError


def test_own_addresses() -> None:
    assert is_local("127.0.0.1")
    assert not is_local("192.0.2.1")
    assert not is_local("2001:db8::1")
