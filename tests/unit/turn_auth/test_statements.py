# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements are those that coturn 4.6.1 was seen to send."""

import pytest

from falcot_rtc.turn_auth import postgres
from falcot_rtc.turn_auth.lookup import Directory, Secret, key_of
from falcot_rtc.turn_auth.pace import Pace
from falcot_rtc.turn_auth.statements import answer

SECRET = Secret(valid_from=0, secret="s")
DIRECTORY = Directory(
    realm="falcot.com",
    ttl=600,
    per_minute=50,
    secrets=(SECRET,),
    keys={"joe": "0a" * 16, "jane": "0b" * 16},
)


def ask(sql: str) -> bytes:
    return answer(sql.encode(), DIRECTORY, 0, Pace())


def test_a_key() -> None:
    sql = "select hmackey from turnusers_lt where name='joe' and realm='falcot.com'"
    assert ask(sql) == postgres.rows("hmackey", ["0a" * 16])


@pytest.mark.parametrize(
    ("name", "realm"), [("zoe", "falcot.com"), ("joe", "x"), ("", "falcot.com")]
)
def test_who_has_no_key_gets_one_that_nobody_knows(name: str, realm: str) -> None:
    sql = f"select hmackey from turnusers_lt where name='{name}' and realm='{realm}'"
    assert len(ask(sql)) == len(postgres.rows("hmackey", ["0a" * 16]))
    assert b"0a" * 16 not in ask(sql)
    assert len({ask(sql) for _ in range(9)}) == 9


def test_a_name_that_is_not_utf8_is_unknown() -> None:
    sql = b"select hmackey from turnusers_lt where name='\xff' and realm='falcot.com'"
    assert len(answer(sql, DIRECTORY, 0, Pace())) == len(postgres.rows("hmackey", ["0a" * 16]))
    assert answer(sql, DIRECTORY, 0, Pace()) != answer(sql, DIRECTORY, 0, Pace())


def test_whoever_is_tried_too_often_is_like_somebody_unknown() -> None:
    """Others are not, and what was minted for the same person is not either."""
    pace = Pace(clock=lambda: 0.0)

    def tried(name: str) -> bool:
        sql = f"select hmackey from turnusers_lt where name='{name}' and realm='falcot.com'"
        key = key_of(DIRECTORY, name, "falcot.com", 0)
        assert key
        return answer(sql.encode(), DIRECTORY, 0, pace) == postgres.rows("hmackey", [key])

    assert [tried("joe") for _ in range(60)] == [True] * 50 + [False] * 10
    assert tried("jane")
    assert all(tried("500:joe") for _ in range(60))


@pytest.mark.parametrize(
    "sql",
    [
        "select value from turn_secret",
        "select value from turn_secret where realm='falcot.com'",
        "select origin,realm from turn_origin_to_realm",
        "select realm,opt,value from turn_realm_option",
        "select ip_range,realm from allowed_peer_ip",
        "select ip_range,realm from denied_peer_ip",
        "select realm,password from admin_user where name='joe'",
    ],
)
def test_other_tables_are_empty(sql: str) -> None:
    reply = ask(sql)
    assert reply.startswith(b"T") and b"SELECT 0" in reply


@pytest.mark.parametrize(
    "sql",
    [
        "select hmackey from turnusers_lt",
        "select name,realm from turnusers_lt order by realm,name",
        "select hmackey from turnusers_lt where name='joe' and realm='falcot.com' or name='x'",
        "select hmackey from turnusers_lt where name='a' or 'a'='a' and realm='falcot.com'",
        "select hmackey from turnusers_lt where name='joe\\' and realm='falcot.com'",
        "select 1; drop table turnusers_lt",
        "insert into turnusers_lt (realm,name,hmackey) values('falcot.com','eve','00')",
        "delete from turn_secret",
        "",
    ],
)
def test_the_rest_is_refused(sql: str) -> None:
    reply = ask(sql)
    assert reply.startswith(b"E") and b"C42501\0" in reply
    assert b"0a0a" not in reply
