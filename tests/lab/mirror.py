# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's package sources as this machine's own apt configuration names them (sources.list(5)).

`MIRROR="URI [SECURITY-URI]"` in the environment takes their place.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from falcot_rtc.errors import FalcotError
from tests.lab.command import run
from tests.lab.release import Release

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

INDEX_TARGETS = (
    "apt-get",
    "indextargets",
    "--format",
    "$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)",
)

# A mirror may carry any suite of Debian; each of these names its main archive.
CODENAMES = ("bullseye", "bookworm", "trixie", "forky", "duke", "sid")
SUITES = ("oldoldstable", "oldstable", "stable", "testing", "unstable")

# How this machine reaches its mirrors; everything else in its configuration is its own affair.
TRANSPORT = re.compile(
    r"^Acquire::((http|https)::|Retries|Check-Date|Check-Valid-Until|ForceIPv)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """The base URIs of the main archive and, where known, of the security archive."""

    archive: str
    security: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One suite of one archive, component main."""

    uri: str
    suite: str

    def line(self) -> str:
        return f"deb [signed-by={KEYRING}] {self.uri} {self.suite} main"


def configured(index_targets: str) -> Mirror | None:
    """The mirror that the output of INDEX_TARGETS names; None when it names none of Debian's."""
    archive = security = ""
    for line in index_targets.splitlines():
        created_by, uri, suite, component, origin = line.split("|")
        # Lists never downloaded have no Origin yet: apt leaves the variable as it is.
        theirs = origin == "Debian" or origin.startswith("$(")
        if created_by != "Packages" or component != "main" or not theirs:
            continue
        if uri.startswith("cdrom:"):
            continue
        if suite.endswith(("-security", "/updates")):
            security = security or uri
        elif suite in (*CODENAMES, *SUITES):
            archive = archive or uri
    return Mirror(archive=archive, security=security) if archive else None


def overridden(value: str) -> Mirror:
    """The mirror that MIRROR=`value` means: one URI, or two, the second for security updates."""
    words = value.split()
    if not 1 <= len(words) <= 2 or not all(re.match(r"[a-z+]+:/", word) for word in words):
        raise FalcotError(
            f"MIRROR: '{value}' is not a URI", hint="MIRROR='URI-OF-DEBIAN [URI-OF-SECURITY]'"
        )
    return Mirror(archive=words[0], security=words[1] if len(words) == 2 else "")


def mirror() -> Mirror:
    """The mirror to build from: MIRROR=, else what apt on this machine uses."""
    override = os.environ.get("MIRROR", "").strip()
    if override:
        return overridden(override)
    # Origins are known only after a first `apt update`; before it, suites have to do.
    for options in ((), ("--no-release-info",)):
        found = configured(run([*INDEX_TARGETS, *options]).stdout)
        if found is not None:
            return found
    raise FalcotError(
        "apt on this machine knows no Debian mirror", hint="make … MIRROR=URI-OF-DEBIAN"
    )


def stable_sources(release: Release, at: Mirror) -> tuple[Source, ...]:
    """What a server of `release` has by default: the release, its updates, security."""
    code = release.codename
    suites = [Source(uri=at.archive, suite=code), Source(uri=at.archive, suite=f"{code}-updates")]
    if at.security:
        suites.append(Source(uri=at.security, suite=f"{code}-security"))
    return tuple(suites)


def backports_source(release: Release, at: Mirror) -> Source:
    return Source(uri=at.archive, suite=release.backports)


def transport_options(apt_config_dump: str) -> tuple[str, ...]:
    """The lines of `apt-config dump` without which the mirror may not be reachable."""
    return tuple(line for line in apt_config_dump.splitlines() if TRANSPORT.match(line))


def transport() -> tuple[str, ...]:
    return transport_options(run(["apt-config", "dump"]).stdout)
