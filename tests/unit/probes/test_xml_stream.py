# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.xml_stream import DEPTH_LIMIT, SIZE_LIMIT, StreamParser, encode

HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='falcot.com' "
    b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
MESSAGE = b"<message id='1'><body>a &amp; <b/>\xc3\xa9</body></message>"


def parsed(*parts: bytes) -> StreamParser:
    parser = StreamParser()
    for part in parts:
        parser.feed(part)
    return parser


def test_stanzas_come_out_whole() -> None:
    parser = parsed(HEADER, MESSAGE, b" \n ", b"<presence/>")
    assert parser.header is not None
    assert parser.header.get("from") == "falcot.com"
    message, presence = parser.stanzas
    assert message.tag == "{jabber:client}message"
    assert message[0].text == "a & "
    assert message[0][0].tail == "é"
    assert presence.tag == "{jabber:client}presence"
    assert not parser.ended


def test_each_stanza_is_there_with_its_last_byte() -> None:
    parser = StreamParser()
    for index in range(len(HEADER)):
        parser.feed(HEADER[index : index + 1])
    for index in range(len(MESSAGE)):
        assert not parser.stanzas
        parser.feed(MESSAGE[index : index + 1])
    assert len(parser.stanzas) == 1


def test_the_end_of_the_stream_is_seen() -> None:
    assert parsed(HEADER, b"</stream:stream>").ended


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request",
        HEADER + b"<a></b>",
        HEADER + b"<!-- comment -->",
        HEADER + b"<?php ?>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + HEADER,
        HEADER + b"<a>" * (DEPTH_LIMIT + 2),
        HEADER + b"<a>" + b"x" * SIZE_LIMIT,
        HEADER + b"<a>\xff</a>",
    ],
)
def test_what_xmpp_forbids(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parsed(data)


def test_namespaces_are_declared_where_they_change() -> None:
    iq = Element("{jabber:client}iq", {"type": "get", "to": "a'b\"c"})
    SubElement(iq, "{urn:xmpp:extdisco:2}services").text = "<&>"
    assert encode(iq) == (
        b'<iq xmlns="jabber:client" type="get" to="a\'b&quot;c">'
        b'<services xmlns="urn:xmpp:extdisco:2">&lt;&amp;&gt;</services></iq>'
    )


text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"))).filter(
    lambda value: not any(ord(char) & 0xFFFE == 0xFFFE for char in value)
)


@given(text, text)
def test_round_trip(attribute: str, content: str) -> None:
    message = Element("{jabber:client}message", {"id": attribute})
    SubElement(message, "{jabber:client}body").text = content
    (read,) = parsed(HEADER, encode(message)).stanzas
    assert read.get("id") == attribute
    assert (read[0].text or "") == content


@given(st.binary(), st.booleans())
def test_junk_is_a_protocol_error(junk: bytes, after_header: bool) -> None:
    try:
        parsed(HEADER if after_header else b"", junk, MESSAGE)
    except ProtocolError as error:
        assert "XMPP" in str(error)
