# PYTHON_ARGCOMPLETE_OK
# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command falcot-rtc(8): verbs, and the only place that turns errors into exit codes."""

from __future__ import annotations

import argparse
import functools
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

from falcot_rtc import (
    cli_cert,
    cli_click_to_call,
    cli_credentials,
    cli_dns,
    cli_ports,
    cli_user,
    start,
)
from falcot_rtc.errors import FalcotError, UsageError, of_system

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
    put = what.add_parser(
        "set",
        help="set a key in settings.toml; an empty value removes it",
        usage="falcot-rtc config set [-h] [--check] KEY VALUE [KEY VALUE ...]",
        description="Set keys in settings.toml; an empty value removes one. Keys that need each "
        "other, such as the first domain and its address, are set at once.",
    )
    put.add_argument("pairs", metavar="KEY VALUE", nargs="+")
    put.add_argument(
        "--check", action="store_true", help="exit with 1 if it would change, write nothing"
    )
    put.set_defaults(verb=verb("config_set"))

    cli_dns.register(subparsers, functools.partial(verb, module="verbs_dns"))

    cli_ports.register(subparsers, functools.partial(verb, module="verbs_ports"))

    cli_user.register(
        subparsers.add_parser("user", help=start.VERBS["user"], description=start.VERBS["user"]),
        verb,
    )

    cli_cert.register(subparsers, functools.partial(verb, module="verbs_cert"))
    add("dump-preseed", "dump_preseed")
    cli_click_to_call.register(subparsers, functools.partial(verb, module="verbs_click_to_call"))
    cli_credentials.register(subparsers, functools.partial(verb, module="verbs_credentials"))
    return top


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
    except OSError as error:
        failed = of_system(error)
        print(f"falcot-rtc: {failed}", file=sys.stderr)
        return failed.exit_code
    except KeyboardInterrupt:
        print("falcot-rtc: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
