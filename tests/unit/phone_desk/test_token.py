# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.phone_desk import token
from falcot_rtc.phone_desk.token import Holder

JOE = Holder(address="joe@falcot.com", until=2000)
PEOPLE = {"joe@falcot.com": "row of joe", "jane@falcot.com": "row of jane"}
ISSUED = token.issue("secret", JOE, "row of joe")


def test_it_is_good_until_then() -> None:
    assert token.holder("secret", ISSUED, PEOPLE, 1999) == JOE
    assert token.holder("secret", ISSUED, PEOPLE, 2000) is None


@pytest.mark.parametrize(
    ("secret", "people"),
    [
        ("another", PEOPLE),
        ("secret", {}),
        ("secret", {"joe@falcot.com": "row of joe's next password"}),
    ],
)
def test_it_ends_with_secret_account_and_password(secret: str, people: dict[str, str]) -> None:
    assert token.holder(secret, ISSUED, people, 0) is None


def test_nothing_in_it_can_be_changed() -> None:
    plain = base64.urlsafe_b64decode(ISSUED)
    for altered in (
        plain.replace(b"2000", b"9000"),
        plain.replace(b"joe", b"jane"),
        plain + b"x",
        plain[32:],
        bytes([plain[0] ^ 1]) + plain[1:],
    ):
        text = base64.urlsafe_b64encode(altered).decode()
        assert token.holder("secret", text, PEOPLE, 0) is None


@given(
    text=st.text(max_size=120) | st.binary(max_size=90).map(lambda b: base64.b64encode(b).decode())
)
def test_junk_is_nobodys(text: str) -> None:
    assert token.holder("secret", text, PEOPLE, 0) is None
