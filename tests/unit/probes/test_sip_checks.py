# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from falcot_rtc.probes import sip_checks, sip_message
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.sip_message import Request, Response, find
from falcot_rtc.probes.ticket import Target
from tests.unit.probes.loopback import scripted
from tests.unit.probes.samples import TICKET, target


def proxy(answer: Callable[[Request], int]) -> Callable[[socket.socket], None]:
    """A proxy over TCP that answers every request but ACK with a status, until we hang up."""

    def script(connection: socket.socket) -> None:
        data = b""
        while received := connection.recv(65536):
            data += received
            while b"\r\n\r\n" in data:
                head, _, rest = data.partition(b"\r\n\r\n")
                size = sip_message.content_length(head + b"\r\n\r\n") or 0
                request = sip_message.decode(head + b"\r\n\r\n" + rest[:size])
                data = rest[size:]
                assert isinstance(request, Request)
                if request.method == "ACK":
                    continue
                kept = ("Via", "From", "To", "Call-ID", "CSeq")
                headers = tuple(item for item in request.headers if item[0] in kept)
                response = Response(status=answer(request), reason="Said", headers=headers)
                connection.sendall(sip_message.encode(response))

    return script


def at(port: int) -> Target:
    return replace(target("sip-tls"), address="127.0.0.1", port=port, tls=False)


def test_options() -> None:
    with scripted(proxy(lambda request: 404)) as port:
        assert sip_checks.options(TICKET, (at(port),), Deadline.after(5)).status == "ok"
    with scripted(proxy(lambda request: 503)) as port, pytest.raises(Unexpected, match="got 503"):
        sip_checks.options(TICKET, (at(port),), Deadline.after(5))


def test_anonymous_requests_have_to_be_challenged() -> None:
    with scripted(proxy(lambda r: 401 if r.method == "REGISTER" else 407)) as port:
        outcome = sip_checks.anonymous_refused(TICKET, (at(port),), Deadline.after(5))
    assert outcome.status == "ok"


@pytest.mark.parametrize("accepted", ["REGISTER", "INVITE"])
def test_an_open_registrar_or_proxy_is_noticed(accepted: str) -> None:
    with scripted(proxy(lambda r: 200 if r.method == accepted else 401)) as port:
        with pytest.raises(Unexpected, match=f"SIP {accepted} .*expected 401 or 407; got 200"):
            sip_checks.anonymous_refused(TICKET, (at(port),), Deadline.after(5))


@pytest.mark.parametrize("status", [408, 478, 480, 500, 503])
def test_a_proxy_that_tried_to_relay_is_noticed(status: int) -> None:
    with scripted(proxy(lambda request: status)) as port:
        with pytest.raises(Unexpected, match=rf"elsewhere\.invalid from .* got {status}"):
            sip_checks.relay_refused(TICKET, (at(port),), Deadline.after(5))


def test_strangers_are_nobody_of_this_site() -> None:
    senders: list[str] = []

    def refuse(request: Request) -> int:
        senders.append(find(request, "From"))
        return 403

    with scripted(proxy(refuse), connections=2) as port:
        outcome = sip_checks.relay_refused(TICKET, (at(port),), Deadline.after(5))
    assert outcome.status == "ok"
    assert len(senders) == 3
    assert not any("falcot.com" in sender for sender in senders)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_forwarded_request_springs_the_trap(transport: str) -> None:
    def forward(request: Request) -> int:
        address, _, parameters = request.uri.partition("@")[2].partition(";")
        if parameters == f"transport={transport}":
            host, _, port = address.partition(":")
            kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
            with socket.socket(socket.AF_INET, kind) as sock:
                sock.connect((host, int(port)))
                sock.send(sip_message.encode(request))
        return 403

    with scripted(proxy(forward), connections=2) as port:
        with pytest.raises(Unexpected, match="this is an open relay"):
            sip_checks.relay_refused(TICKET, (at(port),), Deadline.after(5))
