# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An XMPP client: STARTTLS or direct TLS, SCRAM, binding, stanzas; RFC 6120, RFC 6121, XEP-0368."""

from __future__ import annotations

import base64
import binascii
import secrets
from types import TracebackType
from typing import Self
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import quoteattr

from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError, Unexpected, Unreachable
from falcot_rtc.probes.scram import HASHES, Exchange, is_server_authentic
from falcot_rtc.probes.ticket import Credentials, Target
from falcot_rtc.probes.tls import verifying
from falcot_rtc.probes.xml_stream import StreamParser, encode

STREAM = "http://etherx.jabber.org/streams"
CLIENT = "jabber:client"
SERVER = "jabber:server"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
ALPN = {CLIENT: "xmpp-client", SERVER: "xmpp-server"}


class Refused(Unexpected):
    """The server answered with a failure or an error; `condition` is its name."""

    def __init__(self, *, sent: str, expected: str, condition: str) -> None:
        super().__init__(sent=sent, expected=expected, got=condition)
        self.condition = condition


class StreamError(Refused):
    """The server ended the stream with an error; RFC 6120 section 4.9."""


class Connection:
    """A stream to `domain`; `features` are those that the server offered last.

    The TLS name is always the domain itself, whatever host serves it: RFC 6120 section 13.7.2.1,
    and XEP-0368 for the SNI.
    """

    def __init__(self, stream: Stream, domain: str, namespace: str = CLIENT) -> None:
        self.stream = stream
        self.domain = domain
        self.namespace = namespace
        self.parser = StreamParser()
        self.features = Element("none")
        self.address = ""

    @classmethod
    def dial(
        cls, target: Target, domain: str, ca: str, deadline: Deadline, namespace: str = CLIENT
    ) -> Self:
        """Before the first header: in clear text, or inside TLS where the port begins with it."""
        stream = Stream.connect(target.address, target.port, deadline)
        if target.tls:
            try:
                stream.start_tls(verifying(ca, (ALPN[namespace],)), domain, deadline)
            except BaseException:
                stream.close()
                raise
        return cls(stream, domain, namespace)

    @classmethod
    def connect(
        cls, target: Target, domain: str, ca: str, deadline: Deadline, namespace: str = CLIENT
    ) -> Self:
        """Up to the first features."""
        connection = cls.dial(target, domain, ca, deadline, namespace)
        try:
            connection.open(deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    def open(self, deadline: Deadline) -> None:
        """Start the stream anew and read the features."""
        self.parser = StreamParser()
        header = (
            f"<?xml version='1.0'?><stream:stream to={quoteattr(self.domain)} version='1.0' "
            f"xml:lang='en' xmlns='{self.namespace}' xmlns:stream='{STREAM}'>"
        )
        self.stream.write(header.encode(), deadline)
        features = self.next(deadline, "XMPP stream features")
        if features.tag != f"{{{STREAM}}}features":
            raise ProtocolError(f"{self.stream.peer}: {features.tag} instead of stream features")
        self.features = features

    def offers_starttls(self) -> bool:
        return self.features.find(f"{{{TLS}}}starttls") is not None

    def mechanisms(self) -> tuple[str, ...]:
        found = self.features.iterfind(f"{{{SASL}}}mechanisms/{{{SASL}}}mechanism")
        return tuple(element.text or "" for element in found)

    def ask_starttls(self, deadline: Deadline) -> None:
        """STARTTLS up to the handshake, which is the caller's."""
        self._require(self.offers_starttls(), "STARTTLS among the features")
        self.send(Element(f"{{{TLS}}}starttls"), deadline)
        answer = self.next(deadline, "the answer to STARTTLS")
        if answer.tag != f"{{{TLS}}}proceed":
            raise Refused(
                sent=f"STARTTLS to {self.stream.peer}", expected="proceed", condition=answer.tag
            )

    def start_tls(self, ca: str, deadline: Deadline) -> None:
        self.ask_starttls(deadline)
        self.stream.start_tls(verifying(ca, (ALPN[self.namespace],)), self.domain, deadline)
        self.open(deadline)

    def log_in(self, credentials: Credentials, deadline: Deadline) -> str:
        """Authenticate by the best SCRAM offered and bind a resource; the mechanism used."""
        usable = [name for name in HASHES if name in self.mechanisms()]
        self._require(bool(usable), "SCRAM-SHA-256 or SCRAM-SHA-1 among the mechanisms")
        mechanism = usable[0]
        self._authenticate(mechanism, credentials, deadline)
        self.open(deadline)
        bind = Element(f"{{{BIND}}}bind")
        resource = SubElement(bind, f"{{{BIND}}}resource")
        resource.text = f"check-{secrets.token_hex(4)}"
        bound = self.query("set", bind, "", deadline).find(f"{{{BIND}}}bind/{{{BIND}}}jid")
        if bound is None or not bound.text:
            raise ProtocolError(f"{self.stream.peer}: binding without an address")
        self.address = bound.text
        return mechanism

    def _authenticate(self, mechanism: str, credentials: Credentials, deadline: Deadline) -> None:
        exchange = Exchange(
            mechanism=mechanism, user=credentials.user, nonce=secrets.token_urlsafe(18)
        )
        challenge = self._sasl("auth", exchange.first, deadline, mechanism=mechanism)
        message, signature = exchange.final(credentials.password, challenge)
        outcome = self._sasl("response", message, deadline)
        if not is_server_authentic(outcome, signature):
            raise ProtocolError(f"{self.stream.peer}: the server does not know the password")

    def _sasl(self, name: str, text: str, deadline: Deadline, **attributes: str) -> str:
        element = Element(f"{{{SASL}}}{name}", attributes)
        element.text = base64.b64encode(text.encode()).decode()
        self.send(element, deadline)
        answer = self.next(deadline, "the answer to SASL")
        if answer.tag not in (f"{{{SASL}}}challenge", f"{{{SASL}}}success"):
            raise Refused(
                sent=f"SASL {name} to {self.stream.peer}",
                expected="success",
                condition=_condition(answer),
            )
        try:
            return base64.b64decode(answer.text or "", validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise ProtocolError(f"{self.stream.peer}: SASL data is not base64 text") from error

    def query(self, kind: str, payload: Element, to: str, deadline: Deadline) -> Element:
        """The result of an IQ to `to`, or to our own account if empty; Refused for an error."""
        identity = secrets.token_hex(6)
        iq = Element(f"{{{self.namespace}}}iq", {"type": kind, "id": identity})
        if to:
            iq.set("to", to)
        iq.append(payload)
        self.send(iq, deadline)
        while True:
            answer = self.next(deadline, f"the answer to {payload.tag}")
            if answer.tag == iq.tag and answer.get("id") == identity:
                break
        if answer.get("type") == "result":
            return answer
        error = answer.find(f"{{{self.namespace}}}error")
        raise Refused(
            sent=f"IQ {kind} {payload.tag} to {to or 'our account'}",
            expected="a result",
            condition="an error" if error is None else _condition(error),
        )

    def send(self, element: Element, deadline: Deadline) -> None:
        self.stream.write(encode(element), deadline)

    def next(self, deadline: Deadline, waiting_for: str) -> Element:
        """The next stanza; a stream error is raised."""
        while not self.parser.stanzas:
            if self.parser.ended:
                raise Unreachable(f"{self.stream.peer}: stream closed, waiting for {waiting_for}")
            self.stream.fill(deadline, waiting_for)
            self.parser.feed(self.stream.take(len(self.stream.buffer)))
        stanza = self.parser.stanzas.popleft()
        if stanza.tag == f"{{{STREAM}}}error":
            raise StreamError(
                sent=f"XMPP to {self.stream.peer}",
                expected=waiting_for,
                condition=_condition(stanza),
            )
        return stanza

    def _require(self, holds: bool, expected: str) -> None:
        if not holds:
            offered = ", ".join(e.tag.rpartition("}")[2] for e in self.features) or "nothing"
            got = f"{offered} ({', '.join(self.mechanisms()) or 'no mechanisms'})"
            raise Unexpected(
                sent=f"a stream header for {self.domain} to {self.stream.peer}",
                expected=expected,
                got=got,
            )

    def close(self) -> None:
        self.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _condition(failure: Element) -> str:
    """The defined condition: the first child, by its local name (RFC 6120 sections 6.5, 8.3.2)."""
    return failure[0].tag.rpartition("}")[2] if len(failure) else "an unnamed condition"
