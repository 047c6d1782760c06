# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import minted
from falcot_rtc.turn_auth.lookup import Directory, Secret, key_of

NOW, DAY = 1_700_000_000, 86400
OLD, NEW = Secret(valid_from=NOW - 9 * DAY, secret="old"), Secret(valid_from=NOW - DAY, secret="n")


def turn(*generations: Secret, period: int = 7 * DAY) -> tuple[Secret, ...]:
    return minted.turned(generations, "fresh", NOW, period=period, longest=DAY)


def test_a_file_has_a_generation_a_line() -> None:
    text = "1600000000 one\n1700000000 two\n"
    found = minted.parse(text)
    assert [(one.valid_from, one.secret) for one in found] == [
        (1_600_000_000, "one"),
        (1_700_000_000, "two"),
    ]
    assert minted.serialise(found) == text
    assert minted.parse("1700000000 two\n\n 1600000000 one") == found
    assert minted.parse("") == ()


def test_a_bare_secret_is_the_first_generation() -> None:
    assert minted.parse("bare secret\n") == (Secret(valid_from=0, secret="bare secret"),)


def test_the_first_one_is_made_at_once() -> None:
    assert turn() == (Secret(valid_from=NOW, secret="fresh"),)


def test_a_new_generation_stands_beside_the_old_one() -> None:
    fresh = Secret(valid_from=NOW, secret="fresh")
    assert turn(OLD) == (OLD, fresh)
    assert turn(OLD, period=9 * DAY) == (OLD, fresh)
    assert turn(OLD, period=9 * DAY + 1) == (OLD,)
    # A clock that was put back, or two rotations in one second.
    ahead = Secret(valid_from=NOW + 5, secret="ahead")
    assert turn(ahead, period=-10)[-1] == Secret(valid_from=NOW + 6, secret="fresh")
    assert turn(ahead, period=0) == (ahead,)


def test_a_secret_goes_when_nothing_that_it_minted_is_valid() -> None:
    assert turn(OLD, NEW) == (OLD, NEW)
    later = Secret(valid_from=NOW - DAY - 60, secret="later")
    assert turn(OLD, later) == (OLD, later)
    earlier = Secret(valid_from=NOW - DAY - 61, secret="earlier")
    assert turn(OLD, earlier) == (earlier,)


def test_what_is_minted_for_turn_is_found() -> None:
    directory = Directory(
        realm="falcot.com",
        ttl=DAY,
        per_minute=60,
        secrets=(OLD, NEW),
        keys={"joe@falcot.com": "x"},
    )
    for generations in ((OLD,), (OLD, NEW)):
        made = minted.for_turn(generations, "joe@falcot.com", NOW + 60)
        assert made.user == f"{NOW + 60}:joe@falcot.com:{generations[-1].valid_from}"
        assert made.expires == NOW + 60
        assert key_of(directory, made.user, "falcot.com", NOW)
        assert made.password not in repr(made)


def test_what_is_minted_for_sip() -> None:
    made = minted.for_sip((OLD, NEW), "joe@falcot.com", 1_700_000_060)
    # printf 1700000060:joe@falcot.com | openssl dgst -sha1 -hmac n -binary | base64
    assert (made.user, made.password) == (
        "1700000060:joe@falcot.com",
        "f1WsrI7pbgJyRsx2vxpMAL/DIco=",
    )
