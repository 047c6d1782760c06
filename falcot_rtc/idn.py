# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internationalised domain names: A-labels everywhere, U-labels for people (RFC 5890, RFC 5891).

Python's own codec follows RFC 3490, by which another name comes out of 'straße.example'.
"""

from __future__ import annotations

PREFIX = "xn--"


def encoded(name: str) -> str:
    """The name in lower case and A-labels; raises ValueError for what IDNA 2008 does not know."""
    if name.isascii() and PREFIX not in name.lower():
        return name.lower()
    # Few names need it, and its tables are large.
    import idna

    try:
        # UTS 46 maps what people type: capitals, and the full stops of other scripts.
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError("is not a domain name that IDNA 2008 can encode") from error


def shown(name: str) -> str:
    """The name as people write it, with the A-labels behind it where those differ."""
    if PREFIX not in name:
        return name
    import idna

    try:
        return f"{idna.decode(name)} ({name})"
    except (idna.IDNAError, UnicodeError):
        return name
