# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SIP user agent on one connection: requests, digest, registration; RFC 3261, RFC 5626."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from falcot_rtc.probes import digest, sip_message
from falcot_rtc.probes.connection import Deadline, wait_readable
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.sip_message import Headers, Message, Request, Response, find, find_all
from falcot_rtc.probes.sip_transport import Transport
from falcot_rtc.probes.ticket import Credentials

T = TypeVar("T", bound=Message)

EXPIRES = 120  # seconds: what a killed probe leaves behind is soon gone
ALLOW = ("Allow", "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS")
USER_AGENT = ("User-Agent", "falcot-rtc-check")
ANSWERS = {401: ("WWW-Authenticate", "Authorization")}
ANSWERS[407] = ("Proxy-Authenticate", "Proxy-Authorization")


class UserAgent:
    """One user on one connection; `requests` holds what came in and nobody has taken yet."""

    def __init__(
        self, transport: Transport, domain: str, credentials: Credentials | None = None
    ) -> None:
        self.transport = transport
        self.domain = domain
        self.credentials = credentials
        self.user = credentials.user if credentials else "anonymous"
        self.uri = f"sip:{self.user}@{domain}"
        self.contact = f"sip:{self.user}@{transport.host};transport={transport.parameter}"
        self.tag = secrets.token_hex(6)
        self.requests: list[Request] = []
        self.responses: list[Response] = []
        self.expected: set[str] = set()
        self.registrar: digest.Challenge | None = None
        self.uses: dict[str, int] = {}

    def draft(
        self,
        method: str,
        uri: str,
        *,
        to: str,
        sender: str = "",
        call_id: str = "",
        sequence: int = 1,
        more: Headers = (),
        body: bytes = b"",
    ) -> Request:
        """A request from us; `to` and `sender` are header values, `sender` ours if empty."""
        headers = (
            ("Via", self._via()),
            ("Max-Forwards", "70"),
            ("From", sender or f"<{self.uri}>;tag={self.tag}"),
            ("To", to),
            ("Call-ID", call_id or secrets.token_hex(12)),
            ("CSeq", f"{sequence} {method}"),
            USER_AGENT,
            *more,
        )
        return Request(method=method, uri=uri, headers=headers, body=body)

    def send(self, message: Request | Response, deadline: Deadline) -> None:
        self.transport.send(message, deadline)

    def authorized(self, request: Request, answer: Response) -> Request:
        """`request` again as a new transaction that answers the challenge."""
        # Not find_all: the commas inside a challenge are its own.
        value = sip_message.require(answer, ANSWERS[answer.status][0])
        challenge = digest.parse_challenge(value)
        if request.method == "REGISTER":
            self.registrar = challenge
        number, method = sip_message.sequence(request)
        changed = {"Via": self._via(), "CSeq": f"{number + 1} {method}"}
        headers = tuple((name, changed.get(name, text)) for name, text in request.headers)
        answered = ANSWERS[answer.status][1]
        kept = tuple(item for item in headers if item[0] != answered)
        return self._signed(replace(request, headers=kept), challenge, answered)

    def _signed(self, request: Request, challenge: digest.Challenge, header: str) -> Request:
        if self.credentials is None:
            raise ValueError("a user agent without credentials cannot answer a challenge")
        self.uses[challenge.nonce] = count = self.uses.get(challenge.nonce, 0) + 1
        value = digest.authorization(
            challenge,
            user=self.credentials.user,
            password=self.credentials.password,
            method=request.method,
            uri=request.uri,
            cnonce=secrets.token_hex(8),
            count=count,
        )
        return replace(request, headers=(*request.headers, (header, value)))

    def perform(
        self, request: Request, deadline: Deadline, others: Sequence[UserAgent] = ()
    ) -> Response:
        """Send, answer one challenge if we have credentials, and return the final response.

        `others` receive meanwhile: a callee that must not hear of it can then say that it did.
        """
        answer = self._attempt(request, deadline, others)
        if answer.status in ANSWERS and self.credentials:
            return self._attempt(self.authorized(request, answer), deadline, others)
        return answer

    def _attempt(
        self, request: Request, deadline: Deadline, others: Sequence[UserAgent]
    ) -> Response:
        self.send(request, deadline)
        what = f"the answer to {about(request)}"
        return until(lambda: self.final(request, deadline), (self, *others), deadline, what)

    def register(self, deadline: Deadline, *, expires: int = EXPIRES) -> Response:
        """Bind our contact to our address, or unbind it with `expires` 0; checked either way."""
        request = self.draft(
            "REGISTER",
            f"sip:{self.domain}",
            to=f"<{self.uri}>",
            more=(("Contact", f"<{self.contact}>;expires={expires}"), ALLOW),
        )
        if self.registrar:
            # RFC 3261 section 22.3: known challenges are answered unasked, which halves the load.
            request = self._signed(request, self.registrar, ANSWERS[401][1])
        answer = self.perform(request, deadline)
        if answer.status != 200:
            raise refusal(request, answer, "200 OK", self.transport.stream.peer)
        contacts = [sip_message.parse_address(c).uri for c in find_all(answer, "Contact")]
        if (self.contact in contacts) != (expires > 0):
            raise Unexpected(
                sent=f"SIP REGISTER of {self.contact} for {expires} s",
                expected="it among the bindings" if expires else "it gone from the bindings",
                got=", ".join(contacts) or "no bindings",
            )
        return answer

    def answer(
        self,
        request: Request,
        status: int,
        reason: str,
        deadline: Deadline,
        *,
        tag: str = "",
        more: Headers = (),
        body: bytes = b"",
    ) -> Response:
        """Respond to `request`; a To tag is added where it lacks one."""
        copied = ("via", "from", "to", "call-id", "cseq", "record-route")
        headers = [item for item in request.headers if item[0].lower() in copied]
        to = find(request, "To")
        if sip_message.parse_address(to).parameter("tag") is None:
            tagged = f"{to};tag={tag or self.tag}"
            headers = [(n, tagged if n.lower() == "to" else v) for n, v in headers]
        response = Response(status=status, reason=reason, headers=(*headers, *more), body=body)
        self.send(response, deadline)
        return response

    def receive(self, deadline: Deadline, waiting_for: str) -> None:
        """Read once; answer what no check waits for, keep the rest."""
        for message in self.transport.receive(deadline, waiting_for):
            if isinstance(message, Response):
                self.responses.append(message)
            elif message.method in ("OPTIONS", "NOTIFY"):
                self.answer(message, 200, "OK", deadline)
            else:
                self.requests.append(message)
                known = find(message, "Call-ID") in self.expected or message.method == "ACK"
                if not known:
                    # Another run with the same ticket calls this account at the same time.
                    self.answer(message, 486, "Busy Here", deadline)

    def arrived(self, method: str, call_id: str) -> Request | None:
        """Take the first such request that came in."""
        for request in self.requests:
            if request.method == method and find(request, "Call-ID") == call_id:
                self.requests.remove(request)
                return request
        return None

    def final(self, request: Request, deadline: Deadline) -> Response | None:
        """Take the final response to `request`, acknowledging one that refuses an INVITE."""
        for response in self.responses:
            if response.status >= 200 and _branch(response) == _branch(request):
                self.responses.remove(response)
                if request.method == "INVITE" and response.status >= 300:
                    self.send(_acknowledgement(request, response), deadline)
                return response
        return None

    def _via(self) -> str:
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        return f"SIP/2.0/{self.transport.via} {self.transport.host};branch={branch};rport"


