# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes import sip_message
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.sip_message import (
    NameAddress,
    Request,
    Response,
    find,
    find_all,
    parse_address,
    split_list,
)

# RFC 4475 section 3.1.1.1, in its essentials: folding, compact forms, odd spacing.
TORTUOUS = (
    b"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    b"TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    b"Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
    b"CSeq: 0009\r\n  INVITE\r\n"
    b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    b"s :\r\n"
    b"l: 3\r\n"
    b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n newvalue ;q=0.33\r\n'
    b"\r\nv=0"
)


def test_tortuous_message() -> None:
    message = sip_message.decode(TORTUOUS)
    assert isinstance(message, Request)
    assert message.method == "INVITE"
    assert message.body == b"v=0"
    assert parse_address(find(message, "To")).parameter("tag") == "1918181833n"
    assert parse_address(find(message, "From")) == NameAddress(
        uri="sip:jdrosen@example.com", parameters=(("tag", "98asjd8"),)
    )
    assert sip_message.sequence(message) == (9, "INVITE")
    contact = parse_address(find_all(message, "Contact")[0])
    assert contact.parameters == (("newparam", "newvalue"), ("q", "0.33"))
    assert find(message, "Subject") == ""


def test_lists_may_be_on_one_line_or_on_several() -> None:
    message = Response(
        status=200,
        reason="OK",
        headers=(
            ("Record-Route", "<sip:a;lr>, <sip:b;x=1,2;lr>"),
            ("Via", "x"),
            ("record-route", '"c, d" <sip:c;lr>'),
        ),
    )
    expected = ("<sip:a;lr>", "<sip:b;x=1,2;lr>", '"c, d" <sip:c;lr>')
    assert find_all(message, "Record-Route") == expected


def test_parameters_outside_brackets_belong_to_the_field() -> None:
    address = parse_address("sip:a@falcot.com;tag=x")
    assert address == NameAddress(uri="sip:a@falcot.com", parameters=(("tag", "x"),))
    inside = parse_address("<sip:a@falcot.com;transport=tls>;expires=120")
    assert inside.uri == "sip:a@falcot.com;transport=tls"
    assert inside.parameter("expires") == "120"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"INVITE sip:a SIP/2.0\r\n",
        b"INVITE sip:a SIP/2.0\r\nno header\r\n\r\n",
        b"INVITE  sip:a SIP/2.0\r\n\r\n",
        b"SIP/2.0 700 Never\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nv=0",
        b"INVITE sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: \xd9\xa3\r\n\r\nxxx",
        b"INVITE sip:a SIP/2.0\r\nX: \xff\r\n\r\n",
    ],
)
def test_malformed_messages(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        sip_message.decode(data)


def test_a_line_break_never_gets_into_a_header() -> None:
    request = Request(method="INVITE", uri="sip:a", headers=(("X", "a\r\nVia: b"),))
    with pytest.raises(ValueError, match="line break"):
        sip_message.encode(request)


tokens = st.text(st.sampled_from("ABCabc-9"), min_size=1).filter(
    lambda name: name.lower() not in ("l", "content-length", *sip_message.COMPACT)
)
values = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=20)
headers = st.lists(st.tuples(tokens, values.map(str.strip)), max_size=5).map(tuple)


@given(tokens, headers, st.binary(max_size=30))
def test_requests_round_trip(method: str, fields: sip_message.Headers, body: bytes) -> None:
    request = Request(method=method, uri="sip:falcot.com", headers=fields, body=body)
    assert sip_message.decode(sip_message.encode(request)) == request


@given(st.integers(100, 699), headers, st.binary(max_size=30))
def test_responses_round_trip(status: int, fields: sip_message.Headers, body: bytes) -> None:
    response = Response(status=status, reason="Some Reason", headers=fields, body=body)
    assert sip_message.decode(sip_message.encode(response)) == response


@given(st.text(), st.binary(), st.integers(0, len(TORTUOUS) - 1))
def test_junk_is_a_protocol_error(text: str, data: bytes, cut: int) -> None:
    damaged = TORTUOUS[:cut] + data + TORTUOUS[cut + 1 :]
    parsers = (
        partial(sip_message.decode, data),
        partial(sip_message.decode, damaged),
        partial(sip_message.content_length, damaged),
        partial(parse_address, text),
        partial(parse_address, f"<sip:a@b>{text}"),
    )
    for parse in parsers:
        try:
            parse()
        except ProtocolError:
            continue
    assert isinstance(split_list(text), tuple)
