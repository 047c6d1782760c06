# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a release's archive can satisfy every floor, judged by its Packages indexes.

Version order: deb-version(7). Index format: https://wiki.debian.org/DebianRepository/Format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from debian.deb822 import Packages
from debian.debian_support import Version

from falcot_rtc.errors import FalcotError
from falcot_rtc.packaging import archive
from falcot_rtc.resources import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One Packages index, and the code name of the suite that it belongs to."""

    suite: str
    text: str


def versions(text: str, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The versions that an index has of each of `names`; names that it lacks are left out."""
    wanted = {f"Package: {name}": name for name in names}
    found: dict[str, list[str]] = {}
    # Whole indexes have 60 000 stanzas: only those that matter are parsed.
    for stanza in text.split("\n\n"):
        first = stanza.lstrip("\n").partition("\n")[0]
        if first in wanted:
            version = Packages(stanza.strip("\n")).get("Version", "")
            found.setdefault(wanted[first], []).append(version)
    return {name: tuple(listed) for name, listed in found.items()}


def highest(listed: Iterable[str]) -> str:
    """The newest of some versions, empty when there is none."""
    return max(listed, key=Version, default="")


def faults(packages: Sequence[Package], release: str, indexes: Sequence[Index]) -> list[str]:
    """One line for each floor that the release or its backports can't satisfy, or that needs

    backports without being pinned by falcot-rtc-archive, or the other way round.
    """
    names = [package.name for package in packages]
    stable: dict[str, list[str]] = {}
    backported: dict[str, list[str]] = {}
    for index in indexes:
        side = backported if index.suite == archive.backports(release) else stable
        for name, listed in versions(index.text, names).items():
            side.setdefault(name, []).extend(listed)
    lines = (_fault(package, release, stable, backported) for package in packages)
    return [line for line in lines if line]


def _fault(
    package: Package,
    release: str,
    stable: Mapping[str, Sequence[str]],
    backported: Mapping[str, Sequence[str]],
) -> str:
    name, floor = package.name, package.floors.get(release, "")
    has, backport = highest(stable.get(name, ())), highest(backported.get(name, ()))
    pinned = name in archive.BACKPORTED
    if has and Version(has) >= Version(floor or "0~"):
        return f"{name}: {release} itself has {has}, so it needs no pin" if pinned else ""
    if backport and Version(backport) >= Version(floor or "0~"):
        if pinned:
            return ""
        return f"{name}: the floor {floor} is met by backports only ({backport}), without a pin"
    offered = f"{release} has {has or 'none'}, its backports have {backport or 'none'}"
    return f"{name} (>= {floor}): {offered}" if floor else f"{name}: {offered}"


def check(packages: Sequence[Package], release: str, indexes: Sequence[Index]) -> None:
    """Raise FalcotError naming every floor that an administrator of `release` could not meet."""
    found = faults(packages, release, indexes)
    if found:
        raise FalcotError(
            f"{release}: floors that the archive does not satisfy: {'; '.join(found)}",
            hint="adjust the floors in falcot_rtc/policies, or BACKPORTED in packaging/archive.py",
        )
