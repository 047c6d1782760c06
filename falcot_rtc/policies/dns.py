# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone that announces the site: A, AAAA, SRV (RFC 2782) and NAPTR (RFC 3403), RFC 1035 text."""

from __future__ import annotations

from falcot_rtc import render
from falcot_rtc.policies import site as site_policy
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import DnsRecord, Package, Resource, TreeFile, Validator


def zone_records(site: Site, records: tuple[DnsRecord, ...], domain: str) -> list[DnsRecord]:
    """Those of `records` that belong in the zone of `domain`, each once."""
    others = [d.name for d in site.settings.domains if d.name.endswith(f".{domain}")]

    def belongs(record: DnsRecord) -> bool:
        bare = record.name.rstrip(".")
        inside = bare == domain or bare.endswith(f".{domain}")
        return inside and not any(bare == o or bare.endswith(f".{o}") for o in others)

    return [record for record in dict.fromkeys(records) if belongs(record)]


def zone(site: Site, records: tuple[DnsRecord, ...], domain: str) -> str:
    return render.template(
        "dns/zone.j2",
        domain=domain,
        records=zone_records(site, records, domain),
        server=f"{site_policy.LABEL}.{site.settings.domain}",
        relative=lambda name: _relative(name, domain),
    )


def _relative(name: str, domain: str) -> str:
    bare = name.rstrip(".")
    return "@" if bare == domain else bare.removesuffix(f".{domain}")


def zone_files(site: Site, records: tuple[DnsRecord, ...]) -> tuple[Resource, ...]:
    """The zone of every domain with its checker; called with the records of all policies."""
    return tuple(
        resource
        for domain in site.settings.domains
        for resource in (
            TreeFile(path=f"dns/{domain.name}.zone", content=zone(site, records, domain.name)),
            Validator(
                name="zone",
                argv=("named-checkzone", "-q", domain.name, f"{{tree}}/dns/{domain.name}.zone"),
            ),
        )
    )


POLICY = Policy(name="dns", packages=(Package(name="bind9-utils"),))
