# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address of the host as the settings give it: where to bind, what others see. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from falcot_rtc import fields

PARSERS: Mapping[str, Callable[[object], object]] = {"ipv4": fields.ipv4, "ipv6": fields.ipv6}
TITLES = {"ipv4": "IPv4", "ipv6": "IPv6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service listens, and what the outside calls it; the two differ behind NAT.

    `key` is the table of settings.toml that gives it.
    """

    family: str
    bind: IPv4Address | IPv6Address
    public: IPv4Address | IPv6Address
    key: str


def given(values: Mapping[str, Any], key: str, family: str) -> Address | None:
    """The address of the table `key`; None where it has no `bind`."""
    bind = values[f"{key}.bind"]
    if not bind:
        return None
    return Address(family=family, bind=bind, public=values[f"{key}.public"] or bind, key=key)
