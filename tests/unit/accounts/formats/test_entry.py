# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.formats.entry import Entry, address, state
from falcot_rtc.errors import UsageError


def test_a_domain_is_behind_the_name_or_beside_it() -> None:
    assert address(" joe ") == ("joe", "")
    assert address("joe@Falcot.COM") == ("joe", "falcot.com")
    assert address("joe", " Falcot.com ") == ("joe", "falcot.com")
    assert address("joe@falcot.com", "FALCOT.com") == ("joe", "falcot.com")
    with pytest.raises(UsageError, match=r"two domains: 'falcot\.com' and 'falcot\.org'"):
        address("joe@falcot.com", "falcot.org")


def test_a_state_is_one_of_two_or_open() -> None:
    assert (state(""), state(" Active"), state("disabled")) == (
        None,
        State.ACTIVE,
        State.DISABLED,
    )
    with pytest.raises(UsageError, match="state 'gone' is neither"):
        state("gone")


def test_no_password_shows() -> None:
    assert "secret" not in repr(Entry(line=1, name="joe", password="secret"))