def until(
    found: Callable[[], T | None], agents: Sequence[UserAgent], deadline: Deadline, what: str
) -> T:
    """Let `agents` receive until `found` returns something."""
    while (value := found()) is None:
        ready = wait_readable([agent.transport.stream for agent in agents], deadline, what)
        for agent in agents:
            if agent.transport.stream in ready:
                agent.receive(deadline, what)
    return value


def refusal(request: Request, answer: Response, expected: str, peer: str) -> Unexpected:
    return Unexpected(
        sent=f"{about(request)} to {peer}",
        expected=expected,
        got=f"{answer.status} {answer.reason}",
    )


def about(request: Request) -> str:
    sender = sip_message.parse_address(find(request, "From")).uri
    return f"SIP {request.method} {request.uri} from {sender}"


def _branch(message: Request | Response) -> tuple[str, str]:
    """What matches a response to its request: RFC 3261 section 17.1.3."""
    vias = find_all(message, "Via")
    branch = vias[0].partition(";branch=")[2].partition(";")[0] if vias else ""
    return branch, sip_message.sequence(message)[1]


def _acknowledgement(request: Request, response: Response) -> Request:
    """RFC 3261 section 17.1.1.3: same branch, route set of the INVITE, To of the response."""
    number, _ = sip_message.sequence(request)
    changed = {"To": find(response, "To"), "CSeq": f"{number} ACK"}
    kept = ("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Route")
    headers = tuple(
        (name, changed.get(name, value)) for name, value in request.headers if name in kept
    )
    return Request(method="ACK", uri=request.uri, headers=headers)
