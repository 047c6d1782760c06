# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts.formats.entry import Refused
from falcot_rtc.accounts.formats.text import MAX_LENGTH, Line, lines
from falcot_rtc.errors import UsageError


def read(content: bytes) -> list[tuple[int, str]]:
    return [
        (one.number, one.text) if isinstance(one, Line) else (one.line, f"! {one.reason}")
        for one in lines(BytesIO(content))
    ]


def test_lines_end_as_on_any_system_and_may_begin_with_a_mark() -> None:
    assert read("\ufeffä\r\n\n  \nb\nc".encode()) == [(1, "ä"), (4, "b"), (5, "c")]


def test_another_encoding_costs_its_rows_only() -> None:
    assert read(b"a\nM\xfcller\nb\n\xc3\n") == [
        (1, "a"),
        (2, "! not UTF-8: byte 0xfc at column 2 (hint: convert the file with iconv)"),
        (3, "b"),
        (4, "! not UTF-8: byte 0xc3 at column 1 (hint: convert the file with iconv)"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_named_once(encoding: str) -> None:
    content = "\ufeffname\njoe\n".encode(encoding).removeprefix(b"\xff\xfe\xff\xfe")
    with pytest.raises(UsageError, match="iconv -f UTF-16"):
        read(b"\xff\xfe" + content if encoding == "utf-16" else content)


def test_an_endless_line_is_neither_kept_nor_the_end() -> None:
    content = b"a\n" + b"x" * (3 * MAX_LENGTH) + b"\nb\n" + b"y" * MAX_LENGTH + b"\nc"
    found = read(content)
    assert found[0] == (1, "a") and found[2] == (3, "b") and found[4] == (5, "c")
    assert found[1] == (2, f"! longer than {MAX_LENGTH} bytes")
    assert found[3] == (4, "y" * MAX_LENGTH)


@given(st.binary(max_size=300))
def test_every_line_with_something_in_it_is_told_of_once(content: bytes) -> None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    told = [one.line if isinstance(one, Refused) else one.number for one in lines(BytesIO(content))]
    assert told == sorted(set(told))
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip(b" \t\r\f\v\n").removeprefix(b"\xef\xbb\xbf").isalnum():
            assert number in told
