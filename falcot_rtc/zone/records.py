# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every record that the site wants published, keys included, and a form that compares."""

from __future__ import annotations

from dataclasses import dataclass

import dns.rdata
import dns.rdataclass
import dns.rdatatype

from falcot_rtc import derive, sources
from falcot_rtc.host import Host
from falcot_rtc.policies import dns as policy
from falcot_rtc.policy import Site
from falcot_rtc.resources import DnsRecord
from falcot_rtc.zone import pins


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """A record as it compares: names in lower case and absolute, data in dnspython's form."""

    name: str
    type: str
    data: str

    def __str__(self) -> str:
        return f"{self.name} {self.type} {self.data}"


def row(name: str, kind: str, data: str) -> Row:
    """The row of a record as it stands in a zone file; raises DNSException for bad data."""
    parsed = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), data)
    return Row(name=name.lower(), type=kind, data=canonical(parsed))


def canonical(parsed: dns.rdata.Rdata) -> str:
    """Names in lower case, texts as they are: a server that deletes a record compares those."""
    text = parsed.to_text()
    if parsed.rdtype == dns.rdatatype.NAPTR:
        texts, _, replacement = text.rpartition(" ")
        return f"{texts} {replacement.lower()}"
    as_it_is = (dns.rdatatype.CAA, dns.rdatatype.TXT)
    return text if parsed.rdtype in as_it_is else text.lower()


def wanted(host: Host, site: Site) -> tuple[DnsRecord, ...]:
    """What follows from the settings, and TLSA for the certificate that is served now."""
    derived = tuple(r for one in derive.active(site.settings) for r in one.records(site))
    chain = host.read(sources.SITE_CHAIN)
    if chain is None:
        return derived
    return derived + policy.tlsa(site, pins.pins(chain, host.read(sources.PUBLIC_CA) or b""))


def rows(records: tuple[DnsRecord, ...]) -> frozenset[Row]:
    return frozenset(row(r.name, r.type, r.data) for r in records)
