# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pin that lets exactly the backported service packages through, apt_preferences(5)."""

from __future__ import annotations

# Packages whose floor only the release's backports reach; packaging.floors proves it.
BACKPORTED = ("prosody", "prosody-modules")

# That of an ordinary release: as soon as stable has a newer version, it wins.
PRIORITY = 500


def backports(release: str) -> str:
    return f"{release}-backports"


def preferences(release: str) -> str:
    return (
        f"Explanation: falcot-rtc needs these at the version of {backports(release)}, which apt\n"
        "Explanation: does not take by itself (pin 100).\n"
        f"Package: {' '.join(BACKPORTED)}\n"
        f"Pin: release n={backports(release)}\n"
        f"Pin-Priority: {PRIORITY}\n"
    )
