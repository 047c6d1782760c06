# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two SIP user agents wired to each other, or one to a hand-driven far end, without a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from falcot_rtc.probes.sip import UserAgent
from falcot_rtc.probes.sip_transport import Transport
from tests.unit.probes.loopback import stream_pair
from tests.unit.probes.samples import TICKET


@contextmanager
def agent_and_far_end() -> Iterator[tuple[UserAgent, Transport]]:
    with stream_pair() as (one, other):
        agent = UserAgent(Transport(one, "TLS"), "falcot.com", TICKET.accounts[0])
        yield agent, Transport(other, "TLS")


@contextmanager
def two_agents() -> Iterator[tuple[UserAgent, UserAgent]]:
    with agent_and_far_end() as (agent, far):
        yield agent, UserAgent(far, "falcot.com", TICKET.accounts[1])
