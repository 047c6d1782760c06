# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from io import BytesIO

import pytest

from falcot_rtc.accounts.formats import table
from falcot_rtc.accounts.formats.entry import Note, Refused
from falcot_rtc.accounts.formats.text import lines
from falcot_rtc.errors import UsageError

KNOWN = ("name", "password", "domain")


def read(text: str) -> list[object]:
    return [
        (one.line, dict(one.values)) if isinstance(one, table.Fields) else one
        for one in table.rows(lines(BytesIO(text.encode())), KNOWN, ("name",))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen(delimiter: str) -> None:
    text = 'Name, PASSWORD\njoe,"a,;\tb"\n"an""na",x\n'.replace(",", delimiter, 1)
    text = text.replace("joe,", f"joe{delimiter}").replace('",x', f'"{delimiter}x')
    assert read(text) == [
        (2, {"name": "joe", "password": "a,;\tb"}),
        (3, {"name": 'an"na', "password": "x"}),
    ]


def test_a_broken_row_costs_itself_only() -> None:
    found = read('name,password\njoe,"never closed\nanna,x\na,b,c\n"a"b,c\n,\neve\nzoe,y\n')
    assert [one.line for one in found if isinstance(one, Refused)] == [2, 4, 5, 7]
    assert [one for one in found if not isinstance(one, Refused)] == [
        (3, {"name": "anna", "password": "x"}),
        (8, {"name": "zoe", "password": "y"}),
    ]


def test_columns_that_mean_nothing_here_are_told() -> None:
    assert read("name,Room\njoe,7\n") == [
        Note(line=1, text="column room is not used"),
        (2, {"name": "joe"}),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("joe,secret\n", "names no column name"),
        ("name,name\n", "the column name twice"),
        ('"name\n', "names no column name"),
        ("\xff", "names no column name"),
    ],
)
def test_without_a_heading_nothing_is_guessed(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(text)


def test_a_heading_in_another_encoding_is_named() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        list(table.rows(lines(BytesIO(b"n\xe4me\n")), KNOWN, ("name",)))
