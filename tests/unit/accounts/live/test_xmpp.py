# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import socket
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from falcot_rtc.accounts.live import xmpp
from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from tests.unit.accounts.live.local_server import at_path, stream

# prosody 13.0.6.
HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
    b"version='1.0' xmlns='xmpp:prosody.im/admin'>"
)
SEEN = (
    b"<seen xmlns='urn:falcot-rtc:live'>"
    b"<stream since='1795487496' address='2001:db8:1000:2000::1' waiting='0' resource='laptop' "
    b"client='http://slixmpp.com/ver/1.10' secure='1'/>"
    b"<stream since='1795487400' address='198.51.100.1' waiting='1' resource='phone' secure='1'/>"
    b"<stream waiting='0' secure='0'/>"
    b"<activity time='1795487496'/></seen>"
)


def answered(tmp_path: Path, *answer: bytes) -> tuple[Path, object]:
    path = tmp_path / "prosody.sock"

    def talk(connection: socket.socket) -> None:
        connection.recv(10_000)
        for part in answer:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)

    return path, stream(at_path(path), talk)


def host(tmp_path: Path) -> Host:
    (tmp_path / "var/lib/prosody").mkdir(parents=True)
    (tmp_path / "var/lib/prosody/prosody.sock").symlink_to(tmp_path / "prosody.sock")
    return Host(tmp_path)


def test_streams_of_a_person(tmp_path: Path) -> None:
    _, server = answered(tmp_path, HEADER, SEEN[:100], SEEN[100:])
    with server:  # type: ignore[attr-defined]
        found = xmpp.seen(host(tmp_path), "joe@falcot.com")
    assert [one.device for one in found] == ["", "phone", "laptop (http://slixmpp.com/ver/1.10)"]
    assert [one.where for one in found] == [
        "TCP",
        "198.51.100.1 gone, may resume",
        "2001:db8:1000:2000::1 TLS",
    ]
    assert found[1] == Session(
        service="xmpp",
        kind=Kind.STREAM,
        device="phone",
        where="198.51.100.1 gone, may resume",
        since=1795487400,
        expires=None,
    )


def test_last_seen(tmp_path: Path) -> None:
    _, server = answered(tmp_path, HEADER, SEEN)
    with server:  # type: ignore[attr-defined]
        assert xmpp.last_seen(host(tmp_path), "joe@falcot.com") == 1795487496


def test_never_seen() -> None:
    empty = ElementTree.fromstring(b"<seen xmlns='urn:falcot-rtc:live'/>")
    assert xmpp.streams(empty) == ()


def test_end_counts(tmp_path: Path) -> None:
    _, server = answered(tmp_path, HEADER, b"<end xmlns='urn:falcot-rtc:live' count='2'/>")
    with server:  # type: ignore[attr-defined]
        assert xmpp.end(host(tmp_path), "joe@falcot.com") == 2


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (
            b"<repl-result type='error'>No module handled this query.</repl-result>",
            "No module handled this query.",
        ),
        (b"<<", "not an XMPP stream"),
        (b"", "closed the connection"),
    ],
)
def test_what_is_no_answer(tmp_path: Path, answer: bytes, complaint: str) -> None:
    path, server = answered(tmp_path, HEADER, answer)
    with server, pytest.raises(FalcotError, match=complaint):  # type: ignore[attr-defined]
        xmpp.ask(path, "seen", "joe@falcot.com")


@pytest.mark.parametrize("tell", [xmpp.contact, xmpp.member])
def test_a_new_name_is_told(tmp_path: Path, tell: Callable[[Host, str, str, str], int]) -> None:
    verb = tell.__name__
    _, server = answered(
        tmp_path, HEADER, f"<{verb} xmlns='urn:falcot-rtc:live' count='1'/>".encode()
    )
    with server:  # type: ignore[attr-defined]
        found = tell(host(tmp_path), "jane@falcot.com", "joe@falcot.com", "jim@falcot.com")
    assert found == 1
