# PYTHON_ARGCOMPLETE_OK
# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command falcot-rtc(8): verbs, and the only place that turns errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

from falcot_rtc import start
from falcot_rtc.errors import FalcotError, UsageError

Verb = Callable[[argparse.Namespace], int]


class Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version

        print(f"falcot-rtc {version('falcot-rtc')}")
        parser.exit()


class Top(argparse.ArgumentParser):
    """Knows no verbs by itself: the overview has a module of its own, which starts quicker."""

    def format_help(self) -> str:
        return start.overview()


def parser() -> argparse.ArgumentParser:
    # The verbs are imported when one is called: --help and completion stay quick.
    def verb(name: str, module: str = "verbs") -> Verb:
        def call(given: argparse.Namespace) -> int:
            found = importlib.import_module(f"falcot_rtc.{module}")
            return cast(Verb, getattr(found, name))(given)

        return call

    top = Top(prog="falcot-rtc", usage=start.USAGE)
    top.add_argument("--version", action=Version, nargs=0)
    subparsers = top.add_subparsers(
        metavar="VERB", required=True, parser_class=argparse.ArgumentParser, prog="falcot-rtc"
    )

    def add(name: str, function: str) -> argparse.ArgumentParser:
        text = start.VERBS[name]
        sub = subparsers.add_parser(name, help=text, description=text)
        sub.set_defaults(verb=verb(function))
        return sub

    setup = add("setup", "setup")
    setup.add_argument("--all", action="store_true", help="ask the rarer questions too")

    add("plan", "plan")

    apply = add("apply", "apply_now")
    apply.add_argument("--dry-run", action="store_true", help="the same as plan")

    check = add("check", "check")
    form = check.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the results as JSON")
    form.add_argument("--nagios", action="store_true", help="print one line for monitoring")
    form.add_argument(
        "--ticket",
        action="store_true",
        help="print a ticket (it holds passwords) with which another machine can check this host",
    )
    check.add_argument(
        "--with",
        dest="ticket_file",
        metavar="FILE",
        help="check the host that printed this ticket; - reads standard input",
    )
    check.add_argument("--failed", action="store_true", help="show only what is not fine")

    status = add("status", "status")
    status.add_argument("--json", action="store_true", help="print it as JSON")

    config = add("config", "config_get")
    what = config.add_subparsers(metavar="get|set", required=True)
    get = what.add_parser("get", help="print the value of a key, or of all")
    get.add_argument("key", nargs="?", metavar="KEY")
    get.set_defaults(verb=verb("config_get"))
    put = what.add_parser("set", help="set a key in settings.toml; an empty value removes it")
    put.add_argument("key", metavar="KEY")
    put.add_argument("value", metavar="VALUE")
    put.add_argument(
        "--check", action="store_true", help="exit with 1 if it would change, write nothing"
    )
    put.set_defaults(verb=verb("config_set"))

    dns = add("dns", "dns_show")
    records = dns.add_subparsers(metavar="show", required=True)
    show = records.add_parser("show", help="print the zone of each domain")
    show.set_defaults(verb=verb("dns_show"))

    ports = add("ports", "ports")
    ports.add_argument("--json", action="store_true", help="print it as JSON")

    _user(
        subparsers.add_parser("user", help=start.VERBS["user"], description=start.VERBS["user"]),
        verb,
    )

    add("dump-preseed", "dump_preseed")
    return top


def _user(user: argparse.ArgumentParser, verb: Callable[[str, str], Verb]) -> None:
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

    from falcot_rtc import verbs_bulk

    verbs_bulk.register(what, lambda name: verb(name, "verbs_bulk"))


def main(argv: Sequence[str] | None = None) -> int:
    top = parser()
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(top)
    given = top.parse_args(argv)
    try:
        return cast(Verb, given.verb)(given)
    except FalcotError as error:
        print(f"falcot-rtc: {error}", file=sys.stderr)
        return error.exit_code
    except PermissionError as error:
        failure = UsageError(f"{error.filename}: permission denied", hint="run it as root")
        print(f"falcot-rtc: {failure}", file=sys.stderr)
        return failure.exit_code
    except BrokenPipeError:
        # Somebody read enough, as in `falcot-rtc plan | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
