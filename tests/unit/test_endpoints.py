# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import itertools
from typing import Any

import pytest

from falcot_rtc.endpoints import Endpoint, bracketed, distinct
from falcot_rtc.errors import UsageError


def endpoint(**more: Any) -> Endpoint:
    row: dict[str, Any] = {
        "role": "turn", "purpose": "turn-udp", "family": "ipv4", "protocol": "udp",
        "address": "198.51.100.19", "public": "198.51.100.19", "port": 3478, "daemon": "coturn",
    }  # fmt: skip
    return Endpoint(**{**row, **more})


def test_names_and_forms() -> None:
    row = endpoint(purpose="turn-tls", family="ipv6", address="2001:db8::19")
    assert row.id == "turn-tls-ipv6"
    assert row.host == "[2001:db8::19]"
    assert bracketed("198.51.100.19") == "198.51.100.19"
    assert list(endpoint().ports) == [3478]
    assert len(endpoint(port=49152, last_port=65535).ports) == 16384


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        ({}, True),
        ({"protocol": "tcp"}, False),
        ({"address": "198.51.100.20"}, False),
        ({"port": 3479}, False),
        ({"port": 3000, "last_port": 3477}, False),
        ({"port": 3000, "last_port": 3478}, True),
        ({"port": 3478, "last_port": 4000}, True),
        ({"port": 3479, "last_port": 4000}, False),
    ],
)
def test_one_owner_of_each_socket(other: dict[str, Any], overlap: bool) -> None:
    rows = (endpoint(), endpoint(purpose="other", daemon="x", **other))
    for first, second in itertools.permutations(rows):
        assert first.overlaps(second) is overlap
        if overlap:
            with pytest.raises(UsageError) as caught:
                distinct([first, second])
            assert first.id in caught.value.message and second.id in caught.value.message
        else:
            assert distinct([first, second]) == (first, second)


def test_one_daemon_may_have_several_purposes_on_a_socket() -> None:
    rows = [endpoint(shared=True), endpoint(shared=True, purpose="other")]
    assert distinct(rows) == tuple(rows)
    for other in ({"daemon": "x", "shared": True}, {"shared": False}):
        with pytest.raises(UsageError):
            distinct([rows[0], endpoint(**{"purpose": "other", **other})])


def test_the_order_is_kept() -> None:
    rows = [endpoint(port=port, purpose=str(port)) for port in (5, 3, 4)]
    assert distinct(iter(rows)) == tuple(rows)
