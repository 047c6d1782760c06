# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts import names
from falcot_rtc.errors import UsageError

GOOD = ["joe", "anna.smith", "a", "x-1_2", "0x", "-", "_", "a" * 64, "selectunion"[:6]]


@pytest.mark.parametrize("name", GOOD)
def test_accepts(name: str) -> None:
    assert names.local_part(name) == name


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is empty"),
        ("a" * 65, "longer than 64"),
        ("Joe", "upper-case"),
        ("joe@falcot.com", "contains '@'"),
        ("jo e", "contains ' '"),
        ("jürgen", "contains 'ü'"),
        ("joe\n", "contains"),
        ("a%b", "contains '%'"),
        ("a/b", "contains '/'"),
        ("\u0661", "contains"),
        (".joe", "dot"),
        ("joe.", "dot"),
        ("jo..e", "dot"),
        ("1700000000", "digits only"),
        ("select.union", "union"),
        ("falcot-rtc-check-0a1b", "reserved"),
    ],
)
def test_refuses_with_a_reason_and_a_hint(name: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault) as caught:
        names.local_part(name)
    assert caught.value.hint


def test_upper_case_is_answered_with_the_name_to_use() -> None:
    with pytest.raises(UsageError, match="use 'joe'"):
        names.local_part("Joe")


def test_checks_use_reserved_names_only() -> None:
    name = names.reserved_name()
    assert re.fullmatch(r"falcot-rtc-check-[0-9a-f]{12}", name)
    assert name != names.reserved_name()
    assert names.local_part(name, reserved=True) == name
    assert names.is_reserved(name) and not names.is_reserved("joe")
    with pytest.raises(UsageError, match="lacks the prefix"):
        names.local_part("joe", reserved=True)


@given(st.text(max_size=70) | st.text("abAB019._-@", max_size=70))
def test_what_is_accepted_is_plain_everywhere(name: str) -> None:
    try:
        names.local_part(name)
    except UsageError as error:
        assert error.hint
        return
    # RFC 5321 Dot-string of atoms, lower case: the least that mail, SIP and XMPP share.
    assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name, re.ASCII)
    assert len(name) <= 64
    assert not name.isdigit()


@given(st.from_regex(r"[a-z][a-z0-9_-]{0,20}(\.[a-z0-9_-]{1,20}){0,2}", fullmatch=True))
def test_ordinary_names_are_accepted(name: str) -> None:
    if not ("union" in name and "select" in name) and not names.is_reserved(name):
        assert names.local_part(name) == name


@pytest.mark.parametrize("number", ["10", "1001", "123456789012"])
def test_extensions(number: str) -> None:
    assert names.extension(number) == number


@pytest.mark.parametrize("number", ["", "1", "10a", "+49", "1234567890123", "1\n", "\u0661\u0661"])
def test_other_extensions_are_refused(number: str) -> None:
    with pytest.raises(UsageError, match="extension"):
        names.extension(number)


def test_what_people_type() -> None:
    assert names.typed("Joe", "falcot.com") == ("joe", "falcot.com")
    assert names.typed("joe@", "falcot.com") == ("joe", "")
    assert names.typed(" joe@Example.net. ", "falcot.com") == ("joe", "example.net")
    # What nobody has is not remembered at any length.
    name, domain = names.typed("j" * 1000 + "@" + "d" * 1000, "falcot.com")
    assert (len(name), len(domain)) == (65, 254)


def test_names_of_guests_are_nobodys() -> None:
    made = names.guest_name(bytes(range(8)))
    assert re.fullmatch(names.GUEST, made)
    with pytest.raises(UsageError, match="callers without an account"):
        names.local_part(made)
    for near in ("guest", "guest-room", "guest-0123456789abcdeg", f"{made}0", f"a{made}"):
        assert names.local_part(near) == near
