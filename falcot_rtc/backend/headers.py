# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the web server and browsers say of who asks; names of fields are in lower case. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


def sender(headers: Mapping[str, str]) -> Address:
    """Who asks the web server; ValueError if that does not say so.

    The last one is our web server's own word; others would be the client's.
    """
    return ip_address(headers.get("x-forwarded-for", "").rpartition(",")[2].strip())


def own(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of ours asks.

    Under "Referrer-Policy: no-referrer" the Origin of a form is "null" (Fetch, "append a request
    Origin header"), so Sec-Fetch-Site, which no page can set, comes first.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == f"https://{headers.get('host', '')}"
