# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published zones of a site against what it wants: asked of every authoritative server."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.host_names import COMPONENTS
from falcot_rtc.policies import dns as policy
from falcot_rtc.policy import Site
from falcot_rtc.resources import DnsRecord
from falcot_rtc.zone import ask, compare, records, servers
from falcot_rtc.zone.compare import FAIL, FINE, NOTE, WARN, Expected, Finding

# Every service name that a site of ours ever announces, or that old set-ups have for it.
SERVICES = (
    "_stun._udp", "_stun._tcp", "_stuns._tcp", "_turn._udp", "_turn._tcp", "_turns._tcp",
    "_sip._udp", "_sip._tcp", "_sips._tcp",
    "_xmpp-client._tcp", "_xmpps-client._tcp", "_xmpp-server._tcp", "_xmpps-server._tcp",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`zone` and `servers` are empty, and `findings` one, where there is no zone to look at."""

    domain: str
    zone: str
    servers: tuple[str, ...]
    findings: tuple[Finding, ...]
    records: int

    @property
    def status(self) -> str:
        found = {finding.status for finding in self.findings}
        return next((status for status in (FAIL, WARN) if status in found), FINE)


def expected(site: Site, wanted: tuple[DnsRecord, ...], domain: str) -> Expected:
    settings = site.settings
    names = [settings.host(of) for of in settings.labels]
    names += [d.name for d in settings.domains]
    names += [f"{label}.{d.name}" for d in settings.domains for label in COMPONENTS]
    public = {str(a.public) for a in settings.addresses} | {e.public for e in site.endpoints}
    own = {str(a.bind) for a in settings.addresses} | {e.address for e in site.endpoints}
    return Expected(
        domain=domain,
        rows=records.rows(tuple(policy.zone_records(site, wanted, domain))),
        hosts=frozenset(f"{name}." for name in names),
        public=frozenset(public),
        inside=frozenset(own - public),
        stray=f"falcot-rtc-check-{secrets.token_hex(4)}.{domain}.",
    )


def questions(of: Expected) -> list[ask.Question]:
    """What to ask a server: what should be there, and what should not."""
    found = {(row.name, row.type) for row in of.rows}
    hosts = {h for h in of.hosts if h == f"{of.domain}." or h.endswith(f".{of.domain}.")}
    found |= {(host, kind) for host in hosts for kind in compare.ADDRESSES}
    found |= {(f"{service}.{of.domain}.", "SRV") for service in SERVICES}
    strays = [(of.stray, kind) for kind in (*compare.ADDRESSES, "SRV")]
    # The zone itself first: a server that does not know it needs no further question.
    return [(f"{of.domain}.", "A"), *strays, *sorted(found - {(f"{of.domain}.", "A")})]


def judge(host: Host, site: Site, domain: str, *, port: int | None = None) -> Verdict:
    """The verdict on one domain; a zone without any record of ours gives one finding."""
    port = port or servers.PORT
    of = expected(site, records.wanted(host, site), domain)
    try:
        zone = servers.find(servers.resolver(host, port=port), domain, port=port)
    except FalcotError as error:
        return _verdict(of, None, [_whole(WARN, domain, error.message)])
    if zone is None:
        return _verdict(of, None, [_whole(WARN, domain, "no name server has a zone for it")])
    said = ask.everybody(zone.servers, questions(of))
    faults = [*_of_zone(zone), *_silent(said)]
    if all(one.fault for one in said):
        return _verdict(of, zone, faults or [_whole(WARN, domain, "its zone has no name servers")])
    if not compare.is_published(of, said):
        why = f"none of its {len(of.rows)} records is there: falcot-rtc dns show prints them"
        return _verdict(of, zone, [*faults, _whole(WARN, domain, why)])
    return _verdict(of, zone, [*compare.compare(of, said), *faults])


def _verdict(of: Expected, zone: servers.Zone | None, findings: Iterable[Finding]) -> Verdict:
    return Verdict(
        domain=of.domain,
        zone=zone.apex.rstrip(".") if zone else "",
        servers=tuple(str(server) for server in zone.servers) if zone else (),
        findings=tuple(findings),
        records=len(of.rows),
    )


def _whole(status: str, record: str, why: str = "") -> Finding:
    return Finding(status=status, action=NOTE, record=record, why=why)


def _of_zone(zone: servers.Zone) -> list[Finding]:
    """Parent and zone have to name the same servers, each with an address (RFC 1912 §2.8)."""
    found = [_whole(WARN, f"{name} NS", "this name server has no address") for name in zone.unknown]
    if zone.delegated and set(zone.delegated) != set(zone.named):
        why = f"its parent names {_list(zone.delegated)}, the zone itself {_list(zone.named)}"
        found.append(_whole(WARN, f"{zone.apex} NS", why))
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(name.rstrip(".") for name in names) or "none"


def _silent(said: Iterable[ask.Said]) -> list[Finding]:
    """Servers without answers; an address that this host has no route to tells nothing."""
    listed = list(said)
    heard = {one.server.name for one in listed if not one.fault}
    return [
        _whole(WARN, f"name server {one.server}", one.fault)
        for one in listed
        if one.fault and not (one.unreachable and one.server.name in heard)
    ]
