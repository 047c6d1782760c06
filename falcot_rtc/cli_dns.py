# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc dns`; what it does is in verbs_dns."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from falcot_rtc import start


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add it to the verbs; `verb` finds each function by its name there."""
    text = start.VERBS["dns"]
    what = subparsers.add_parser("dns", help=text, description=text).add_subparsers(
        metavar="show|update|check", required=True
    )

    show = what.add_parser("show", help="print the records of each domain")
    show.add_argument(
        "--format",
        choices=("zone", "nsupdate", "json"),
        default="zone",
        help="zone file (the default), commands for nsupdate, or JSON",
    )
    show.set_defaults(verb=verb("show"))

    update = what.add_parser("update", help="publish the records by dynamic update (RFC 2136)")
    update.add_argument(
        "--server", default="", metavar="SERVER", help="name or address of the zone's primary"
    )
    update.add_argument(
        "--key-file", default="", metavar="FILE", help="file with the TSIG key, as of tsig-keygen"
    )
    update.add_argument(
        "--dry-run", action="store_true", help="say what would change, send nothing"
    )
    update.set_defaults(verb=verb("update"))

    check = what.add_parser("check", help="compare what every name server has with what it should")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(verb=verb("check"))

    for one in (show, check):
        one.add_argument("--domain", default="", metavar="DOMAIN", help="this domain alone")
