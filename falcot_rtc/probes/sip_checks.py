# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved about SIP: its users reach each other, strangers and impostors reach nobody."""

from __future__ import annotations

import secrets
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from falcot_rtc.endpoints import bracketed
from falcot_rtc.probes import sip_call
from falcot_rtc.probes.connection import Deadline, explained, socket_family
from falcot_rtc.probes.errors import NoAnswer, Unexpected
from falcot_rtc.probes.outcome import Outcome, passed
from falcot_rtc.probes.sip import UserAgent, about, refusal
from falcot_rtc.probes.sip_message import Request
from falcot_rtc.probes.sip_transport import Transport
from falcot_rtc.probes.ticket import Credentials, Target, Ticket

CHALLENGED = frozenset({401, 407})
# What a proxy says that will not forward; 408, 478 and 5xx mean that it tried.
REFUSED = CHALLENGED | {403, 404, 405, 603, 604}
ELSEWHERE = "elsewhere.invalid"  # RFC 6761: a name that never resolves
PATIENCE = 2.0  # seconds for a refusal, which needs no other machine
GRACE = 0.2  # seconds in which a relayed request would have arrived


def options(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with _agent(ticket, targets[0], None, deadline) as agent:
        request = agent.draft("OPTIONS", f"sip:{ticket.domain}", to=f"<sip:{ticket.domain}>")
        answer = agent.perform(request, deadline)
        if answer.status >= 500 or answer.status == 408:
            raise refusal(request, answer, "any answer of a working proxy", targets[0].address)
    return passed(f"answers OPTIONS with {answer.status} {answer.reason}")


def register(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with _agent(ticket, targets[0], ticket.accounts[0], deadline) as agent:
        agent.register(deadline)
        agent.register(deadline, expires=0)
        return passed(f"{agent.contact} was bound and unbound")


def call(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with _two_agents(ticket, targets, deadline) as (one, other):
        dialog = sip_call.call(one, other, deadline, callee_ends=False)
    return passed(f"rang, was answered and hung up, through {dialog.routes[0]}")


def call_mixed(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """Between two transports, in both directions, each ended by the one who was called."""
    with _two_agents(ticket, targets, deadline) as (one, other):
        one.register(deadline)
        sip_call.call(one, other, deadline, callee_ends=True)
        sip_call.call(other, one, deadline, callee_ends=True)
        one.register(deadline, expires=0)
    names = " and ".join(agent.transport.via for agent in (one, other))
    return passed(f"{names} called each other and hung up")


def message(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    with _two_agents(ticket, targets, deadline) as (one, other):
        sip_call.message(one, other, deadline)
    return passed("the message arrived")


def anonymous_refused(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """Neither registration nor a call in a user's name without credentials."""
    victim, callee = ticket.accounts
    for target in targets:
        with _agent(ticket, target, None, deadline) as agent:
            uri = f"sip:{victim.user}@{ticket.domain}"
            contact = ("Contact", f"<sip:{victim.user}@{agent.transport.host}>;expires=60")
            request = agent.draft(
                "REGISTER",
                f"sip:{ticket.domain}",
                to=f"<{uri}>",
                sender=f"<{uri}>;tag={agent.tag}",
                more=(contact,),
            )
            _expect(agent, request, CHALLENGED, deadline)
            _expect(agent, _invite(agent, uri, callee, ticket), CHALLENGED, deadline)
    return passed(f"REGISTER and INVITE without credentials are challenged on {_list(targets)}")


def spoofed_from_refused(
    ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline
) -> Outcome:
    """One user's password opens neither calls nor registrations in another's name.

    Each try is a failed login to the server, so there are just two: more would get this machine
    jailed as a password guesser.
    """
    impostor, victim = ticket.accounts
    target = targets[0]
    uri = f"sip:{victim.user}@{ticket.domain}"
    with _two_agents(ticket, (target,), deadline) as (agent, callee):
        contact = ("Contact", f"<{agent.contact}>;expires=60")
        sender = f"<{uri}>;tag={agent.tag}"
        register = agent.draft(
            "REGISTER", f"sip:{ticket.domain}", to=f"<{uri}>", sender=sender, more=(contact,)
        )
        for request in (_invite(agent, uri, victim, ticket), register):
            answer = agent.perform(request, deadline, others=(callee,))
            if callee.requests or answer.status not in CHALLENGED | {403}:
                raise Unexpected(
                    sent=f"{about(request)} with the credentials of {impostor.user}",
                    expected="401, 403 or 407, and nothing at the callee",
                    got=f"{answer.status} {answer.reason}, {len(callee.requests)} at the callee",
                )
    return passed(f"another user's name is refused on {target.id}")


def relay_refused(ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline) -> Outcome:
    """A stranger's call to a foreign domain, or to any address, is not forwarded."""
    for target in targets:
        with _agent(ticket, target, None, deadline) as agent:
            _offer_elsewhere(agent, f"probe@{ELSEWHERE}", deadline)
    with _agent(ticket, targets[0], None, deadline) as agent:
        with _traps(agent.transport.stream.local[0]) as traps:
            for destination, _ in traps:
                # A proxy that forwards waits for our answer, so its own may never come.
                with suppress(NoAnswer):
                    _offer_elsewhere(agent, destination, deadline.sooner(PATIENCE))
            sprung, _, _ = select.select([sock for _, sock in traps], [], [], GRACE)
            if sprung:
                raise Unexpected(
                    sent="SIP INVITE from a stranger to an address of this machine",
                    expected="that it is not forwarded",
                    got="it here: this is an open relay",
                )
    return passed(f"calls of strangers to foreign domains are refused on {_list(targets)}")


def _offer_elsewhere(agent: UserAgent, destination: str, deadline: Deadline) -> None:
    stranger = f"sip:stranger@{secrets.token_hex(4)}.invalid"
    request = agent.draft(
        "INVITE",
        f"sip:{destination}",
        to=f"<sip:{destination}>",
        sender=f"<{stranger}>;tag={agent.tag}",
        more=(("Contact", f"<{agent.contact}>"), sip_call.SDP),
        body=sip_call.description(agent.transport.stream.local[0]),
    )
    _expect(agent, request, REFUSED, deadline)


def _invite(agent: UserAgent, sender: str, callee: Credentials, ticket: Ticket) -> Request:
    uri = f"sip:{callee.user}@{ticket.domain}"
    return agent.draft(
        "INVITE",
        uri,
        to=f"<{uri}>",
        sender=f"<{sender}>;tag={agent.tag}",
        more=(("Contact", f"<{agent.contact}>"), sip_call.SDP),
        body=sip_call.description(agent.transport.stream.local[0]),
    )


def _expect(
    agent: UserAgent, request: Request, statuses: frozenset[int] | set[int], deadline: Deadline
) -> None:
    answer = agent.perform(request, deadline)
    if answer.status not in statuses:
        expected = " or ".join(str(status) for status in sorted(statuses))
        raise refusal(request, answer, expected, agent.transport.stream.peer)


@contextmanager
def _agent(
    ticket: Ticket, target: Target, credentials: Credentials | None, deadline: Deadline
) -> Iterator[UserAgent]:
    with closing(Transport.connect(target, ticket, deadline)) as transport:
        yield UserAgent(transport, ticket.domain, credentials)


@contextmanager
def _two_agents(
    ticket: Ticket, targets: tuple[Target, ...], deadline: Deadline
) -> Iterator[tuple[UserAgent, UserAgent]]:
    """Both accounts, on the first and the last target; the second one is registered.

    A caller need not be, and a site counts requests against floods: each one has to prove
    something.
    """
    with (
        _agent(ticket, targets[0], ticket.accounts[0], deadline) as one,
        _agent(ticket, targets[-1], ticket.accounts[1], deadline) as other,
    ):
        other.register(deadline)
        yield one, other
        other.register(deadline, expires=0)


@contextmanager
def _traps(address: str) -> Iterator[tuple[tuple[str, socket.socket], ...]]:
    """URIs of this machine over TCP and UDP, with the sockets on which a request would arrive."""
    with ExitStack() as stack:
        with explained(address, "opening sockets"):
            family = socket_family(address)
            tcp = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            udp = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            tcp.bind((address, 0))
            tcp.listen()
            udp.bind((address, 0))
        yield tuple(
            (f"probe@{bracketed(address)}:{sock.getsockname()[1]};transport={name}", sock)
            for sock, name in ((tcp, "tcp"), (udp, "udp"))
        )


def _list(targets: tuple[Target, ...]) -> str:
    return ", ".join(target.id for target in targets)
