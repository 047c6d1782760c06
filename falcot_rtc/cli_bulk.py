# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc user import` and `user export`; what they do is in verbs_bulk."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

FORMATS = ("csv", "jsonl", "htdigest", "return", "repro")


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add both to those of `user`; `verb` finds the function by its name here."""
    text = "Add or change many people; run it again after an interruption."
    add = subparsers.add_parser("import", help=text, description=text)
    add.add_argument("file", metavar="FILE", help="the people; - reads standard input")
    add.add_argument("--format", choices=FORMATS, help="by default from the file's name")
    add.add_argument("--domain", help="of names without one; by default the first")
    add.add_argument("--dry-run", action="store_true", help="only say what would happen")
    add.add_argument(
        "--generate", action="store_true", help="make passwords for new people without one"
    )
    add.add_argument(
        "--passwords", metavar="FILE", help="append the generated ones here, not to the output"
    )
    add.set_defaults(verb=verb("user_import"))

    text = "Print everybody: the public facts, or all that another host needs."
    out = subparsers.add_parser("export", help=text, description=text)
    out.add_argument("--format", choices=FORMATS[:2], default="csv", help="jsonl has the hashes")
    out.add_argument("--output", metavar="FILE", help="write here (0600), not to the output")
    out.set_defaults(verb=verb("user_export"))
