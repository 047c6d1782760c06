# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA records around a renewal: the new ones are published before any service has the new key.

RFC 7671 section 8.1: old and new stand side by side until the old certificate is out of service.
Only where `dns update` published such records before: nobody else's zone is written to.
"""

from __future__ import annotations

from falcot_rtc import sources
from falcot_rtc.host import Host
from falcot_rtc.policies import dns as policy
from falcot_rtc.policy import Site
from falcot_rtc.resources import DnsRecord
from falcot_rtc.zone import memory, pins, records, tsig, update
from falcot_rtc.zone.records import Row


def announce(host: Host, site: Site, chain: bytes) -> int:
    """Publish what belongs to `chain` beside what is there; returns the number of new records.

    Raises FalcotError when the name server does not take them.
    """
    return _bring(host, site, _tlsa(host, site, chain), keep=True)


def settle(host: Host, site: Site) -> int:
    """Withdraw what belongs to no certificate in service any more."""
    return _bring(host, site, _tlsa(host, site, host.read(sources.SITE_CHAIN) or b""), keep=False)


def _tlsa(host: Host, site: Site, chain: bytes) -> tuple[DnsRecord, ...]:
    return policy.tlsa(site, pins.pins(chain, host.read(sources.PUBLIC_CA) or b""))


def _bring(host: Host, site: Site, wanted: tuple[DnsRecord, ...], *, keep: bool) -> int:
    ttls = {records.row(r.name, r.type, r.data): policy.ttl(site, r) for r in wanted}
    changed = 0
    for zone, before in memory.load(host).items():
        ours = frozenset(row for row in before if row.type == "TLSA")
        # Names that were announced already: a new listener is for `dns update` to announce.
        announced = {row.name for row in ours}
        new = frozenset(row for row in ttls if row.name in announced)
        if new <= ours and (keep or new == ours):
            continue
        changed += _send(host, site, zone, before, ours, new, ttls, keep=keep)
    return changed


def _send(
    host: Host,
    site: Site,
    zone: str,
    before: frozenset[Row],
    ours: frozenset[Row],
    new: frozenset[Row],
    ttls: dict[Row, int],
    *,
    keep: bool,
) -> int:
    tuned = site.tunables["dns"]
    key = tsig.read(host, str(tuned["update-key"]))
    server = update.apex(host, zone, update.find_server(host, tuned["update-server"]))[1]
    there = update.present(zone, server, ours | new)
    gone = frozenset() if keep else ours - new
    change = update.Change(
        zone=zone,
        server=server,
        add=tuple((row, ttls[row]) for row in sorted(new) if row not in there),
        delete=tuple(sorted(row for row in gone if row in there)),
        wanted=(before | new) - gone,
    )
    update.send(host, change, key)
    return len(change.add) + len(change.delete)
