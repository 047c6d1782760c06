# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import ProtocolError, Unexpected, Unreachable
from falcot_rtc.probes.scram import Exchange
from falcot_rtc.probes.ticket import Credentials, Target
from falcot_rtc.probes.xmpp import Connection, Refused, StreamError
from tests.unit.probes.loopback import scripted
from tests.unit.probes.samples import target

HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='falcot.com' id='1' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
JOE = Credentials(user="joe", password="pencil")


def features(content: str) -> str:
    return f"{HEADER}<stream:features>{content}</stream:features>"


def mechanisms(*names: str) -> str:
    listed = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return features(f"<mechanisms xmlns='{SASL}'>{listed}</mechanisms>")


def saying(*answers: str) -> Callable[[socket.socket], None]:
    """A server that answers each thing it receives with the next text."""

    def script(connection: socket.socket) -> None:
        for answer in answers:
            if connection.recv(65536):
                connection.sendall(answer.encode())
        connection.recv(65536)

    return script


def at(port: int) -> Target:
    return replace(target("xmpp-client"), address="127.0.0.1", port=port)


def soon() -> Deadline:
    return Deadline.after(5)


def test_features_before_tls() -> None:
    with scripted(saying(features(STARTTLS))) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            assert client.offers_starttls()
            assert client.mechanisms() == ()


def test_starttls_that_is_not_offered_or_refused() -> None:
    with scripted(saying(mechanisms("PLAIN"))) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(Unexpected, match=r"got mechanisms \(PLAIN\)"):
                client.ask_starttls(soon())
    failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    with scripted(saying(features(STARTTLS), failure)) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(Refused, match="STARTTLS"):
                client.ask_starttls(soon())


def test_only_scram_is_good_enough() -> None:
    with scripted(saying(mechanisms("PLAIN", "X-OAUTH2"))) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(Unexpected, match="expected SCRAM-SHA-256 or SCRAM-SHA-1"):
                client.log_in(JOE, soon())


def test_a_refused_password() -> None:
    refused = f"<failure xmlns='{SASL}'><not-authorized/><text>No.</text></failure>"
    with scripted(saying(mechanisms("SCRAM-SHA-1"), refused)) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(Refused, match="got not-authorized") as caught:
                client.log_in(JOE, soon())
    assert caught.value.condition == "not-authorized"


def test_a_server_that_knows_no_password_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import base64

    def encoded(tag: str, text: str) -> str:
        return f"<{tag} xmlns='{SASL}'>{base64.b64encode(text.encode()).decode()}</{tag}>"

    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "nonce")
    challenge = "r=nonceserver,s=QSXCR+Q6sek8bf92,i=4096"
    exchange = Exchange(mechanism="SCRAM-SHA-1", user="joe", nonce="nonce")
    _, signature = exchange.final("pencil", challenge)
    wrong = base64.b64encode(signature[::-1]).decode()
    answers = (mechanisms("SCRAM-SHA-1"), encoded("challenge", challenge))
    with scripted(saying(*answers, encoded("success", f"v={wrong}"))) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(ProtocolError, match="does not know the password"):
                client.log_in(JOE, soon())


def test_queries_skip_what_is_not_their_answer() -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(features("").encode())
        identity = connection.recv(65536).decode().partition('id="')[2].partition('"')[0]
        connection.sendall(
            f"<message/><iq type='result' id='other'/><iq type='error' id='{identity}'>"
            "<error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>".encode()
        )

    with scripted(script) as port:
        with Connection.connect(at(port), "falcot.com", "", soon()) as client:
            with pytest.raises(Refused, match="got forbidden"):
                client.query("get", Element("{jabber:iq:register}query"), "falcot.com", soon())


def test_stream_errors_and_ends_are_told() -> None:
    error = (
        f"{HEADER}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "</stream:error>"
    )
    with scripted(saying(error)) as port, pytest.raises(StreamError, match="host-unknown"):
        Connection.connect(at(port), "falcot.com", "", soon())
    with scripted(saying(f"{HEADER}</stream:stream>")) as port:
        with pytest.raises(Unreachable, match="stream closed"):
            Connection.connect(at(port), "falcot.com", "", soon())
    with scripted(saying("HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        with pytest.raises(ProtocolError, match="not an XMPP stream"):
            Connection.connect(at(port), "falcot.com", "", soon())
