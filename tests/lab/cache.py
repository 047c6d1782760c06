# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories that are made once, whole or not at all, and shared by concurrent runs."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.command import run

REPOSITORY = Path(__file__).resolve().parents[2]


def cache() -> Path:
    """The cache directory: `.cache` of the repository, or $FALCOT_RTC_CACHE.

    It must lie on a file system that can hold an overlay's upper directory (ext4, xfs, btrfs).
    """
    return Path(os.environ.get("FALCOT_RTC_CACHE") or REPOSITORY / ".cache")


def digest(*parts: object) -> str:
    """A short name for `parts` (anything JSON can write) that changes whenever they do."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def remove(tree: Path) -> None:
    """Delete `tree`, never crossing into something mounted below it."""
    run(["rm", "-rf", "--one-file-system", tree])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` exclusively; the kernel releases it even when we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(target: Path, make: Callable[[Path], None]) -> Path:
    """Return `target`; when it is missing, `make` fills a directory that then becomes it.

    An interrupted run leaves only a `.partial` directory, which the next one discards.
    """
    if target.is_dir():
        return target
    with locked(target.with_name(f"{target.name}.lock")):
        if target.is_dir():
            return target
        partial = target.with_name(f"{target.name}.partial")
        remove(partial)
        partial.mkdir(parents=True)
        make(partial)
        partial.rename(target)
    return target
