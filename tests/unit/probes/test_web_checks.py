# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.tls import fingerprint_of
from falcot_rtc.probes.web_checks import (
    certificate,
    password_page,
    phone_desk,
    redirect,
    start_page,
    tls_names,
)
from tests.unit.probes.authority import make_authority, over_tls
from tests.unit.probes.loopback import scripted
from tests.unit.probes.samples import TICKET, target

AUTHORITY = make_authority()
OURS = replace(TICKET, ca=AUTHORITY.pem)


def page(head: str, body: str = "<p>falcot.com") -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        connection.recv(4096)
        text = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_RDWR)

    return script


GOOD = "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nStrict-Transport-Security: max-age=9"


@pytest.mark.parametrize(
    ("head", "body", "complaint"),
    [
        (GOOD.replace("200 OK", "404 Not Found"), "falcot.com", "got 404 Not Found"),
        (GOOD.replace("text/html", "text/plain"), "falcot.com", "got text/plain"),
        (GOOD, "It works!", "expected a page that names falcot.com"),
        (GOOD.replace("Strict", "Lax"), "falcot.com", "expected Strict-Transport-Security"),
    ],
)
def test_start_page_complaints(tmp_path: Path, head: str, body: str, complaint: str) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    with scripted(over_tls(context, page(head, body))) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        with pytest.raises(Unexpected, match=complaint):
            start_page(OURS, (there,), Deadline.after(5))


def test_start_page(tmp_path: Path) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    with scripted(over_tls(context, page(GOOD))) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        assert start_page(OURS, (there,), Deadline.after(5)).status == "ok"


FORM = '<form action="/password/change"><input name="old">'


def answering(seen: list[bytes], *heads: str) -> Callable[[socket.socket], None]:
    """A page for each connection, in turn."""
    left = list(heads)

    def script(connection: socket.socket) -> None:
        seen.append(connection.recv(4096))
        text = f"HTTP/1.1 {left.pop(0)}\r\nContent-Length: {len(FORM)}\r\n\r\n{FORM}"
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_RDWR)

    return script


def test_password_page(tmp_path: Path) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    seen: list[bytes] = []
    script = answering(seen, "200 OK", "403 Forbidden")
    with scripted(over_tls(context, script), connections=2) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        assert password_page(OURS, (there,), Deadline.after(5)).status == "ok"
    assert seen[1].startswith(b"POST /password/change HTTP/1.1\r\n")
    assert b"user=falcot-rtc-check-" in seen[1]
    assert b"Origin: https://server1.falcot.com\r\n" in seen[1]


@pytest.mark.parametrize(
    ("heads", "complaint"),
    [
        (("404 Not Found",), "GET /password/ .* got 404 Not Found"),
        (("200 OK", "200 OK"), "POST /password/change .* expected 403 Forbidden; got 200 OK"),
        (("200 OK", "503 Busy"), "got 503 Busy"),
    ],
)
def test_password_page_complaints(tmp_path: Path, heads: tuple[str, ...], complaint: str) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    script = answering([], *heads)
    with scripted(over_tls(context, script), connections=len(heads)) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        with pytest.raises(Unexpected, match=complaint):
            password_page(OURS, (there,), Deadline.after(5))


def test_a_page_without_the_form(tmp_path: Path) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    with scripted(over_tls(context, page(GOOD))) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        with pytest.raises(Unexpected, match="expected a form for passwords"):
            password_page(OURS, (there,), Deadline.after(5))


GIVEN = {
    "address": f"{TICKET.accounts[0].user}@falcot.com",
    "token": "t" * 40,
    "sip": {"servers": ["wss://server1.falcot.com:8443/ws"]},
    "ttl": 60,
}


def desk(seen: list[bytes], *said: tuple[str, object]) -> Callable[[socket.socket], None]:
    left = list(said)

    def script(connection: socket.socket) -> None:
        seen.append(connection.recv(4096))
        head, body = left.pop(0)
        text = json.dumps(body)
        answer = f"HTTP/1.1 {head}\r\nContent-Length: {len(text)}\r\n\r\n{text}"
        connection.sendall(answer.encode())
        connection.shutdown(socket.SHUT_RDWR)

    return script


