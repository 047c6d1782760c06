# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m tests.lab VERB`: what the Makefile's targets call."""

from __future__ import annotations

import argparse
import os
import sys

from falcot_rtc.errors import FalcotError
from tests.lab import build, demo, needs
from tests.lab.release import release


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab", description=__doc__)
    parser.add_argument("--release", default=os.environ.get("RELEASE") or "trixie")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("needs", help="install what this machine needs")
    verbs.add_parser("deb", help="build dist/RELEASE/*.deb")
    verbs.add_parser("repo", help="make the signed archive dist/RELEASE/repo")
    verbs.add_parser("source", help="make the source package dist/source")
    verbs.add_parser("demo", help="boot a host, install, check")
    verbs.add_parser("shell", help="enter the demo host").add_argument("script", nargs="?")
    verbs.add_parser("stop", help="end the demo host")
    arguments = parser.parse_args(argv)
    chosen = release(arguments.release)
    match arguments.verb:
        case "needs":
            needs.install()
        case "deb":
            needs.install(needs.LAB)
            print(*build.build(chosen), sep="\n")
        case "repo":
            needs.install(needs.LAB)
            print(build.repo(chosen))
        case "source":
            needs.install(needs.LAB)
            print(*build.build_source(chosen), sep="\n")
        case "demo":
            return demo.demonstrate(chosen.codename)
        case "shell":
            return demo.shell(arguments.script or "")
        case "stop":
            return demo.stop()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FalcotError as error:
        sys.exit(f"falcot-rtc lab: {error}")
