# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: what a role needs before any answer is known, and what follows from the answers.

The static half (packages, questions, tunables, users, units) builds the package; the derived half
is pure functions from a `Site` to endpoints, resources and DNS records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from falcot_rtc.endpoints import Endpoint
from falcot_rtc.resources import (
    DnsRecord,
    Package,
    Question,
    Resource,
    SystemUser,
)
from falcot_rtc.settings import Key, Settings

Tunables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that the derived half may know of a host; the same site renders the same bytes.

    `release` is Debian's code name; `tunables` is by policy, `secrets` by name; `overlays` has the
    text of each file in /etc/falcot-rtc/local.d, by provider and file name.
    """

    settings: Settings
    release: str
    endpoints: tuple[Endpoint, ...]
    tunables: Tunables
    secrets: Mapping[str, str]
    overlays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def role(self, role: str) -> tuple[Endpoint, ...]:
        return tuple(endpoint for endpoint in self.endpoints if endpoint.role == role)

    def purpose(self, purpose: str) -> tuple[Endpoint, ...]:
        return tuple(endpoint for endpoint in self.endpoints if endpoint.purpose == purpose)


def _no_endpoints(settings: Settings, tunables: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    return ()


def _no_resources(site: Site) -> tuple[Resource, ...]:
    return ()


def _no_records(site: Site) -> tuple[DnsRecord, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One software that can fill a role.

    `held` are the stock units that may not start before they are configured; `secrets` are random
    values that exist in /etc/falcot-rtc/secrets before anything is rendered; those in `minting`
    have generations (falcot_rtc.minted) and are rotated.
    """

    name: str
    packages: tuple[Package, ...]
    held: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    minting: tuple[str, ...] = ()
    users: tuple[SystemUser, ...] = ()
    resources: Callable[[Site], tuple[Resource, ...]] = _no_resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One concern of a site. `role` is its token in `services`, empty for what every host has."""

    name: str
    role: str = ""
    packages: tuple[Package, ...] = ()
    questions: tuple[Question, ...] = ()
    tunables: tuple[Key, ...] = ()
    providers: tuple[Provider, ...] = ()
    endpoints: Callable[[Settings, Mapping[str, Any]], tuple[Endpoint, ...]] = _no_endpoints
    resources: Callable[[Site], tuple[Resource, ...]] = _no_resources
    records: Callable[[Site], tuple[DnsRecord, ...]] = _no_records

    def provider(self, settings: Settings) -> Provider | None:
        wanted = settings.providers.get(self.role)
        return next((p for p in self.providers if p.name == wanted), None)
