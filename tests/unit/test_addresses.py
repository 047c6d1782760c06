# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from ipaddress import IPv4Address
from typing import Any

from falcot_rtc import addresses


def test_an_address_is_seen_as_it_is_bound_unless_said_otherwise() -> None:
    values: dict[str, Any] = {"at.bind": IPv4Address("10.0.0.1"), "at.public": None}
    found = addresses.given(values, "at", "ipv4")
    assert found is not None
    assert (found.bind, found.public, found.key) == (values["at.bind"], values["at.bind"], "at")
    values["at.public"] = IPv4Address("198.51.100.1")
    behind = addresses.given(values, "at", "ipv4")
    assert behind is not None
    assert (behind.bind, behind.public) == (values["at.bind"], values["at.public"])


def test_without_bind_there_is_none() -> None:
    values = {"at.bind": None, "at.public": IPv4Address("198.51.100.1")}
    assert addresses.given(values, "at", "ipv4") is None
