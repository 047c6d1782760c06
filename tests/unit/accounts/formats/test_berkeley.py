# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts.formats import berkeley
from falcot_rtc.accounts.formats.entry import Refused
from falcot_rtc.accounts.formats.text import lines
from falcot_rtc.errors import UsageError


def record(*texts: str, version: int = 2) -> bytes:
    """As repro's AbstractDb::encodeUser writes it."""
    return struct.pack("<h", version) + b"".join(
        struct.pack("<h", len(text.encode())) + text.encode() for text in texts
    )


VALUE = record("joe", "falcot.com", "falcot.com", "0" * 32, "Joe Smith", "joe@falcot.com", "")


def values(text: str) -> list[bytes | int]:
    found = lines(BytesIO(text.encode()))
    next(found)
    return [one.line if isinstance(one, Refused) else one.value for one in berkeley.records(found)]


def test_both_ways_of_printing() -> None:
    # The heading of db5.3_dump of a B-tree; -p prints what is printable.
    head = "VERSION=3\nformat={}\ntype=btree\ndb_pagesize=4096\nHEADER=END\n"
    assert values(head.format("bytevalue") + f" {b'joe'.hex()}\n {VALUE.hex()}\nDATA=END\n") == [
        VALUE
    ]
    assert values(head.format("print") + " joe\n a\\5cb\\\\c\\00\nDATA=END\n") == [b"a\\b\\c\0"]


def test_a_broken_value_costs_itself_only() -> None:
    text = "VERSION=3\nformat=bytevalue\nHEADER=END\n 00\n 0g\n 01\n 6162\nDATA=END\n"
    assert values(text) == [5, b"ab"]


def test_a_user() -> None:
    assert berkeley.user(VALUE) == {
        "user": "joe",
        "domain": "falcot.com",
        "realm": "falcot.com",
        "passwordhash": "0" * 32,
        "name": "Joe Smith",
        "email": "joe@falcot.com",
        "forwardaddress": "",
    }


@pytest.mark.parametrize("value", [b"", VALUE[:30], VALUE[:-1], record("joe", version=1)])
def test_another_record_is_refused(value: bytes) -> None:
    with pytest.raises(UsageError):
        berkeley.user(value)


@given(st.binary())
def test_junk_is_refused_or_read(value: bytes) -> None:
    for junk in (value, struct.pack("<h", 2) + value):
        try:
            assert len(berkeley.user(junk)) == 7
        except UsageError as error:
            assert str(error)
