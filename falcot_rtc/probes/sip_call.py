# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call and a message from one user agent to another; RFC 3261 sections 12 to 15, RFC 3428."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.sip import ALLOW, ANSWERS, UserAgent, refusal, until
from falcot_rtc.probes.sip_message import (
    Request,
    Response,
    find,
    find_all,
    parse_address,
    require,
    sequence,
)

SDP = ("Content-Type", "application/sdp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """One side of a call: header values for both ends, the remote contact, the route set."""

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    sequence: int


def description(address: str) -> bytes:
    """An SDP offer or answer, valid but inactive: a media proxy that sees it sends nothing."""
    family = "IP6" if ":" in address else "IP4"
    lines = (
        "v=0",
        f"o=- {secrets.randbits(31)} 1 IN {family} {address}",
        "s=-",
        f"c=IN {family} {address}",
        "t=0 0",
        "m=audio 9 RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        "a=inactive",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def deliver(
    sender: UserAgent, request: Request, receiver: UserAgent, deadline: Deadline
) -> tuple[Request, Request]:
    """Send until it arrives, answering one challenge; the request as sent last, and as arrived."""
    call_id = find(request, "Call-ID")
    receiver.expected.add(call_id)
    sender.send(request, deadline)
    challenged = False

    def event() -> Request | Response | None:
        arrived = receiver.arrived(request.method, call_id)
        if arrived is not None:
            return arrived
        return sender.final(request, deadline)

    while True:
        happened: Request | Response = until(
            event, (sender, receiver), deadline, f"SIP {request.method} at {receiver.uri}"
        )
        if isinstance(happened, Request):
            return request, happened
        if happened.status not in ANSWERS or challenged:
            peer = sender.transport.stream.peer
            raise refusal(request, happened, f"delivery to {receiver.uri}", peer)
        challenged = True
        request = sender.authorized(request, happened)
        sender.send(request, deadline)


def message(sender: UserAgent, receiver: UserAgent, deadline: Deadline) -> None:
    """Deliver one instant message and check its text."""
    text = f"falcot-rtc check {secrets.token_hex(8)}".encode()
    draft = sender.draft(
        "MESSAGE",
        receiver.uri,
        to=f"<{receiver.uri}>",
        more=(("Content-Type", "text/plain"),),
        body=text,
    )
    sent, arrived = deliver(sender, draft, receiver, deadline)
    receiver.answer(arrived, 200, "OK", deadline)
    answer = until(
        lambda: sender.final(sent, deadline), (sender, receiver), deadline, "200 to SIP MESSAGE"
    )
    if answer.status not in (200, 202):
        raise refusal(sent, answer, "200 OK", sender.transport.stream.peer)
    if arrived.body != text:
        raise Unexpected(
            sent=f"the message {text!r}", expected="the same", got=repr(arrived.body[:80])
        )


def call(caller: UserAgent, callee: UserAgent, deadline: Deadline, *, callee_ends: bool) -> Dialog:
    """Ring, answer, acknowledge and hang up; every message has to come through the proxy."""
    local, _ = caller.transport.stream.local
    draft = caller.draft(
        "INVITE",
        callee.uri,
        to=f"<{callee.uri}>",
        more=(("Contact", f"<{caller.contact}>"), ALLOW, SDP),
        body=description(local),
    )
    sent, invite = deliver(caller, draft, callee, deadline)
    if b"m=audio" not in invite.body:
        raise Unexpected(sent="an SDP offer", expected="it in the INVITE", got=repr(invite.body))
    contact = ("Contact", f"<{callee.contact}>")
    callee.answer(invite, 180, "Ringing", deadline, more=(contact,))
    local, _ = callee.transport.stream.local
    callee.answer(invite, 200, "OK", deadline, more=(contact, ALLOW, SDP), body=description(local))
    both = (caller, callee)
    answer = until(lambda: caller.final(sent, deadline), both, deadline, "the answer to the call")
    if answer.status != 200:
        raise refusal(sent, answer, "200 OK", caller.transport.stream.peer)
    ours, theirs = _caller_side(sent, answer), _callee_side(invite, callee)
    if not ours.routes:
        raise Unexpected(
            sent="SIP INVITE",
            expected="the proxy in Record-Route",
            got="none: ACK and BYE get lost behind NAT",
        )
    caller.send(_within(caller, ours, "ACK", ours.sequence), deadline)
    until(lambda: callee.arrived("ACK", ours.call_id), both, deadline, "ACK at the callee")
    if callee_ends:
        _hang_up(callee, theirs, caller, deadline)
    else:
        _hang_up(caller, ours, callee, deadline)
    return ours


def _hang_up(ending: UserAgent, dialog: Dialog, other: UserAgent, deadline: Deadline) -> None:
    other.expected.add(dialog.call_id)
    draft = _within(ending, dialog, "BYE", dialog.sequence + 1)
    sent, bye = deliver(ending, draft, other, deadline)
    other.answer(bye, 200, "OK", deadline)
    both = (ending, other)
    answer = until(lambda: ending.final(sent, deadline), both, deadline, "200 to SIP BYE")
    if answer.status != 200:
        raise refusal(sent, answer, "200 OK", ending.transport.stream.peer)


def _within(agent: UserAgent, dialog: Dialog, method: str, number: int) -> Request:
    """A request inside the dialog, along its route set (all proxies here are loose routers)."""
    return agent.draft(
        method,
        dialog.target,
        to=dialog.remote,
        sender=dialog.local,
        call_id=dialog.call_id,
        sequence=number,
        more=tuple(("Route", route) for route in dialog.routes),
    )


def _caller_side(invite: Request, answer: Response) -> Dialog:
    return Dialog(
        call_id=find(invite, "Call-ID"),
        local=find(invite, "From"),
        remote=require(answer, "To"),
        target=parse_address(require(answer, "Contact")).uri,
        routes=tuple(reversed(find_all(answer, "Record-Route"))),
        sequence=sequence(invite)[0],
    )


def _callee_side(invite: Request, callee: UserAgent) -> Dialog:
    return Dialog(
        call_id=find(invite, "Call-ID"),
        local=f"{find(invite, 'To')};tag={callee.tag}",
        remote=require(invite, "From"),
        target=parse_address(require(invite, "Contact")).uri,
        routes=find_all(invite, "Record-Route"),
        sequence=1000,
    )
