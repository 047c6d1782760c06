# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.backend.headers import own, sender


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-site", "origin": "https://falcot.com"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://falcot.com"}, True),
        ({"origin": "http://falcot.com"}, False),
        ({"origin": "https://falcot.com.evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_ours_may_send_it(headers: dict[str, str], ours: bool) -> None:
    assert own({"host": "falcot.com", **headers}) is ours


def test_no_host_is_no_origin() -> None:
    assert not own({"origin": ""}) and not own({})


def test_who_asks_is_what_the_web_server_said_last() -> None:
    assert str(sender({"x-forwarded-for": "192.0.2.7, 198.51.100.1"})) == "198.51.100.1"
    for said in ("", "joe", "198.51.100.1, joe"):
        with pytest.raises(ValueError):
            sender({"x-forwarded-for": said})
