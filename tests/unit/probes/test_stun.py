# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes import stun
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.stun import Attribute, Kind, Message, Method

# RFC 5769, sections 2.1 to 2.4.
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e2074657374"
    "20636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a683676592020"
    "20000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
IPV4_RESPONSE = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
IPV6_RESPONSE = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf1"
    "1784c97c8292c275bfe3ed4180280004c8fb0b4c"
)
LONG_TERM = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383"
    "e382afe382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b"
    "6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)
PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"


@pytest.mark.parametrize("data", [REQUEST, IPV4_RESPONSE, IPV6_RESPONSE])
def test_rfc5769_short_term_integrity_and_fingerprint(data: bytes) -> None:
    assert stun.decode(data).method == Method.BINDING
    assert stun.is_authentic(data, PASSWORD)
    assert not stun.is_authentic(data, b"another")


def test_rfc5769_request() -> None:
    message = stun.decode(REQUEST)
    assert message.kind is Kind.REQUEST
    assert message.find(Attribute.USERNAME) == b"evtj:h6vY"
    assert message.find(Attribute.SOFTWARE) == b"STUN test client"
    assert message.transaction == bytes.fromhex("b7e7a701bc34d686fa87dfae")


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (IPV4_RESPONSE, ("192.0.2.1", 32853)),
        (IPV6_RESPONSE, ("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ],
)
def test_rfc5769_mapped_address(data: bytes, address: stun.Address) -> None:
    message = stun.decode(data)
    value = message.find(Attribute.XOR_MAPPED_ADDRESS)
    assert message.kind is Kind.SUCCESS
    assert value is not None
    assert stun.decode_xor_address(value, message.transaction) == address
    assert stun.encode_xor_address(address, message.transaction) == value


def test_rfc5769_long_term_credentials_with_saslprep() -> None:
    key = stun.long_term_key("マトリックス", "example.org", "The\u00adM\u00aatr\u2168")
    assert stun.is_authentic(LONG_TERM, key)
    message = stun.decode(LONG_TERM)
    assert stun.encode(message, key=key, fingerprint=False) == LONG_TERM


def test_a_flipped_bit_breaks_fingerprint_and_integrity() -> None:
    damaged = bytearray(IPV4_RESPONSE)
    damaged[40] ^= 1
    assert not stun.is_authentic(bytes(damaged), PASSWORD)
    with pytest.raises(ProtocolError, match="fingerprint"):
        stun.decode(bytes(damaged))


def test_attributes_after_the_integrity_are_ignored() -> None:
    message = Message(method=Method.BINDING, kind=Kind.SUCCESS, transaction=bytes(12))
    signed = stun.encode(message, key=b"key", fingerprint=False)
    grown = signed[:2] + (len(signed) - 20 + 8).to_bytes(2) + signed[4:]
    grown += bytes.fromhex("8022000461626364")
    assert stun.decode(grown).attributes == ()
    assert stun.is_authentic(grown, b"key")


def test_error_codes() -> None:
    assert stun.decode_error(bytes.fromhex("00000401") + b"Unauthorized") == (401, "Unauthorized")
    assert stun.encode_error(438, "Stale Nonce")[:4] == bytes.fromhex("00000426")
    for junk in (b"", bytes.fromhex("00000264"), bytes.fromhex("00000201")):
        with pytest.raises(ProtocolError):
            stun.decode_error(junk)


KNOWN = frozenset({int(Attribute.MESSAGE_INTEGRITY), int(Attribute.FINGERPRINT)})
messages = st.builds(
    Message,
    method=st.integers(0, 0xFFF),
    kind=st.sampled_from(Kind),
    transaction=st.binary(min_size=12, max_size=12),
    attributes=st.lists(
        st.tuples(
            st.integers(0, 0xFFFF).filter(lambda kind: kind not in KNOWN), st.binary(max_size=40)
        ),
        max_size=5,
    ).map(tuple),
)


@given(messages, st.none() | st.binary(), st.booleans())
def test_round_trip(message: Message, key: bytes | None, fingerprint: bool) -> None:
    data = stun.encode(message, key=key, fingerprint=fingerprint)
    assert stun.decode(data) == message
    assert key is None or stun.is_authentic(data, key)


@given(st.ip_addresses(), st.integers(0, 65535), st.binary(min_size=12, max_size=12))
def test_xor_address_round_trip(address: object, port: int, transaction: bytes) -> None:
    encoded = stun.encode_xor_address((str(address), port), transaction)
    assert stun.decode_xor_address(encoded, transaction) == (str(address), port)


@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
def test_junk_is_a_protocol_error(junk: bytes, index: int, value: int) -> None:
    damaged = bytearray(IPV4_RESPONSE[:-8])
    damaged[index % len(damaged)] = value
    for data in (junk, bytes(damaged)):
        for parse in (stun.decode, stun.decode_address, stun.decode_error):
            try:
                parse(data)
            except ProtocolError:
                continue
