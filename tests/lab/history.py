# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source trees of the previous version, out of git history, as debian/changelog names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab.cache import REPOSITORY, cache, ensure
from tests.lab.command import run
from tests.lab.source import HEADER, version

CHANGELOG = "debian/changelog"
DEEPEN = "the clone must reach back to that version: git fetch --unshallow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The first and the last commit whose changelog begins with `version`."""

    version: str
    first: str
    last: str


def previous(changelog: str) -> str:
    """The version of the entry below the newest one."""
    found = HEADER.findall(changelog)
    if len(found) < 2:
        raise FalcotError(f"{CHANGELOG}: there is no version before {version(changelog)}")
    return str(found[1][1])


def span(tree: Path = REPOSITORY) -> Span:
    """Where the version before that of `tree` begins and ends in the history of HEAD."""
    wanted = previous((tree / CHANGELOG).read_text(encoding="utf-8"))
    boundary = _git(tree, "rev-parse", "--is-shallow-repository") == "true"
    # Newest first; a shallow clone's oldest commit seems to have made every file.
    changes = _git(tree, "log", "--first-parent", "--format=%H", "--", CHANGELOG).split()
    held = [commit for commit in changes if _version(tree, commit) == wanted]
    if not held or (boundary and held[-1] == changes[-1]):
        raise FalcotError(f"git history does not hold all of version {wanted}", hint=DEEPEN)
    newer = changes[: changes.index(held[0])]
    last = _git(tree, "rev-parse", f"{newer[-1]}^1" if newer else "HEAD")
    return Span(version=wanted, first=held[-1], last=last)


def checkout(commit: str, tree: Path = REPOSITORY) -> Path:
    """The files of `commit` in a directory of the cache, in which `build.build` can build."""
    target = cache() / "history" / commit[:12]

    def make(partial: Path) -> None:
        packed = partial / "tree.tar"
        _git(tree, "-c", "tar.umask=0022", "archive", f"--output={packed}", commit)
        run(["tar", "--extract", f"--file={packed}", f"--directory={partial}"])
        packed.unlink()
        # A build takes what git does not ignore.
        run(["git", "init", "--quiet", partial])

    return ensure(target, make)


def _version(tree: Path, commit: str) -> str:
    return version(_git(tree, "show", f"{commit}:{CHANGELOG}"))


def _git(tree: Path, *argv: str) -> str:
    # Under sudo the repository belongs to somebody else, which git refuses by default.
    trust = ("git", "-c", "safe.directory=*", "-C", tree)
    return run(
        [*trust, *argv], hint="the previous version is built from a git clone"
    ).stdout.strip()
