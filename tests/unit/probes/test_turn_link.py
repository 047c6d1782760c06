# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes import stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, ProtocolError, Unreachable
from falcot_rtc.probes.turn_link import (
    Datagrams,
    Framed,
    decode_channel_data,
    encode_channel_data,
    is_channel_data,
    open_link,
    stream_length,
)
from tests.unit.probes.loopback import closed_port, stream_pair
from tests.unit.probes.samples import target

BINDING = stun.encode(
    stun.Message(method=1, kind=stun.Kind.REQUEST, transaction=bytes(12)), fingerprint=False
)


def test_messages_are_framed_whatever_the_segments() -> None:
    with stream_pair() as (one, other):
        channel = encode_channel_data(0x4000, b"hello", padded=True)
        link = Framed(other)
        both = BINDING + channel
        one.write(both[:3], Deadline.after(5))
        with pytest.raises(NoAnswer):
            link.receive(Deadline.after(0.05), "a message")
        one.write(both[3:22], Deadline.after(5))
        assert link.receive(Deadline.after(5), "a message") == BINDING
        with pytest.raises(NoAnswer):
            link.receive(Deadline.after(0.05), "a message")
        one.write(both[22:], Deadline.after(5))
        received = link.receive(Deadline.after(5), "a message")
        assert decode_channel_data(received) == (0x4000, b"hello")


def test_datagrams_go_on_from_another_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        with closing(Datagrams("127.0.0.1", server.getsockname()[1])) as link:
            former = link.local
            link.change_port()
            link.send(BINDING, Deadline.after(5))
            assert server.recvfrom(100) == (BINDING, link.local)
            assert link.local != former


def test_padding_only_on_streams() -> None:
    assert encode_channel_data(0x4001, b"abc", padded=True) == b"\x40\x01\0\3abc\0"
    assert encode_channel_data(0x4001, b"abc", padded=False) == b"\x40\x01\0\3abc"


@given(st.integers(0x4000, 0x4FFF), st.binary(max_size=100), st.booleans())
def test_channel_data_round_trip(channel: int, data: bytes, padded: bool) -> None:
    message = encode_channel_data(channel, data, padded=padded)
    assert is_channel_data(message)
    assert decode_channel_data(message) == (channel, data)
    assert not padded or stream_length(message[:4]) == len(message)


@given(st.binary(min_size=4, max_size=12))
def test_junk_is_a_protocol_error(junk: bytes) -> None:
    for parse in (stream_length, decode_channel_data):
        try:
            parse(junk)
        except ProtocolError:
            continue


@pytest.mark.parametrize("purpose", ["turn-udp", "turn-tcp", "turn-tls"])
def test_a_closed_port_is_reported_at_once(purpose: str) -> None:
    there = replace(target(purpose), address="127.0.0.1", port=closed_port())
    deadline = Deadline.after(5)
    with pytest.raises(Unreachable, match="Connection refused"):
        with closing(open_link(there, "", deadline)) as link:
            link.send(BINDING, deadline)
            link.receive(deadline, "a response")
