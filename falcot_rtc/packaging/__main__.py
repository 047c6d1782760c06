# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command of debian/rules and of developers: `python3 -m falcot_rtc.packaging VERB`."""

from __future__ import annotations

import argparse
import gzip
import lzma
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from falcot_rtc.errors import FalcotError
from falcot_rtc.packaging import archive, files, relations
from falcot_rtc.policies import ALL

DEBIAN = Path("debian")
INDEX_TARGETS = ("apt-get", "indextargets", "--format", "$(CODENAME)|$(FILENAME)")


def present(debian: Path) -> dict[str, str]:
    """What is there of the generated files."""
    paths = [debian / name for name in files.expected(ALL, config(debian))]
    paths += sorted((debian / files.CONFFILES).glob("*.toml"))
    return {
        str(path.relative_to(debian)): path.read_text(encoding="utf-8")
        for path in paths
        if path.exists()
    }


def config(debian: Path) -> str:
    return (debian / files.CONFIG).read_text(encoding="utf-8")


def generate(debian: Path) -> None:
    wanted = files.expected(ALL, config(debian))
    for name in files.stale(wanted, present(debian)):
        path = debian / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
        print(f"debian/{name}")


def check(debian: Path) -> None:
    found = files.stale(files.expected(ALL, config(debian)), present(debian))
    if found:
        raise FalcotError(
            f"not what the policies say: {', '.join(f'debian/{name}' for name in found)}",
            hint="python3 -m falcot_rtc.packaging generate",
        )


def run(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise FalcotError(f"{' '.join(argv)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def read_index(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode()
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes()).decode()
    return path.read_text(encoding="utf-8")


def check_floors(release: str, named: Sequence[str]) -> str:
    """Judge by the SUITE=FILE indexes in `named`, or by apt's own lists when there are none."""
    from falcot_rtc.packaging.floors import Index, check

    if named:
        pairs = [name.partition("=") for name in named]
        indexes = [Index(suite=suite, text=read_index(Path(path))) for suite, _, path in pairs]
    else:
        indexes = []
        for line in run(*INDEX_TARGETS, "Created-By: Packages").splitlines():
            suite, _, path = line.partition("|")
            if suite.partition("-")[0] == release:
                text = run("/usr/lib/apt/apt-helper", "cat-file", path)
                indexes.append(Index(suite=suite, text=text))
    if not indexes:
        raise FalcotError(f"no Packages index of {release} here", hint="apt-get update")
    packages = relations.packages(ALL)
    check(packages, relations.known_release(ALL, release), indexes)
    return f"{release}: {len(packages)} packages can be had at their floors\n"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m falcot_rtc.packaging")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("generate", help="write the generated files of debian/")
    verbs.add_parser("check", help="fail when one of them is stale")
    verbs.add_parser("held", help="print UNIT:PACKAGE of the units that preinst holds")
    verbs.add_parser("users", help="print our system users")
    for name, text in (
        ("substvars", "print the substitution variables of debian/control"),
        ("preferences", "print apt's preferences for falcot-rtc-archive"),
        ("sources", "print apt's source for the archive of falcot-rtc itself"),
        ("floors", "check that the archive satisfies every floor"),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--release", required=True, help="Debian's code name")
        if name == "sources":
            verb.add_argument("--uri", required=True, help="where that archive is served")
        if name == "floors":
            verb.add_argument("index", nargs="*", metavar="SUITE=FILE", help="Packages[.gz|.xz]")
    asked = parser.parse_args(argv)
    try:
        match asked.verb:
            case "generate":
                generate(DEBIAN)
            case "check":
                check(DEBIAN)
            case "held":
                print(" ".join(f"{unit}:{package}" for unit, package in relations.held(ALL)))
            case "users":
                print(" ".join(user.name for user in relations.users(ALL)))
            case "substvars":
                print(f"falcot-rtc:Depends={relations.depends(ALL, asked.release)}")
                print(f"falcot-rtc:Recommends={relations.recommends(ALL, asked.release)}")
            case "preferences":
                release = relations.known_release(ALL, asked.release)
                sys.stdout.write(archive.preferences(release))
            case "sources":
                release = relations.known_release(ALL, asked.release)
                sys.stdout.write(archive.sources(release, asked.uri.strip()))
            case "floors":
                sys.stdout.write(check_floors(asked.release, asked.index))
    except FalcotError as error:
        print(f"falcot-rtc packaging: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
