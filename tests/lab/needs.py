# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages that the build machine itself needs; nothing among them runs a daemon."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab.command import run
from tests.lab.progress import step

LAB = (
    "apt-utils",
    "debian-archive-keyring",
    "dpkg-dev",
    "git",
    "gpg",
    "gpg-agent",
    "gpgconf",
    "gpgv",
    "iproute2",
    "mmdebstrap",
    "mount",
    "nftables",
    "openssh-client",
    "procps",
    "python3",
    "systemd-container",
    "util-linux",
)
CHECK = ("lua5.4", "python3-venv", "tmux")
BROWSER = ("chromium", "libnss3-tools")
# A newer Node.js often comes from elsewhere, npm included, and Debian's npm conflicts with it.
PROGRAMS = {"nodejs": "node", "npm": "npm"}

# A Debian 12 never upgraded since before Debian 13 lacks the keys to verify the latter with.
TRIXIE_KEY = Path("/usr/share/keyrings/debian-archive-trixie-automatic.gpg")


def missing(
    statuses: str, wanted: tuple[str, ...], programs: Collection[str] = ()
) -> tuple[str, ...]:
    """Those of `wanted` that `statuses` (lines "PACKAGE STATUS" of dpkg-query) lacks, and whose
    program (PROGRAMS), if any, is not among the `programs` of this machine."""
    installed = {line.split()[0] for line in statuses.splitlines() if line.endswith(" installed")}
    return tuple(
        package
        for package in wanted
        if package not in installed and PROGRAMS.get(package) not in programs
    )


def install(wanted: tuple[str, ...] = LAB + CHECK + BROWSER) -> None:
    """Install what is missing of `wanted`; needs root only when something is."""
    shown = "--showformat=${Package} ${db:Status-Status}\n"
    statuses = run(["dpkg-query", "--show", shown, *wanted], check=False).stdout
    found = [program for program in PROGRAMS.values() if shutil.which(program)]
    absent = list(missing(statuses, wanted, found))
    if "debian-archive-keyring" in wanted and not TRIXIE_KEY.exists():
        absent.append("debian-archive-keyring")
    if not absent:
        return
    if os.geteuid() != 0:
        raise FalcotError(
            f"packages are missing on this machine: {' '.join(absent)}",
            hint=f"sudo apt install {' '.join(absent)}",
        )
    with step(f"packages this machine needs: {' '.join(absent)}"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "--quiet", "update"], env=quiet)
        get = ("apt-get", "--yes", "--quiet", "--no-install-recommends", "install")
        run([*get, *absent], env=quiet)
