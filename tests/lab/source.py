# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source tree as a build sees it: what git tracks or would track, and its digest."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab.command import run

HEADER = re.compile(r"^(?P<source>\S+) \((?P<version>[^)]+)\)", re.MULTILINE)


def files(tree: Path) -> tuple[Path, ...]:
    """The files below `tree` that are not ignored, relative and sorted."""
    # Under sudo the tree belongs to somebody else, which git refuses by default.
    trust = ("git", "-c", "safe.directory=*", "-C", tree)
    listing = run(
        [*trust, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        hint="build from a git clone",
    ).stdout
    names = sorted({name for name in listing.split("\0") if name})
    # A file deleted but not yet from the index is still listed.
    return tuple(Path(name) for name in names if (tree / name).is_symlink() or _is_file(tree, name))


def _is_file(tree: Path, name: str) -> bool:
    return (tree / name).is_file()


def tree_digest(tree: Path, names: tuple[Path, ...]) -> str:
    """Changes when a file of `names` changes in name, content, kind or executability."""
    whole = hashlib.sha256()
    for name in names:
        path = tree / name
        if path.is_symlink():
            kind, content = "link", str(path.readlink()).encode()
        else:
            kind = "program" if path.stat().st_mode & 0o100 else "file"
            content = path.read_bytes()
        whole.update(f"{kind} {name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def copy(tree: Path, names: tuple[Path, ...], target: Path) -> None:
    for name in names:
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / name, destination, follow_symlinks=False)


def version(changelog: str) -> str:
    """The version of the newest entry of a debian/changelog."""
    found = HEADER.search(changelog)
    if found is None:
        raise FalcotError("debian/changelog: the first line names no version")
    return found["version"]


def name(changelog: str) -> str:
    """The name of the source package of a debian/changelog."""
    found = HEADER.search(changelog)
    if found is None:
        raise FalcotError("debian/changelog: the first line names no source package")
    return found["source"]


def suffixed(changelog: str, suffix: str) -> str:
    """The changelog with `suffix` after the newest version, so that each release has its own."""
    newest = version(changelog)
    return changelog.replace(f"({newest})", f"({newest}{suffix})", 1)