def asked(tmp_path: Path, seen: list[bytes], *said: tuple[str, object]) -> str:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    with scripted(over_tls(context, desk(seen, *said)), connections=len(said)) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        wss = replace(target("sip-wss"), name="server1.falcot.com", port=8443)
        return phone_desk(OURS, (wss, there), Deadline.after(5)).status


def test_a_log_in_to_the_web_phone_and_its_renewal(tmp_path: Path) -> None:
    seen: list[bytes] = []
    right = (("200 OK", GIVEN), ("200 OK", GIVEN), ("401 Unauthorized", {}))
    assert asked(tmp_path, seen, *right) == "ok"
    assert seen[0].startswith(b"POST /phone/api/login HTTP/1.1\r\n")
    assert b"Origin: https://server1.falcot.com\r\n" in seen[0]
    bearers = [text.partition(b"Bearer ")[2].partition(b"\r")[0] for text in seen[1:]]
    assert bearers[0] == b"t" * 40 and bearers[1] not in (b"", b"t" * 40)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ((("401 Unauthorized", {}),), "login .* expected 200 OK; got 401"),
        ((("200 OK", []),), "expected credentials of falcot-rtc-check-"),
        ((("200 OK", {**GIVEN, "sip": {"servers": ["ws://x"]}}),), "expected SIP at wss://"),
        ((("200 OK", GIVEN), ("503 Busy", {})), "renew .* expected 200; got 503"),
        ((("200 OK", GIVEN), ("200 OK", GIVEN), ("200 OK", GIVEN)), "expected 401; got 200"),
    ],
)
def test_phone_complaints(
    tmp_path: Path, said: tuple[tuple[str, object], ...], complaint: str
) -> None:
    with pytest.raises(Unexpected, match=complaint):
        asked(tmp_path, [], *said)


def test_redirects() -> None:
    with scripted(page("301 Moved\r\nLocation: https://falcot.com/")) as port:
        there = replace(target("web-http"), address="127.0.0.1", port=port)
        assert redirect(OURS, (there,), Deadline.after(5)).status == "ok"
    for head in ("200 OK", "302 Found\r\nLocation: http://falcot.com/"):
        with scripted(page(head)) as port:
            there = replace(target("web-http"), address="127.0.0.1", port=port)
            with pytest.raises(Unexpected, match="expected a redirect to https"):
                redirect(OURS, (there,), Deadline.after(5))


def test_a_certificate_that_was_not_taken_up(tmp_path: Path) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com")
    with scripted(over_tls(context)) as port:
        there = replace(target("web-https"), address="127.0.0.1", port=port)
        with pytest.raises(Unexpected, match="has not taken up the new one"):
            certificate(OURS, (there,), Deadline.after(5))


def test_names_that_clients_look_for() -> None:
    names = {
        purpose: tls_names(TICKET.domain, target(purpose))
        for purpose in ("turn-tls", "sip-tls", "sip-wss", "xmpp-client", "xmpp-server-tls")
    }
    assert names == {
        "turn-tls": ("turn-server.falcot.com",),
        "sip-tls": ("falcot.com", "sip-proxy.falcot.com"),
        "sip-wss": ("sip-proxy.falcot.com",),
        "xmpp-client": ("falcot.com",),
        "xmpp-server-tls": ("falcot.com",),
    }
    assert tls_names(TICKET.domain, target("xmpp-https")) == ("upload.falcot.com",)


@pytest.mark.parametrize(
    ("days", "status", "said"),
    [(40, "ok", ""), (29, "warn", "fewer than 30"), (13, "warn", "fewer than 14"),
     (6, "fail", "renew it now")],
)  # fmt: skip
def test_the_end_of_a_certificate_comes_in_steps(
    tmp_path: Path, days: int, status: str, said: str
) -> None:
    context = AUTHORITY.server(tmp_path, "server1.falcot.com", days=days)
    leaf = (tmp_path / "server.pem").read_text().partition("-----BEGIN PRIVATE")[0]
    with scripted(over_tls(context), connections=2) as port:
        there = replace(
            target("web-https"),
            address="127.0.0.1",
            port=port,
            name="server1.falcot.com",
            fingerprint=fingerprint_of(ssl.PEM_cert_to_DER_cert(leaf)),
        )
        found = certificate(OURS, (there,), Deadline.after(5))
    assert found.status == status
    assert said in found.detail
