# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from falcot_rtc.probes import sip_call
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import Unexpected
from falcot_rtc.probes.sip_message import Request, Response
from tests.unit.probes.agents import two_agents


def soon() -> Deadline:
    return Deadline.after(5)


def test_a_message_arrives() -> None:
    with two_agents() as (one, other):
        sip_call.message(one, other, soon())


def test_a_call_past_the_proxy_is_noticed() -> None:
    with two_agents() as (one, other), pytest.raises(Unexpected, match="the proxy in Record-Route"):
        sip_call.call(one, other, soon(), callee_ends=False)


@pytest.mark.parametrize(("address", "family"), [("192.0.2.1", "IP4"), ("2001:db8::1", "IP6")])
def test_descriptions_are_valid_sdp_without_media(address: str, family: str) -> None:
    lines = sip_call.description(address).decode().split("\r\n")
    assert [line[:2] for line in lines[:6]] == ["v=", "o=", "s=", "c=", "t=", "m="]
    assert f"c=IN {family} {address}" in lines
    assert "a=inactive" in lines
    assert lines[-1] == ""


INVITE = Request(
    method="INVITE",
    uri="sip:b@falcot.com",
    headers=(
        ("From", "<sip:a@falcot.com>;tag=a"),
        ("To", "<sip:b@falcot.com>"),
        ("Call-ID", "id"),
        ("CSeq", "2 INVITE"),
        ("Contact", "<sip:a@198.51.100.1:5000;transport=tls;alias=x>"),
        ("Record-Route", "<sip:p2;lr>, <sip:p1;lr>"),
    ),
)
ANSWER = Response(
    status=200,
    reason="OK",
    headers=(
        ("To", "<sip:b@falcot.com>;tag=b"),
        ("Contact", "<sip:b@c.invalid;transport=ws>"),
        ("Record-Route", "<sip:p2;lr>"),
        ("Record-Route", "<sip:p1;lr>"),
    ),
)


def test_route_sets_of_both_sides() -> None:
    """RFC 3261 section 12.1: the caller's is reversed, the callee's is not."""
    ours = sip_call._caller_side(INVITE, ANSWER)
    assert ours.routes == ("<sip:p1;lr>", "<sip:p2;lr>")
    assert ours.target == "sip:b@c.invalid;transport=ws"
    assert (ours.local, ours.remote) == ("<sip:a@falcot.com>;tag=a", "<sip:b@falcot.com>;tag=b")
    with two_agents() as (_, callee):
        theirs = sip_call._callee_side(INVITE, callee)
        assert theirs.local == f"<sip:b@falcot.com>;tag={callee.tag}"
    assert theirs.routes == ("<sip:p2;lr>", "<sip:p1;lr>")
    assert theirs.remote == ours.local
    assert theirs.target == "sip:a@198.51.100.1:5000;transport=tls;alias=x"
