# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc ports`; what it does is in verbs_ports."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from falcot_rtc import start

SECONDS = 60


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add it to the verbs; `verb` finds each function by its name there."""
    text = start.VERBS["ports"]
    ports = subparsers.add_parser("ports", help=text, description=text)
    form = ports.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print it as JSON")
    form.add_argument(
        "--nft", action="store_true", help="print a packet filter for nft that lets in just that"
    )
    ports.set_defaults(verb=verb("ports"))
    what = ports.add_subparsers(metavar="load|confirm|unload")

    load = what.add_parser("load", help="show the packet filter, and put it in force for a while")
    load.add_argument("--yes", action="store_true", help="do not ask")
    load.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        help=f"it is taken back after that, unless it was confirmed (default {SECONDS})",
    )
    load.set_defaults(verb=verb("load"))
    what.add_parser("confirm", help="keep it in force, also after a reboot").set_defaults(
        verb=verb("confirm")
    )
    what.add_parser("unload", help="take it back for good").set_defaults(verb=verb("unload"))
