# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc credentials`; what it does is in verbs_credentials."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from falcot_rtc import start


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add it to the verbs; `verb` finds the function by its name there."""
    text = start.VERBS["credentials"]
    add = subparsers.add_parser("credentials", help=text, description=text)
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help="joe, or joe@falcot.com")
    what.add_argument(
        "--rotate", action="store_true", help="make a new secret; the old one ends by and by"
    )
    what.add_argument(
        "--rotate-due", action="store_true", help="the same, if rotation-days have passed"
    )
    add.add_argument(
        "--ttl", metavar="TIME", help="how long they are good, as 1h or 30m; at most minted-ttl"
    )
    add.set_defaults(verb=verb("credentials"))
