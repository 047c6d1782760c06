# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `falcot-rtc cert`; what they do is in verbs_cert."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from falcot_rtc import start


def register(subparsers: Any, verb: Callable[[str], Callable[[argparse.Namespace], int]]) -> None:
    """Add it to the verbs; `verb` finds the functions by their names there."""
    text = start.VERBS["cert"]
    top = subparsers.add_parser("cert", help=text, description=text)
    what = top.add_subparsers(metavar="status|renew|install|ca", required=True)

    def add(name: str, function: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = what.add_parser(name, help=text, description=text)
        made.set_defaults(verb=verb(function))
        return made

    status = add("status", "status", "show the certificate that is configured, and that is served")
    status.add_argument("--json", action="store_true", help="print it as JSON")

    renew = add("renew", "renew", "renew the certificate now, live, and prove that it is served")
    when = renew.add_mutually_exclusive_group()
    when.add_argument("--due", action="store_true", help="only if it is time; for the timer")
    when.add_argument(
        "--deploy", action="store_true", help="only take up what is there; for hooks of others"
    )

    install = add("install", "install", "check a certificate of yours, and serve it from now on")
    install.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="PEM in any order, or PKCS#12: certificate, chain, key",
    )
    install.add_argument(
        "--password-stdin", action="store_true", help="read the passphrase from standard input"
    )

    ca = add("ca", "ca", "print the certificate of this host's own CA, for devices to trust")
    ca.add_argument("--fingerprint", action="store_true", help="print its fingerprint alone")
