# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages are written out by hand from the protocol's chapter "Message Formats"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.turn_auth import postgres
from falcot_rtc.turn_auth.postgres import (
    EncryptionRequest,
    ProtocolError,
    Query,
    Startup,
    Terminate,
    Unsupported,
)

SELECT = b"Q\0\0\0\x0dselect 1\0"


def test_startup_names_the_parameters() -> None:
    data = b"\0\0\0\x21\0\x03\0\0user\0turn\0database\0turn\0\0"
    message = postgres.parse(data)
    assert message == Startup(
        size=len(data), parameters=((b"user", b"turn"), (b"database", b"turn"))
    )


def test_startup_without_parameters() -> None:
    assert postgres.parse(b"\0\0\0\x09\0\x03\0\0\0") == Startup(size=9, parameters=())


@pytest.mark.parametrize("code", [b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"])
def test_encryption_is_asked_for_before(code: bytes) -> None:
    assert postgres.parse(b"\0\0\0\x08" + code) == EncryptionRequest(size=8)
    assert postgres.refuse_encryption() == b"N"


def test_query() -> None:
    assert postgres.parse(SELECT) == Query(size=14, sql=b"select 1")


def test_only_the_first_of_two_messages_is_taken() -> None:
    assert postgres.parse(SELECT + b"X\0\0\0\x04") == Query(size=14, sql=b"select 1")


def test_goodbye_and_the_rest() -> None:
    assert postgres.parse(b"X\0\0\0\x04") == Terminate(size=5)
    assert postgres.parse(b"P\0\0\0\x05\0") == Unsupported(size=6)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Q",
        b"Q\0\0\0",
        SELECT[:-1],
        b"Q\0\0\0\x03",
        b"Q\xff\xff\xff\xff" + b"x" * 100,
        b"Q\0\0\0\x06ab",
        b"Q\0\0\0\x07a\0b",
        b"Q\0\0\0\x04",
        b"\0\0\0\x08\0\x02\0\0",
        b"\0\0\0\x04\0",
        b"*1\r\n$4\r\nPING\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        postgres.parse(data)


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda body: b"Q\0\0\0\x10" + body))
def test_whatever_comes_there_is_a_message_or_a_protocol_error(data: bytes) -> None:
    try:
        message = postgres.parse(data)
    except ProtocolError:
        return
    assert 5 <= message.size <= len(data)
    assert postgres.parse(data[: message.size]) == message


@given(st.binary(max_size=500).filter(lambda sql: b"\0" not in sql), st.binary(max_size=50))
def test_a_query_comes_out_as_it_went_in(sql: bytes, rest: bytes) -> None:
    data = b"Q" + (5 + len(sql)).to_bytes(4, "big") + sql + b"\0"
    assert postgres.parse(data + rest) == Query(size=len(data), sql=sql)


def test_welcome_says_authenticated_and_ready() -> None:
    welcome = postgres.welcome()
    assert welcome.startswith(b"R\0\0\0\x08\0\0\0\0S")
    assert welcome.endswith(b"Z\0\0\0\x05I")
    assert b"client_encoding\0UTF8\0" in welcome


def test_one_row() -> None:
    assert postgres.rows("key", ["ab"]) == (
        b"T\0\0\0\x1c\0\x01key\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"
        b"D\0\0\0\x0c\0\x01\0\0\0\x02ab"
        b"C\0\0\0\x0dSELECT 1\0"
        b"Z\0\0\0\x05I"
    )


def test_no_row() -> None:
    assert postgres.rows("key", []).endswith(b"\0\0C\0\0\0\x0dSELECT 0\0Z\0\0\0\x05I")


def test_failure() -> None:
    assert postgres.failure("42501", "no") == (
        b"E\0\0\0\x1eSERROR\0VERROR\0C42501\0Mno\0\0Z\0\0\0\x05I"
    )
