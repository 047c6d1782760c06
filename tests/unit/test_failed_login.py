# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from ipaddress import ip_address

import pytest

from falcot_rtc import failed_login


def test_a_line() -> None:
    found = failed_login.line(ip_address("198.51.100.1"), "joe", "falcot.com")
    assert found == "falcot-rtc: login failed from 198.51.100.1 user joe@falcot.com"
    found = failed_login.line(ip_address("2001:db8::1"), "joe", "falcot.com")
    assert found.startswith("falcot-rtc: login failed from 2001:db8::1 user ")


@pytest.mark.parametrize(
    "name", ["a\nb", "joe from 192.0.2.1", '"', "a\r\x00", "\udcff", "é", "x@y", "%0a"]
)
def test_a_name_stays_one_word(name: str) -> None:
    found = failed_login.line(ip_address("198.51.100.1"), name, "falcot.com")
    assert found.isascii() and found.isprintable()
    assert len(found.split(" ")) == 7
    assert found.count("@") == 1
