# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone's files, made by npm on this machine: dpkg-buildpackage has no network and no bundler.

package-lock.json says what npm may fetch; the result is kept as long as no source changes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.lab import source
from tests.lab.cache import cache, digest, ensure, remove
from tests.lab.command import run
from tests.lab.progress import step

SOURCE = Path("data", "web-phone")
# Where debian/rules expects what is served, and lintian the readable form of what is not.
SERVED = SOURCE / "dist"
READABLE = Path("debian", "missing-sources")
RECIPE = 1


def put(tree: Path, names: tuple[Path, ...], target: Path) -> None:
    """Copy the built phone of `tree` into the copy `target` of its source; nothing without one."""
    own = tuple(name for name in names if name.parts[:2] == SOURCE.parts)
    if not own:
        return
    built = made(tree, own)
    shutil.copytree(built, target / SERVED, ignore=shutil.ignore_patterns("readable"))
    shutil.copytree(built / "readable", target / READABLE)


def made(tree: Path, names: tuple[Path, ...]) -> Path:
    """The directory with the files that are served, and `readable` with the scripts in full."""
    key = digest(RECIPE, source.tree_digest(tree, names))

    def make(partial: Path) -> None:
        work = partial / "source"
        with step("web phone (npm)"):
            source.copy(tree, names, work)
            phone = work / SOURCE
            # The caller's way to the registry (proxy, authorities) is the one that works here.
            run(["npm", "ci", "--ignore-scripts"], cwd=phone, env=os.environ)
            run(["node", "build.mjs", partial / "dist"], cwd=phone)
        remove(work)

    return ensure(cache() / "web-phone" / key, make) / "dist"
