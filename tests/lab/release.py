# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian releases the lab can build for and boot."""

from __future__ import annotations

from dataclasses import dataclass

from falcot_rtc.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    codename: str
    version: int
    suite: str

    @property
    def backports(self) -> str:
        return f"{self.codename}-backports"

    @property
    def suffix(self) -> str:
        """What a package version of this release ends with, so that upgrades sort upwards."""
        return f"~deb{self.version}u1"


RELEASES = (
    Release(codename="trixie", version=13, suite="stable"),
    Release(codename="bookworm", version=12, suite="oldstable"),
)


def release(codename: str) -> Release:
    """The release called `codename`; UsageError when the lab does not know it."""
    for known in RELEASES:
        if known.codename == codename:
            return known
    names = ", ".join(known.codename for known in RELEASES)
    raise UsageError(f"release '{codename}' is not one of {names}", hint="RELEASE=trixie")
