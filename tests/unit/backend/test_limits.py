# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from ipaddress import ip_address

import pytest

from falcot_rtc.backend.limits import BY_ACCOUNT, REMEMBERED, Limit, Limits, Rate, Rule, source

RULE = Rule(free=2, longest=60.0)


def test_the_delay_grows_up_to_a_bound() -> None:
    assert [RULE.delay(n) for n in (0, 1, 2, 3, 4, 5)] == [0, 0, 0, 2, 4, 8]
    assert RULE.delay(100_000) == 60


def test_waiting_ends_and_failing_again_takes_longer() -> None:
    limit = Limit(RULE)
    for _ in range(3):
        assert limit.wait("joe", 100.0) == 0.0
        limit.failed("joe", 100.0)
    assert limit.wait("joe", 100.5) == 1.5
    assert limit.wait("jane", 100.5) == 0.0
    assert limit.wait("joe", 102.0) == 0.0
    limit.failed("joe", 102.0)
    assert limit.wait("joe", 102.0) == 4.0


def test_forgiven_and_forgotten() -> None:
    limit = Limit(RULE)
    for _ in range(9):
        limit.failed("joe", 0.0)
        limit.failed("jane", 0.0)
    limit.forgive("joe")
    assert limit.wait("joe", 0.0) == 0.0
    assert limit.wait("jane", 0.0) == 60.0
    assert limit.remembers(REMEMBERED)
    assert limit.wait("jane", REMEMBERED + 1) == 0.0
    assert not limit.remembers(REMEMBERED + 1)
    limit.failed("jane", REMEMBERED + 2)
    assert limit.wait("jane", REMEMBERED + 2) == 0.0


def test_no_delay_outlives_the_memory() -> None:
    for rule in (BY_ACCOUNT, Limits().addresses._rule):
        assert rule.longest < REMEMBERED


def test_many_names_do_not_push_out_the_one_under_attack() -> None:
    limit = Limit(RULE, most=100)
    for _ in range(5):
        limit.failed("joe", 0.0)
    for number in range(1000):
        limit.failed(number, 1.0)
    assert limit.wait("joe", 1.0) == 7.0
    assert len(limit._records) <= 100


def test_neither_rule_is_forgotten_while_it_counts() -> None:
    limits = Limits()
    assert not limits.remember(0.0)
    limits.accounts.failed("joe", 0.0)
    assert limits.remember(1.0)
    assert not limits.remember(REMEMBERED + 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("198.51.100.1", "198.51.100.1", True),
        ("198.51.100.1", "198.51.100.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_an_ipv6_network_is_one_source(one: str, other: str, same: bool) -> None:
    assert (source(ip_address(one)) == source(ip_address(other))) is same


def test_so_many_a_minute_at_once_or_spread() -> None:
    rate = Rate()
    assert [rate.take("joe", 0.0, 2) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert rate.take("jane", 0.0, 2) == 0.0
    # Asking again does not make it longer.
    assert rate.take("joe", 10.0, 2) == pytest.approx(20.0)
    assert rate.take("joe", 30.0, 2) == 0.0
    assert rate.take("joe", 30.0, 2) == pytest.approx(30.0)
    assert [rate.take("joe", 500.0, 2) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert rate.remembers(560.0)
    assert not rate.remembers(560.1)


def test_a_rate_has_room_for_so_many() -> None:
    rate = Rate(most=3)
    for key in ("a", "b", "c", "a", "d"):
        rate.take(key, 0.0, 2)
    assert list(rate._levels) == ["c", "a", "d"]
