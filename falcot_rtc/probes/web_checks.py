# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved about the web site and about certificates; RFC 9110, RFC 6797, RFC 9525."""

from __future__ import annotations

import json
import time
from functools import partial

from falcot_rtc import expiry
from falcot_rtc.accounts import names
from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.https import get, post, send
from falcot_rtc.probes.outcome import FAIL, Outcome, passed, warned
from falcot_rtc.probes.ticket import Target, Ticket
from falcot_rtc.probes.tls import Opener, fingerprint_of, served_certificate, verified
from falcot_rtc.probes.xmpp_checks import before_tls

STARTTLS = frozenset({"xmpp-client", "xmpp-server"})
ALPN = {
    "xmpp-client-tls": ("xmpp-client",),
    "xmpp-server-tls": ("xmpp-server",),
    "sip-wss": ("http/1.1",),
    "xmpp-https": ("http/1.1",),
    "web-https": ("http/1.1",),
}


def start_page(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    (target,) = targets
    page = get(target, "/", ticket.ca, deadline)
    media_type = page.header("Content-Type").partition(";")[0].strip().lower()
    _require(target, page.status == 200, "200 OK", f"{page.status} {page.reason}")
    _require(target, media_type == "text/html", "text/html", media_type or "no type")
    named = ticket.domain.encode() in page.body
    _require(target, named, f"a page that names {ticket.domain}", f"{len(page.body)} bytes without")
    strict = "max-age=" in page.header("Strict-Transport-Security").lower()
    _require(target, strict, "Strict-Transport-Security with max-age", "no such header")
    return passed(f"{len(page.body)} bytes of HTML")


def redirect(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    (target,) = targets
    page = get(target, "/", ticket.ca, deadline)
    location = page.header("Location")
    got = f"{page.status} to {location or 'nowhere'}"
    moved = page.status in (301, 302, 307, 308) and location.startswith("https://")
    _require(target, moved, "a redirect to https", got)
    return passed(got)


def password_page(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """The form is there, and the service behind it refuses a password (of nobody)."""
    (target,) = targets
    page = get(target, "/password/", ticket.ca, deadline)
    wish = "GET /password/"
    _require(target, page.status == 200, "200 OK", f"{page.status} {page.reason}", wish)
    form = b'name="old"' in page.body and b'action="/password/change"' in page.body
    _require(target, form, "a form for passwords", f"{len(page.body)} bytes without", wish)
    wrong = {
        "user": names.reserved_name(),
        "old": "not the old password",
        "new": "and not the new one",
        "again": "and not the new one",
        "language": "en",
    }
    said = post(target, "/password/change", wrong, ticket.ca, deadline)
    got = f"{said.status} {said.reason}"
    _require(target, said.status == 403, "403 Forbidden", got, "POST /password/change")
    return passed("a wrong password is refused")


def phone_desk(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """A person logs in to the web phone and renews the credentials; an altered token is refused."""
    https, wss = (
        next(one for one in targets if one.purpose == purpose)
        for purpose in ("web-https", "sip-wss")
    )
    who, api = ticket.accounts[0], "/phone/api/"
    login = json.dumps({"user": who.user, "password": who.password}).encode()
    of_json = {"Content-Type": "application/json"}
    said = send(https, f"{api}login", of_json, login, ticket.ca, deadline)
    got, wish = f"{said.status} {said.reason}", f"POST {api}login"
    _require(https, said.status == 200, "200 OK", got, wish)
    given = _object(said.body)
    token, servers = str(given.get("token")), _object(given.get("sip")).get("servers")
    address = f"{who.user}@{ticket.domain}"
    _require(https, given.get("address") == address, f"credentials of {address}", "others", wish)
    at = f"wss://{wss.name}:{wss.port}/ws"
    found = isinstance(servers, list) and at in servers
    _require(https, found, f"SIP at {at}", f"{servers}", wish)
    wish = f"POST {api}renew"
    for bearer, status in ((token, 200), (f"{token[:8]}{'A' * 8}{token[16:]}", 401)):
        with_token = {"Authorization": f"Bearer {bearer}"}
        said = send(https, f"{api}renew", with_token, b"", ticket.ca, deadline)
        got = f"{said.status} {said.reason}"
        _require(https, said.status == status, f"{status}", got, wish)
    return passed(f"credentials for {given.get('ttl')} s, renewed")


def _object(value: object) -> dict[str, object]:
    """A JSON object, of text or already decoded; empty for anything else."""
    if isinstance(value, bytes):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _require(target: Target, holds: bool, expected: str, got: str, wish: str = "GET /") -> None:
    if not holds:
        sent = f"{wish} for {target.name} to {target.address} port {target.port}"
        raise Unexpected(sent=sent, expected=expected, got=got)


def certificate(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """The configured certificate is the one served, and clients accept it."""
    (target,) = targets
    alpn, opener = ALPN.get(target.purpose, ()), opener_of(ticket.domain, target)
    names = tls_names(ticket.domain, target)
    fingerprint = fingerprint_of(served(ticket.domain, target, deadline))
    if target.fingerprint and fingerprint != target.fingerprint:
        raise Unexpected(
            sent=f"a TLS handshake for {names[0]} to {target.address} port {target.port}",
            expected=f"the configured certificate {target.fingerprint[:16]}…",
            got=f"{fingerprint[:16]}…: the service has not taken up the new one",
        )
    for name in names:
        shown = verified(opener, name, ticket.ca, deadline, alpn)
    days = shown.days_left(time.time())
    detail = f"{shown.version}, valid for {', '.join(names)}, {days:.0f} days left"
    passing = expiry.stage(shown.begins, shown.expires, time.time())
    if passing is None:
        return passed(detail)
    hint = "on the host: falcot-rtc cert status tells why nothing renewed it"
    if passing[1]:
        return Outcome(status=FAIL, detail=f"{detail}: renew it now", hint=hint)
    return warned(f"{detail}, fewer than {passing[0]} or their share of its validity", hint)


def served(domain: str, target: Target, deadline: Deadline) -> bytes:
    """The leaf that a port shows to the first name that clients ask for, whatever its merits."""
    alpn = ALPN.get(target.purpose, ())
    name = tls_names(domain, target)[0]
    return served_certificate(opener_of(domain, target), name, deadline, alpn)


def opener_of(domain: str, target: Target) -> Opener:
    """How a connection to the port gets to the point where TLS starts."""
    if target.purpose in STARTTLS:
        return partial(before_tls, domain, target)
    return partial(_connect, target)


def tls_names(domain: str, target: Target) -> tuple[str, ...]:
    """What clients of that service put into SNI and look for in the certificate."""
    if target.role == "xmpp" and target.purpose != "xmpp-https":
        # The identity is the domain, whichever host serves it: RFC 6120 section 13.7.2.1.
        return (domain,)
    if target.purpose == "sip-tls":
        # RFC 5922 section 7.1 wants the domain; phones with a configured proxy want its name.
        return tuple(dict.fromkeys((domain, target.name)))
    return (target.name,)


def _connect(target: Target, deadline: Deadline) -> Stream:
    return Stream.connect(target.address, target.port, deadline)
