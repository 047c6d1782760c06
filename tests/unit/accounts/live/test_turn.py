# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.accounts.live.turn import belongs, sessions
from tests.unit.accounts.live.test_turn_cli import TWO

NOW = 1_795_487_000


def test_allocations_as_sessions() -> None:
    undated, dated = sessions(TWO, NOW)
    assert dated == Session(
        service="turn",
        kind=Kind.ALLOCATION,
        device="1795573762:joe@falcot.com",
        where="198.51.100.1:48259 UDP",
        since=NOW - 132,
        expires=NOW + 468,
    )
    assert (undated.device, undated.since, undated.expires) == ("joe", None, None)


@pytest.mark.parametrize(
    ("user", "his"),
    [
        ("joe", True),
        ("joe@falcot.com", True),
        ("1795573762:joe@falcot.com", True),
        ("1795573762:joe", True),
        ("joel", False),
        ("joe@sales.falcot.com", False),
        ("1795573762:joe@sales.falcot.com", False),
        ("1795573762", False),
        ("x:joe", False),
    ],
)
def test_whose_name_it_is(user: str, his: bool) -> None:
    assert belongs(user, "joe@falcot.com", "falcot.com") is his


def test_a_bare_name_is_of_the_realms_own_domain() -> None:
    assert not belongs("joe", "joe@sales.falcot.com", "falcot.com")
    assert belongs("joe@sales.falcot.com", "joe@sales.falcot.com", "falcot.com")
