# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.websocket import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    Frame,
    accept_key,
    decode_frame,
    encode_frame,
)


def test_rfc6455_accept_key() -> None:
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_rfc6455_frames() -> None:
    hello = Frame(opcode=TEXT, payload=b"Hello")
    masked = bytes.fromhex("818537fa213d7f9f4d5158")
    assert encode_frame(hello, bytes.fromhex("37fa213d")) == masked
    assert decode_frame(masked) == (hello, len(masked))
    assert decode_frame(bytes.fromhex("810548656c6c6f")) == (hello, 7)
    fragment = Frame(opcode=TEXT, payload=b"Hel", final=False)
    assert decode_frame(bytes.fromhex("010348656c")) == (fragment, 5)
    long = bytes.fromhex("827e0100") + bytes(256)
    assert decode_frame(long) == (Frame(opcode=BINARY, payload=bytes(256)), 260)


@pytest.mark.parametrize("junk", ["f100", "8300", "0900", "897e0080", "827f" + "ff" * 8])
def test_frames_that_nobody_may_send(junk: str) -> None:
    with pytest.raises(ProtocolError):
        decode_frame(bytes.fromhex(junk))


@given(
    st.sampled_from((TEXT, BINARY)),
    st.sampled_from((0, 1, 125, 126, 127, 65535, 65536)).map(
        lambda n: bytes(i % 251 for i in range(n))
    ),
    st.booleans(),
    st.binary(min_size=4, max_size=4),
    st.binary(max_size=9),
)
def test_round_trip_with_what_follows(
    opcode: int, payload: bytes, final: bool, mask: bytes, rest: bytes
) -> None:
    frame = Frame(opcode=opcode, payload=payload, final=final)
    data = encode_frame(frame, mask)
    assert decode_frame(data + rest) == (frame, len(data))
    assert decode_frame(data[:-1]) is None


@given(st.sampled_from((PING, CLOSE)), st.binary(max_size=125))
def test_control_frames(opcode: int, payload: bytes) -> None:
    frame = Frame(opcode=opcode, payload=payload)
    assert decode_frame(encode_frame(frame, b"mask")) is not None


@given(st.binary(max_size=40))
def test_junk_is_a_protocol_error(junk: bytes) -> None:
    try:
        decode_frame(junk)
    except ProtocolError as error:
        assert "WebSocket" in str(error)
