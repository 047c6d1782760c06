# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import fields, keys
from falcot_rtc.accounts import names
from falcot_rtc.errors import UsageError
from falcot_rtc.keys import Key

NUMBER = Key(path="a.number", parse=fields.integer(1, 9), default=3, doc="Any.")
NAME = Key(path="a.name", parse=lambda value: names.local_part(str(value)), doc="Any.")


def test_a_value_that_parses() -> None:
    assert keys.parse_value(NUMBER, 7, "x.toml") == 7


def test_an_error_names_file_key_value_and_a_way_out() -> None:
    with pytest.raises(UsageError) as caught:
        keys.parse_value(NUMBER, 17, "x.toml", "edit x.toml")
    assert caught.value.message == "x.toml: a.number: 17 is not a whole number from 1 to 9"
    assert caught.value.hint == "edit x.toml"


def test_a_parser_may_know_a_better_way_out() -> None:
    with pytest.raises(UsageError) as caught:
        keys.parse_value(NAME, "Joe", "x.toml")
    assert caught.value.message.startswith("x.toml: a.name: ")
    assert caught.value.hint == "use 'joe'"


def test_toml_or_a_usage_error() -> None:
    assert keys.tables("[a]\nb = 1", "x.toml", "edit it") == {"a": {"b": 1}}
    for text in ("a =", "a = " + "[" * 5000, "a = " + "9" * 5000):
        with pytest.raises(UsageError, match=r"x\.toml: not valid TOML"):
            keys.tables(text, "x.toml", "edit it")
