# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What falcot-rtc-archive gives apt: the pin of apt_preferences(5), and a source."""

from __future__ import annotations

from falcot_rtc.errors import UsageError

# Packages whose floor only the release's backports reach; packaging.floors proves it.
BACKPORTED = ("prosody", "prosody-modules")

# That of an ordinary release: as soon as stable has a newer version, it wins.
PRIORITY = 500


KEYRING = "/usr/share/keyrings/falcot-rtc-archive-keyring.gpg"


def sources(release: str, uri: str) -> str:
    """The deb822 source, sources.list(5), of the archive that publishes falcot-rtc itself."""
    if any(character.isspace() for character in uri) or ":" not in uri:
        raise UsageError(f"archive: {uri!r} is not a URI", hint="such as https://HOST/PATH")
    return f"Types: deb\nURIs: {uri}\nSuites: {release}\nComponents: main\nSigned-By: {KEYRING}\n"


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
