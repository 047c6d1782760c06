# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a TURN server must relay and what it must refuse; RFC 8656 sections 11 and 21."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, ProbeError, Unexpected
from falcot_rtc.probes.stun import Address, Kind, Method
from falcot_rtc.probes.ticket import Credentials
from falcot_rtc.probes.turn import (
    FORBIDDEN,
    NO_ALLOCATION,
    UNAUTHORIZED,
    Allocation,
    Client,
    Received,
    TurnRefused,
)
from falcot_rtc.probes.turn_link import CHANNELS, Link

SIZES = (160, 1200)  # bytes: a frame of speech, a full frame of video
REPEAT = 0.5  # seconds after which unanswered data counts as lost
SILENCE = 0.8  # seconds without an answer that prove that there is none

Open = Callable[[], Link]


@contextmanager
def allocated(client: Client, version: int, deadline: Deadline) -> Iterator[Allocation]:
    """An allocation that is given back, since each one counts against the user's quota."""
    allocation = client.allocate(version, deadline)
    try:
        yield allocation
    finally:
        # What was to be proved is known by now; a lost goodbye costs quota for ten minutes.
        with suppress(ProbeError):
            client.refresh(0, Deadline.after(1))


def relay_both_ways(
    open_link: Open, credentials: tuple[Credentials, Credentials], version: int, deadline: Deadline
) -> tuple[Allocation, Allocation]:
    """Relay data between two allocations, one way by indications and back by a channel."""
    with closing(open_link()) as left_link, closing(open_link()) as right_link:
        left, right = Client(left_link, credentials[0]), Client(right_link, credentials[1])
        with (
            allocated(left, version, deadline) as here,
            allocated(right, version, deadline) as there,
        ):
            left.permit(there.relayed, deadline)
            right.permit(here.relayed, deadline)
            for size in SIZES:
                data = os.urandom(size)
                deliver(partial(left.send, there.relayed, data, deadline), right, data, deadline)
            channel = CHANNELS[0]
            right.bind_channel(channel, here.relayed, deadline)
            for size in SIZES:
                data = os.urandom(size)
                deliver(partial(right.send_channel, channel, data, deadline), left, data, deadline)
            return here, there


def deliver(
    send: Callable[[], object], receiver: Client, data: bytes, deadline: Deadline
) -> Received:
    """Send until the same bytes come out: relayed data is UDP and may be lost."""
    while not deadline.has_passed:
        send()
        try:
            received = receiver.receive(deadline.sooner(REPEAT))
        except NoAnswer:
            continue
        if received.data == data:
            return received
        # Other lengths are repetitions of earlier data, late.
        if len(received.data) == len(data):
            raise Unexpected(
                sent=f"{len(data)} bytes through the relay of {receiver.link.peer}",
                expected="the same bytes",
                got="other bytes",
            )
    raise NoAnswer(
        f"{receiver.link.peer}: {len(data)} bytes sent to the relayed address never came out of "
        "the relay"
    )


def refuse_anonymous(open_link: Open, version: int, deadline: Deadline) -> None:
    """Prove that nothing is allocated without credentials."""
    with closing(open_link()) as link:
        client = Client(link)
        with _refused("allocate without credentials", link.peer, UNAUTHORIZED):
            client.allocate(version, deadline)
        # A server that challenged and allocated all the same would refresh what it holds.
        with _refused("refresh without credentials", link.peer, UNAUTHORIZED, NO_ALLOCATION):
            client.refresh(600, deadline)


def refuse_peer(client: Client, peer: Address, deadline: Deadline) -> None:
    """Prove that `peer` is forbidden to an allocation that exists."""
    with _refused(f"create-permission for peer {peer[0]}", client.link.peer, FORBIDDEN):
        client.permit(peer, deadline)


@contextmanager
def _refused(request: str, server: str, *codes: int) -> Iterator[None]:
    expected = " or ".join(f"error {code}" for code in codes)
    try:
        yield
    except TurnRefused as refusal:
        if refusal.code in codes:
            return
        raise Unexpected(sent=refusal.sent, expected=expected, got=refusal.got) from refusal
    raise Unexpected(sent=f"TURN {request} to {server}", expected=expected, got="success")


def refuse_service(client: Client, service: Address, deadline: Deadline) -> str:
    """Prove that a UDP service that answers STUN is out of the relay's reach; returns how."""
    try:
        client.permit(service, deadline)
    except TurnRefused as refusal:
        if refusal.code != FORBIDDEN:
            raise
        return "error 403"
    request = stun.Message(method=Method.BINDING, kind=Kind.REQUEST, transaction=os.urandom(12))
    silence = deadline.sooner(SILENCE)
    while not silence.has_passed:
        client.send(service, stun.encode(request), deadline)
        try:
            client.receive(silence.sooner(REPEAT))
        except NoAnswer:
            continue
        raise Unexpected(
            sent=f"a STUN request through the relay of {client.link.peer} to "
            f"{service[0]} port {service[1]}/udp",
            expected="no answer",
            got="an answer: TURN users reach the host's own UDP services",
        )
    return "no answer"
