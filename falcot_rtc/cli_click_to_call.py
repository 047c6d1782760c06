# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc click-to-call`; what it does is in verbs_click_to_call."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from falcot_rtc import start


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add it to the verbs; `verb` finds the function by its name there."""
    text = start.VERBS["click-to-call"]
    add = subparsers.add_parser("click-to-call", help=text, description=text)
    what = add.add_subparsers(metavar="list|snippet", required=True)
    listed = what.add_parser("list", help="print each [[click_to_call]], and whose phone rings")
    listed.add_argument("--json", action="store_true", help="print it as JSON")
    listed.set_defaults(verb=verb("listing"))
    snippet = what.add_parser("snippet", help="print the HTML that goes into a web page")
    snippet.add_argument("name", metavar="NAME", help="the name of a [[click_to_call]]")
    snippet.set_defaults(verb=verb("snippet"))
