# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from dataclasses import replace

import pytest

from falcot_rtc import judgement
from falcot_rtc.judgement import Judgement, Pair, Wanted

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(days=60)
PAIR = Pair(chain=b"chain", key=b"key")
WANTED = Wanted(names=("falcot.com",), domains=("falcot.com",), days=90)
KNOWN = Judgement(
    subject=judgement.subject(PAIR, WANTED), until=LATER, result=judgement.result(PAIR)
)


def test_it_holds_until_its_time() -> None:
    assert KNOWN.holds(PAIR, WANTED, NOW)
    assert KNOWN.holds(PAIR, WANTED, LATER - datetime.timedelta(microseconds=1))
    assert not KNOWN.holds(PAIR, WANTED, LATER)


@pytest.mark.parametrize("change", [{"chain": b"edited"}, {"key": b"edited"}])
def test_it_holds_for_the_same_bytes(change: dict[str, bytes]) -> None:
    assert not KNOWN.holds(replace(PAIR, **change), WANTED, NOW)


def test_bytes_do_not_move_from_one_part_to_the_other() -> None:
    moved = Pair(chain=b"chaink", key=b"ey")
    assert not KNOWN.holds(moved, WANTED, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"names": ("falcot.com", "server1.falcot.com")},
        {"domains": ()},
        {"days": 30},
        {"days": None},
        {"rsa": True},
    ],
)
def test_it_holds_for_the_same_wish(change: dict[str, object]) -> None:
    assert not KNOWN.holds(PAIR, replace(WANTED, **change), NOW)


def test_what_is_dumped_is_parsed() -> None:
    assert judgement.parse(judgement.dump(KNOWN).encode()) == KNOWN


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"subject": "x", "until": 7}',
        b'{"subject": "x", "until": "tomorrow"}',
        # Of a version that knew no result.
        b'{"subject": "x", "until": "2027-01-23T00:00:00+00:00"}',
        # A time without a zone can't be compared.
        b'{"subject": "x", "until": "2027-01-23T00:00:00", "result": "y"}',
    ],
)
def test_anything_else_is_no_judgement(text: bytes) -> None:
    assert judgement.parse(text) is None
