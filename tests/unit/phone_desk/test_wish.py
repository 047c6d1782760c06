# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.phone_desk import wish
from falcot_rtc.phone_desk.wish import Answer, Call, Login, Renew, parse

HERE = ip_address("198.51.100.1")
FROM = {"x-forwarded-for": "192.0.2.7, 198.51.100.1", "host": "falcot.com"}
OWN = {**FROM, "sec-fetch-site": "same-origin", "content-type": "application/json; charset=utf-8"}
BODY = b'{"user": "joe", "password": "Gr\xc3\xbc\xc3\x9fe", "more": 1}'


def test_a_log_in() -> None:
    assert parse("POST", "/phone/api/login", OWN, BODY) == Login(
        user="joe", password="Grüße", address=HERE
    )
    by_origin = {key: value for key, value in OWN.items() if key != "sec-fetch-site"}
    by_origin["origin"] = "https://falcot.com"
    assert isinstance(parse("POST", "/phone/api/login?x=1", by_origin, BODY), Login)


def test_a_renewal() -> None:
    headers = {**FROM, "authorization": "bearer abc-_=="}
    assert parse("POST", "/phone/api/renew", headers, b"") == Renew(token="abc-_==")
    for said in ("", "Basic abc", "Bearer", "Bearer a b"):
        headers = {**FROM, "authorization": said}
        assert parse("POST", "/phone/api/renew", headers, b"") is wish.REFUSED


def test_a_call_and_its_preflight() -> None:
    headers = {**FROM, "origin": "https://WWW.falcot.com"}
    asked = Call(name="sales", origin="https://www.falcot.com", address=HERE)
    assert parse("POST", "/phone/api/call/sales", headers, b"") == asked
    found = parse("OPTIONS", "/phone/api/call/sales", headers, b"")
    assert isinstance(found, Call) and found.preflight


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "answer"),
    [
        ("GET", "login", OWN, b"", wish.METHOD),
        ("OPTIONS", "login", OWN, b"", wish.METHOD),
        ("POST", "", OWN, BODY, wish.UNKNOWN),
        ("POST", "login/", OWN, BODY, wish.UNKNOWN),
        ("POST", "call/", OWN, b"", wish.UNKNOWN),
        ("POST", "call/Sales", OWN, b"", wish.UNKNOWN),
        ("POST", "call/a/b", OWN, b"", wish.UNKNOWN),
        ("POST", "call/" + "a" * 33, OWN, b"", wish.UNKNOWN),
        ("POST", "login", {**OWN, "x-forwarded-for": "joe"}, BODY, wish.MALFORMED),
        ("POST", "login", {**OWN, "sec-fetch-site": "cross-site"}, BODY, wish.FOREIGN),
        ("POST", "login", {**OWN, "content-type": "text/plain"}, BODY, wish.MALFORMED),
        ("POST", "login", OWN, b"", wish.MALFORMED),
        ("POST", "login", OWN, b"[" * 4000, wish.MALFORMED),
        ("POST", "login", OWN, b"[]", wish.MALFORMED),
        ("POST", "login", OWN, b'{"user": "joe"}', wish.MALFORMED),
        ("POST", "login", OWN, b'{"user": "joe", "password": null}', wish.MALFORMED),
        ("POST", "login", OWN, b'{"user": "", "password": "x"}', wish.MALFORMED),
    ],
)
def test_what_is_none(
    method: str, path: str, headers: dict[str, str], body: bytes, answer: Answer
) -> None:
    assert parse(method, f"/phone/api/{path}", headers, body) is answer


def test_another_place_on_the_site_is_not_ours() -> None:
    assert parse("POST", "/login", OWN, BODY) is wish.UNKNOWN


@given(body=st.binary(max_size=80), path=st.sampled_from(["login", "renew", "call/a", "\x00"]))
def test_junk_is_a_wish_or_an_answer(body: bytes, path: str) -> None:
    assert parse("POST", f"/phone/api/{path}", OWN, body) is not None


def test_passwords_and_tokens_are_not_shown() -> None:
    assert "Grüße" not in repr(parse("POST", "/phone/api/login", OWN, BODY))
    assert "abc" not in repr(Renew(token="abc"))
    assert "s3" not in repr(Answer(status=200, body={"password": "s3"}))
