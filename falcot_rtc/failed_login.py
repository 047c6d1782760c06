# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line that every service of ours logs for a wrong password, and what a jail reads in it. Pure.

    falcot-rtc: login failed from ADDRESS user NAME@DOMAIN

The address comes first, behind words that no client chooses, and nothing else is ever read: a user
name can't name another address. It is escaped all the same, so that a line stays one line.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

PREFIX = "falcot-rtc: login failed from"
# In the languages of the services; kamailio's own pseudo-variables do the same in its template.
FORMAT = PREFIX + " %s user %s@%s"


def line(address: IPv4Address | IPv6Address, user: str, domain: str) -> str:
    """What to log, at level warning, when `user` of `domain` gave a wrong password."""
    return FORMAT % (address, quote(user, safe="", errors="replace"), quote(domain, safe="."))
