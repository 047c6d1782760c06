# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc user …`; what they do is in verbs_user, verbs_people, verbs_bulk."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from falcot_rtc import cli_bulk

Verb = Callable[[argparse.Namespace], int]


def register(user: argparse.ArgumentParser, verb: Callable[[str, str], Verb]) -> None:
    """Add what follows `user`; `verb` finds a function by its name and its module."""
    what = user.add_subparsers(metavar="VERB", required=True)

    def add(name: str, text: str, *, several: bool = False) -> argparse.ArgumentParser:
        sub = what.add_parser(name, help=text, description=text)
        module = "verbs_people" if name in ("list", "show") else "verbs_user"
        sub.set_defaults(verb=verb(f"user_{name}", module))
        if name != "list":
            sub.add_argument(
                "address",
                metavar="NAME[@DOMAIN]",
                nargs="+" if several else None,
                help="the account; without a domain in the first",
            )
        return sub

    def with_password(sub: argparse.ArgumentParser) -> None:
        how = sub.add_mutually_exclusive_group()
        how.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        how.add_argument(
            "--generate", action="store_true", help="make a password, and print it once"
        )
        sub.add_argument(
            "--allow-weak", action="store_true", help="accept a password that pwscore refuses"
        )

    new = add("add", "Add a person: one account and password for SIP, XMPP and TURN.")
    with_password(new)
    new.add_argument("--extension", metavar="NUMBER", help="2 to 12 digits that phones can dial")
    new.add_argument(
        "--alias", metavar="NAME", action="append", default=[], help="another name to dial; repeat"
    )

    passwd = add("passwd", "Give a person a new password, everywhere at once.")
    with_password(passwd)
    passwd.add_argument("--log-out", action="store_true", help="end the person's sessions as well")

    change = add("set", "Change what can be dialled to reach a person.")
    change.add_argument("--extension", metavar="NUMBER", help='the extension; "" takes it away')
    change.add_argument(
        "--alias", metavar="NAME", action="append", help='exactly these aliases; "" for none'
    )

    rename = add("rename", "Give a person another name; contacts and archive go along.")
    rename.add_argument("new", metavar="NEW", help="the new name, in the same domain")
    with_password(rename)
    rename.add_argument(
        "--keep-password",
        action="store_true",
        help="ask for none: XMPP keeps the password, SIP and TURN wait for a new one",
    )

    add("delete", "Delete accounts with all that the services keep of them.", several=True)
    add("disable", "Lock people out at once; their sessions and calls end.", several=True)
    add("enable", "Let disabled people in again.", several=True)
    listed = add("list", "Show all accounts.")
    listed.add_argument("--json", action="store_true", help="print it as JSON")
    show = add("show", "Show an account, its devices and what it is doing now.")
    show.add_argument("--json", action="store_true", help="print it as JSON")

    text = "Find what was done past falcot-rtc, and rebuild what the services know."
    sync = what.add_parser("sync", help=text, description=text)
    sync.set_defaults(verb=verb("user_sync", "verbs_sync"))
    sync.add_argument("--check", action="store_true", help="only say it; exit with 1 if anything")
    other = sync.add_mutually_exclusive_group()
    other.add_argument(
        "--adopt", action="store_true", help="take in accounts that only a service knows"
    )
    other.add_argument(
        "--remove", action="store_true", help="remove accounts that only a service knows"
    )

    cli_bulk.register(what, lambda name: verb(name, "verbs_bulk"))
