# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc import settings, settings_file
from falcot_rtc.click_to_call import TABLE, ClickToCall, entries
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FALCOT
from tests.unit.test_fields import TOML

SALES = """
[[click_to_call]]
name = "sales"
target = "joe"  # a comment
title = "Ask „Joe“ about <wine>"
origins = ["https://www.Falcot.com", "https://shop.example:8443/"]
limit = 3
ttl = 60
until = 2027-12-31
"""


def read(*listed: dict[str, Any]) -> tuple[ClickToCall, ...]:
    return entries({TABLE: list(listed)}, ["falcot.com", "falcot.org"], "falcot.com", "x.toml")


def test_an_entry_as_it_is_written() -> None:
    (found,) = settings.parse(FALCOT + SALES).click_to_call
    assert found == ClickToCall(
        name="sales",
        target="joe@falcot.com",
        title="Ask „Joe“ about <wine>",
        origins=("https://www.falcot.com", "https://shop.example:8443"),
        limit=3,
        ttl=60,
        until=datetime.date(2027, 12, 31),
    )
    # date --utc --date '2028-01-01' +%s
    assert found.ends == 1830297600


def test_what_may_be_left_out() -> None:
    (found,) = read({"name": "help", "target": "1001"})
    assert found == ClickToCall(
        name="help", target="1001@falcot.com", title="help", origins=(), limit=10, ttl=300,
        until=None,
    )  # fmt: skip
    assert found.ends is None
    assert settings.parse(FALCOT).click_to_call == ()


def test_another_domain_that_is_served() -> None:
    (found,) = read({"name": "a", "target": " joe@Falcot.ORG. "})
    assert found.target == "joe@falcot.org"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"target": "joe"}, "click_to_call.name: a [[click_to_call]] has no name"),
        ({"name": "a"}, "click_to_call.target: a [[click_to_call]] has no target"),
        ({"name": "Sales", "target": "joe"}, "click_to_call.name: 'Sales' is not 1 to 32"),
        ({"name": "a/b", "target": "joe"}, "click_to_call.name: 'a/b' is not"),
        (
            {"name": "a", "target": "joe@example.net"},
            "'joe@example.net' is of a domain that is not",
        ),
        ({"name": "a", "target": "Joe"}, "click_to_call.target: 'Joe' is nobody's"),
        ({"name": "a", "target": "1"}, "click_to_call.target: '1' is nobody's name or number"),
        ({"name": "a", "target": "falcot-rtc-check-01"}, "is nobody's name"),
        ({"name": "a", "target": "guest-0123456789abcdef"}, "is nobody's name"),
        ({"name": "a", "target": "joe", "title": "a\nb"}, "click_to_call.title: 'a\\nb' is not"),
        ({"name": "a", "target": "joe", "origins": ["http://x.org"]}, "click_to_call.origins: "),
        ({"name": "a", "target": "joe", "origins": ["*"]}, "click_to_call.origins: "),
        ({"name": "a", "target": "joe", "limit": 0}, "click_to_call.limit: 0 is not a whole"),
        ({"name": "a", "target": "joe", "ttl": 29}, "click_to_call.ttl: 29 is not a whole"),
        ({"name": "a", "target": "joe", "until": "soon"}, "click_to_call.until: 'soon' is not a"),
        ({"name": "a", "target": "joe", "origin": []}, "click_to_call: origin: no such key"),
    ],
)
def test_an_error_names_key_value_and_a_way_out(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(entry)
    assert caught.value.message.startswith("x.toml: click_to_call")
    assert said in caught.value.message
    assert caught.value.hint


def test_a_name_is_given_once() -> None:
    one = {"name": "a", "target": "joe"}
    with pytest.raises(UsageError, match="'a' is given twice"):
        read(one, one)


@pytest.mark.parametrize("written", [{}, "x", [1], [["a"]], 7])
def test_only_a_list_of_tables_will_do(written: Any) -> None:
    with pytest.raises(UsageError, match="is not a list of tables"):
        entries({TABLE: written}, ["falcot.com"], "falcot.com", "x.toml")


@given(value=st.dictionaries(st.sampled_from(["name", "target", "until"]), TOML) | TOML)
def test_junk_is_a_usage_error(value: Any) -> None:
    try:
        entries({TABLE: [value]}, ["falcot.com"], "falcot.com", "x.toml")
    except UsageError as error:
        assert error.message.startswith("x.toml: click_to_call")
        assert error.hint


def test_setting_something_else_keeps_them_as_they_are() -> None:
    after = settings_file.put(FALCOT + SALES, {"admin": "mary", "sip.internal-tcp": "true"})
    assert SALES in after
    assert settings.parse(after).click_to_call == settings.parse(FALCOT + SALES).click_to_call
