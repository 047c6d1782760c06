# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that falcot-rtc depends on, with each release's floors (Debian Policy chapter 7)."""

from __future__ import annotations

from collections.abc import Sequence

# Part of what debmutate.control documents, though not of its __all__.
from debmutate.control import PkgRelation  # type: ignore[attr-defined]

from falcot_rtc.errors import UsageError
from falcot_rtc.policy import Policy, Provider
from falcot_rtc.resources import Package, SystemUser


def default_providers(policies: Sequence[Policy]) -> tuple[Provider, ...]:
    """What is installed when nobody chooses: each role's first provider."""
    return tuple(provider for policy in policies for provider in policy.providers[:1])


def packages(policies: Sequence[Policy]) -> tuple[Package, ...]:
    """Every needed package once, sorted by name; ValueError when two rows of one package differ."""
    rows = [
        *(package for policy in policies for package in policy.packages),
        *(package for provider in default_providers(policies) for package in provider.packages),
    ]
    found: dict[str, Package] = {}
    for row in rows:
        if found.setdefault(row.name, row) != row:
            raise ValueError(f"package '{row.name}' is declared twice, and differently")
    return tuple(found[name] for name in sorted(found))


def releases(policies: Sequence[Policy]) -> tuple[str, ...]:
    """The code names of the Debian releases for which there are floors, sorted."""
    return tuple(sorted({name for package in packages(policies) for name in package.floors}))


def known_release(policies: Sequence[Policy], release: str) -> str:
    """`release` itself; UsageError where no floor was ever decided for it."""
    known = releases(policies)
    if release not in known:
        raise UsageError(
            f"release '{release}' is not one of {', '.join(known)}",
            hint="add its floors to the packages of falcot_rtc/policies",
        )
    return release


def relation(package: Package, release: str) -> str:
    """One relation, such as `coturn (>= 4.6.1) | resiprocate-turn-server`."""
    floor = package.floors.get(release)
    first = PkgRelation(package.name, version=(">=", floor) if floor else None)
    return " | ".join(one.str() for one in (first, *map(PkgRelation, package.alternatives)))


def depends(policies: Sequence[Policy], release: str) -> str:
    """The value of ${falcot-rtc:Depends}."""
    return _relations(policies, release, recommended=False)


def recommends(policies: Sequence[Policy], release: str) -> str:
    """The value of ${falcot-rtc:Recommends}."""
    return _relations(policies, release, recommended=True)


def _relations(policies: Sequence[Policy], release: str, *, recommended: bool) -> str:
    known_release(policies, release)
    wanted = (one for one in packages(policies) if one.recommended == recommended)
    return ", ".join(relation(package, release) for package in wanted)


def held(policies: Sequence[Policy]) -> tuple[tuple[str, str], ...]:
    """The stock units that may not start unconfigured, each with the package that brings it."""
    return tuple(
        (unit, provider.packages[0].name)
        for provider in default_providers(policies)
        for unit in provider.held
    )


def users(policies: Sequence[Policy]) -> tuple[SystemUser, ...]:
    return tuple(
        user for policy in policies for provider in policy.providers for user in provider.users
    )
