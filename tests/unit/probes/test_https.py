# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.https import decode, get, post
from tests.unit.probes.authority import make_authority, over_tls
from tests.unit.probes.loopback import scripted
from tests.unit.probes.samples import target


def test_a_plain_and_a_chunked_body() -> None:
    plain = decode(b"HTTP/1.1 200 OK\r\nX-One: a\r\nContent-Length: 2\r\n\r\nhi")
    assert (plain.status, plain.reason, plain.body) == (200, "OK", b"hi")
    assert plain.header("x-one") == "a"
    assert plain.header("x-two") == ""
    chunked = decode(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n"
    )
    assert chunked.body == b"hi!"


@pytest.mark.parametrize(
    "data",
    [b"", b"220 smtp\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"],
)
def test_cut_short_or_something_else(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


@given(st.binary())
def test_junk_is_a_protocol_error(junk: bytes) -> None:
    for data in (junk, b"HTTP/1.1 200 OK\r\n" + junk, b"HTTP/1.1 " + junk):
        try:
            decode(data)
        except ProtocolError:
            continue


def test_get_sends_the_name_as_sni_and_host(tmp_path: Path) -> None:
    authority = make_authority()
    context = authority.server(tmp_path, "server1.falcot.com")
    asked: list[str | None] = []
    context.sni_callback = lambda connection, name, _: asked.append(name)

    def script(connection: ssl.SSLSocket) -> None:
        request = connection.recv(4096)
        assert request.startswith(b"GET /x HTTP/1.1\r\nHost: server1.falcot.com\r\n")
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with scripted(over_tls(context, script)) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        assert get(there, "/x", authority.pem, Deadline.after(5)).status == 404
    assert asked == ["server1.falcot.com"]


def test_post_sends_a_form_of_the_same_origin(tmp_path: Path) -> None:
    authority = make_authority()
    context = authority.server(tmp_path, "server1.falcot.com")

    def script(connection: ssl.SSLSocket) -> None:
        head, _, body = connection.recv(4096).partition(b"\r\n\r\n")
        assert head.startswith(b"POST /x HTTP/1.1\r\nHost: server1.falcot.com\r\n")
        assert b"\r\nOrigin: https://server1.falcot.com\r\n" in head
        assert head.endswith(b"\r\nContent-Length: %d" % len(body))
        assert body == b"a=%C3%BC+%26&b="
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with scripted(over_tls(context, script)) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        form = {"a": "ü &", "b": ""}
        assert post(there, "/x", form, authority.pem, Deadline.after(5)).status == 403
