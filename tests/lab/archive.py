# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""An apt archive on disk: Packages indexes and the Release files that apt_preferences(5) reads."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.command import run
from tests.lab.signing import sign_release

COMPONENT = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What a Release file says about itself; a backports suite must be asked for."""

    codename: str
    suite: str
    origin: str
    label: str
    must_be_asked_for: bool = False

    def fields(self, architecture: str) -> dict[str, str]:
        fields = {
            "Origin": self.origin,
            "Label": self.label,
            "Suite": self.suite,
            "Codename": self.codename,
            "Architectures": f"all {architecture}",
            "Components": COMPONENT,
        }
        if self.must_be_asked_for:
            fields["NotAutomatic"] = "yes"
            fields["ButAutomaticUpgrades"] = "yes"
        return fields


def release_file(fields: Mapping[str, str], indexes: Mapping[str, bytes]) -> str:
    """A Release file with `fields` that vouches for `indexes` (path below it -> content)."""
    lines = [f"{name}: {value}" for name, value in fields.items()]
    lines.append("SHA256:")
    for path, content in sorted(indexes.items()):
        lines.append(f" {hashlib.sha256(content).hexdigest()} {len(content)} {path}")
    return "\n".join(lines) + "\n"


def select(packages: str, names: Iterable[str]) -> str:
    """The stanzas of a Packages index whose file name (the last part) is in `names`."""
    wanted = set(names)
    stanzas = []
    for stanza in packages.split("\n\n"):
        for line in stanza.splitlines():
            if line.startswith("Filename: ") and line.rpartition("/")[2] in wanted:
                stanzas.append(stanza.strip("\n"))
    return "".join(f"{stanza}\n\n" for stanza in stanzas)


def scan(root: Path, pool: str = "pool") -> str:
    """The Packages index of every .deb below `root`/`pool`, all versions kept."""
    return run(["apt-ftparchive", "packages", pool], cwd=root).stdout


def write_suite(root: Path, suite: Suite, packages: str, architecture: str, date: str) -> None:
    """Write the signed dists/CODENAME of the archive `root`; `date` as RFC 5322 has it."""
    content = packages.encode()
    below = root / "dists" / suite.codename
    # apt accepts an index for "all" only from suites that say so; one complete index serves both.
    stem = f"{COMPONENT}/binary-{architecture}/Packages"
    indexes = {
        stem: content,
        f"{stem}.gz": gzip.compress(content, mtime=0),
        f"{stem}.xz": lzma.compress(content),
    }
    for path, data in indexes.items():
        file = below / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    # Without "No-Support-for-Architecture-all" apt would look for binary-all as well.
    fields = suite.fields(architecture)
    fields["No-Support-for-Architecture-all"] = "Packages"
    fields["Date"] = date
    (below / "Release").write_text(release_file(fields, indexes), encoding="utf-8")
    sign_release(below)
