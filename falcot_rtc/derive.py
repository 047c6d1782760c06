# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""From settings to all that a host should have: endpoints, site, resources, records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from falcot_rtc import endpoints as endpoint_rows
from falcot_rtc.errors import UsageError, named
from falcot_rtc.policies import ALL, dns
from falcot_rtc.policy import Policy, Provider, Site, Tunables
from falcot_rtc.resources import DnsRecord, Resource
from falcot_rtc.settings import Settings, parse_value, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    site: Site
    resources: tuple[Resource, ...]
    records: tuple[DnsRecord, ...]

    def of(self, kind: type[Any]) -> list[Any]:
        """The resources of one kind, each once, in the order of the policies."""
        return list(dict.fromkeys(r for r in self.resources if isinstance(r, kind)))


def active(settings: Settings) -> tuple[Policy, ...]:
    return tuple(p for p in ALL if not p.role or p.role in settings.services)


def tunables(texts: Mapping[str, str]) -> Tunables:
    """Each policy's tunables from the text of its policy.d file; absent keys take the default."""
    found: dict[str, dict[str, Any]] = {}
    for policy in ALL:
        where = f"/etc/falcot-rtc/policy.d/{policy.name}.toml"
        given = tables(texts.get(policy.name, ""), where, f"edit {where}")
        known = {key.path: key for key in policy.tunables}
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise UsageError(
                    f"{where}: {named(name)}: no such tunable", hint=f"known here: {listed}"
                )
        found[policy.name] = {
            key.path: parse_value(key, given[key.path], where, f"edit {where}")
            if key.path in given
            else _default(key.parse, key.default)
            for key in policy.tunables
        }
    turn = found["turn"]
    if turn["relay-high"] - turn["relay-low"] < 100:
        raise UsageError(
            f"/etc/falcot-rtc/policy.d/turn.toml: relay-high: {turn['relay-high']} leaves fewer "
            f"than 100 ports above relay-low, {turn['relay-low']}",
            hint="give the relay a wider range of ports",
        )
    return found


def _default(parse: Any, default: object) -> object:
    return parse(default)


def endpoints(settings: Settings, tuned: Tunables) -> tuple[endpoint_rows.Endpoint, ...]:
    return endpoint_rows.distinct(
        row for policy in active(settings) for row in policy.endpoints(settings, tuned[policy.name])
    )


def secret_names(settings: Settings) -> tuple[str, ...]:
    """The secrets that rendering will ask for; they are made before anything is rendered."""
    return tuple(name for one in _providers(settings) for name in one.secrets)


def minting_secrets(settings: Settings) -> tuple[str, ...]:
    """The same of those that have generations."""
    return tuple(name for one in _providers(settings) for name in one.minting)


def _providers(settings: Settings) -> list[Provider]:
    found = (policy.provider(settings) for policy in active(settings))
    return [provider for provider in found if provider]


def desired(site: Site) -> Desired:
    policies = active(site.settings)
    records = tuple(record for policy in policies for record in policy.records(site))
    resources: list[Resource] = []
    for policy in policies:
        resources += policy.resources(site)
        provider = policy.provider(site.settings)
        if provider:
            resources += provider.resources(site)
    resources += dns.zone_files(site, records)
    return Desired(site=site, resources=tuple(resources), records=records)
