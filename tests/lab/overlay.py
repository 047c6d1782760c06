# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root file systems as overlays: a fresh upper directory over shared lower ones (overlayfs)."""

from __future__ import annotations

from pathlib import Path

from tests.lab.cache import remove
from tests.lab.command import run


def root(directory: Path) -> Path:
    return directory / "root"


def upper(directory: Path) -> Path:
    return directory / "upper"


def mount(directory: Path, lowers: tuple[Path, ...]) -> Path:
    """Mount `lowers` (topmost first) below `directory`; return the root to work in."""
    for part in ("upper", "work", "root"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    # The root directory of the overlay takes its mode from the upper one.
    upper(directory).chmod(0o755)
    options = ",".join(
        (
            "lowerdir=" + ":".join(str(lower) for lower in lowers),
            f"upperdir={upper(directory)}",
            f"workdir={directory / 'work'}",
            # Directories of the layers below can be renamed, as on a disk.
            "redirect_dir=on",
        )
    )
    run(["mount", "-t", "overlay", "falcot-rtc-lab", "-o", options, root(directory)])
    return root(directory)


def unmount(directory: Path) -> None:
    """Unmount what `mount` mounted, if it is mounted."""
    if root(directory).is_mount():
        run(["umount", root(directory)])


def discard(directory: Path) -> None:
    unmount(directory)
    remove(directory)
