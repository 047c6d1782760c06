# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved about XMPP: encrypted logins, delivery, TURN credentials, no registration."""

from __future__ import annotations

import secrets
from functools import partial
from xml.etree.ElementTree import Element, SubElement

from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError, Unexpected
from falcot_rtc.probes.outcome import Outcome, passed, skipped
from falcot_rtc.probes.ticket import Credentials, Target, Ticket
from falcot_rtc.probes.tls import verifying
from falcot_rtc.probes.turn_checks import check_relayed, ip_version
from falcot_rtc.probes.turn_link import open_link
from falcot_rtc.probes.turn_relay import relay_both_ways
from falcot_rtc.probes.xmpp import ALPN, CLIENT, SERVER, Connection, Refused, StreamError

REGISTER = "jabber:iq:register"
REGISTER_FEATURE = "{http://jabber.org/features/iq-register}register"
SERVICES = "urn:xmpp:extdisco:2"
HINTS = "urn:xmpp:hints"


def login(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with _encrypted(ticket, targets[0], deadline) as client:
        mechanism = client.log_in(ticket.accounts[0], deadline)
        return passed(f"{mechanism} as {client.address.partition('/')[0]}")


def message(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with (
        _encrypted(ticket, targets[0], deadline) as sender,
        _encrypted(ticket, targets[0], deadline) as receiver,
    ):
        sender.log_in(ticket.accounts[0], deadline)
        receiver.log_in(ticket.accounts[1], deadline)
        text = f"falcot-rtc check {secrets.token_hex(8)}"
        attributes = {"to": receiver.address, "type": "chat", "id": secrets.token_hex(6)}
        stanza = Element(f"{{{CLIENT}}}message", attributes)
        SubElement(stanza, f"{{{CLIENT}}}body").text = text
        # XEP-0334: nobody wants to find these in an archive or on a third device.
        SubElement(stanza, f"{{{HINTS}}}no-store")
        SubElement(stanza, f"{{{HINTS}}}no-copy")
        sender.send(stanza, deadline)
        while True:
            arrived = receiver.next(deadline, f"a message to {receiver.address}")
            if arrived.tag == stanza.tag and arrived.get("id") == attributes["id"]:
                break
        body = arrived.findtext(f"{{{CLIENT}}}body")
        if (arrived.get("from"), body) != (sender.address, text):
            raise Unexpected(
                sent=f"a message from {sender.address}",
                expected=f"it at {receiver.address}, from there",
                got=f"{body!r} from {arrived.get('from')}",
            )
    return passed("the message arrived")


def wrong_password_refused(
    ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline
) -> Outcome:
    """One try only: this is what jails password guessers."""
    wrong = Credentials(user=ticket.accounts[0].user, password=secrets.token_hex(12))
    with _encrypted(ticket, targets[0], deadline) as client:
        try:
            client.log_in(wrong, deadline)
        except Refused as refusal:
            if refusal.condition == "not-authorized":
                return passed("refused with not-authorized")
            raise
    raise Unexpected(
        sent=f"a wrong password to {targets[0].address}",
        expected="not-authorized",
        got="a successful login",
    )


def cleartext_refused(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    (target,) = targets
    with Connection.connect(target, ticket.domain, ticket.ca, deadline) as client:
        if client.mechanisms() or not client.offers_starttls():
            raise Unexpected(
                sent=f"a stream header in clear text to {client.stream.peer}",
                expected="STARTTLS and no SASL mechanism",
                got=", ".join(client.mechanisms()) or "neither",
            )
    return passed("no login is offered before TLS")


def registration_closed(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """Neither new accounts nor new passwords: both would leave the site's one account store."""
    for target in targets:
        with _encrypted(ticket, target, deadline) as client:
            if client.features.find(REGISTER_FEATURE) is not None:
                raise Unexpected(
                    sent=f"a stream header to {client.stream.peer}",
                    expected="no registration among the features",
                    got="it",
                )
            _refuse_registration(client, deadline)
    with _encrypted(ticket, targets[0], deadline) as client:
        client.log_in(ticket.accounts[0], deadline)
        _refuse_registration(client, deadline)
    return passed("registration and password change are refused")


def _refuse_registration(client: Connection, deadline: Deadline) -> None:
    try:
        client.query("get", Element(f"{{{REGISTER}}}query"), client.domain, deadline)
    except Refused:
        return
    raise Unexpected(
        sent=f"a query for {REGISTER} to {client.stream.peer}",
        expected="an error",
        got="a registration form",
    )


def turn_credentials(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """The credentials of XEP-0215 work for every TURN service that it announces."""
    if "turn" not in ticket.services:
        return skipped("the site has no TURN service")
    with _encrypted(ticket, targets[0], deadline) as client:
        client.log_in(ticket.accounts[0], deadline)
        query = Element(f"{{{SERVICES}}}services")
        answer = client.query("get", query, client.domain, deadline)
    announced = answer.findall(f"{{{SERVICES}}}services/{{{SERVICES}}}service")
    used = []
    for service in announced:
        if service.get("type") not in ("turn", "turns"):
            continue
        target = _announced_target(ticket, service)
        credentials = Credentials(
            user=service.get("username", ""), password=service.get("password", "")
        )
        ends = relay_both_ways(
            partial(open_link, target, ticket.ca, deadline),
            (credentials, credentials),
            ip_version(target),
            deadline,
        )
        check_relayed(ticket, target, ends[0])
        used.append(target.purpose)
    if not used:
        raise Unexpected(
            sent=f"a query for {SERVICES} to {ticket.domain}",
            expected="TURN services with credentials",
            got=f"{len(announced)} services, no TURN among them",
        )
    return passed(f"minted credentials relayed data through {', '.join(used)}")


def _announced_target(ticket: Ticket, service: Element) -> Target:
    tls = service.get("type") == "turns"
    protocol = service.get("transport", "tcp" if tls else "udp")
    for target in ticket.endpoints:
        socket = (target.role, target.protocol, target.tls, str(target.port))
        if socket == ("turn", protocol, tls, service.get("port")):
            return target
    raise ProtocolError(
        f"XMPP announces {service.get('type')} at {service.get('host')} port "
        f"{service.get('port')}/{protocol}, where this site has no TURN service"
    )


def server(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """Another server can begin to talk to this one, encrypted; RFC 6120 and XEP-0368."""
    (target,) = targets
    with Connection.dial(target, ticket.domain, ticket.ca, deadline, SERVER) as peer:
        try:
            peer.open(deadline)
        except StreamError as error:
            # We have no server's certificate: inside TLS a strict server says so and hangs up.
            if not (target.tls and error.condition == "not-authorized"):
                raise
        if not target.tls:
            peer.ask_starttls(deadline)
            context = verifying(ticket.ca, (ALPN[SERVER],))
            peer.stream.start_tls(context, ticket.domain, deadline)
        return passed(f"{peer.stream.tls.version()} established")


def before_tls(domain: str, target: Target, deadline: Deadline) -> Stream:
    """A connection at the point where the handshake starts, after STARTTLS."""
    namespace = SERVER if target.purpose.startswith("xmpp-server") else CLIENT
    connection = Connection.connect(target, domain, "", deadline, namespace)
    try:
        connection.ask_starttls(deadline)
    except BaseException:
        connection.close()
        raise
    return connection.stream


def _encrypted(ticket: Ticket, target: Target, deadline: Deadline) -> Connection:
    connection = Connection.connect(target, ticket.domain, ticket.ca, deadline)
    try:
        if not target.tls:
            connection.start_tls(ticket.ca, deadline)
    except BaseException:
        connection.close()
        raise
    return connection
