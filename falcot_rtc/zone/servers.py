# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for a domain: its zone, the name servers of the zone and of its parent (RFC 1034).

Every wait is bounded: a dead server costs seconds, not minutes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.resolver

from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host

PORT = 53
TIMEOUT = 3.0
LIFETIME = 6.0
RESOLV_CONF = "/etc/resolv.conf"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Server:
    name: str
    address: str
    port: int = PORT

    def __str__(self) -> str:
        return f"{self.name.rstrip('.')} ({self.address})" if self.name else self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The zone that a domain is in. `delegated` are the names that its parent has, if it tells."""

    apex: str
    named: tuple[str, ...]
    delegated: tuple[str, ...]
    servers: tuple[Server, ...]
    unknown: tuple[str, ...]


def resolver(host: Host, *, port: int = PORT) -> dns.resolver.Resolver:
    """The resolver that the host itself uses; raises FalcotError where it has none."""
    made = dns.resolver.Resolver(configure=False)
    try:
        made.read_resolv_conf(io.StringIO(host.text(RESOLV_CONF)))
    except dns.resolver.NoResolverConfiguration:
        made.nameservers = []
    if not made.nameservers:
        raise FalcotError(
            f"{RESOLV_CONF} names no name server", hint="let the host resolve names, then try again"
        )
    made.port = port
    made.timeout, made.lifetime = TIMEOUT, LIFETIME
    made.use_edns(0, 0, 1232)
    return made


def ancestors(domain: str) -> Iterator[dns.name.Name]:
    """The domain and what is above it, the root left out."""
    name = dns.name.from_text(domain)
    while name != dns.name.root:
        yield name
        name = name.parent()


def find(ask: dns.resolver.Resolver, domain: str, *, port: int = PORT) -> Zone | None:
    """The zone of a domain; None where no name server knows one below a top-level domain.

    Raises FalcotError where nobody answers.
    """
    apex = _apex(ask, domain)
    if apex is None:
        return None
    named = _texts(ask, apex, "NS")
    delegated = _delegated(ask, apex, port)
    every = sorted({*named, *delegated})
    servers = [
        Server(name=name, address=address, port=port)
        for name in every
        for address in addresses(ask, name)
    ]
    found = {server.name for server in servers}
    return Zone(
        apex=apex.to_text().lower(),
        named=tuple(named),
        delegated=tuple(delegated),
        servers=tuple(servers),
        unknown=tuple(name for name in every if name not in found),
    )


def primary(ask: dns.resolver.Resolver, domain: str) -> tuple[str, str]:
    """The zone of a domain and the primary that its SOA names (RFC 2136 §4)."""
    apex = _apex(ask, domain)
    if apex is None:
        raise FalcotError(
            f"dns update: no name server has a zone for {domain}",
            hint="name its primary with --server, or update-server in policy.d/dns.toml",
        )
    (soa,) = ask.resolve(apex, "SOA")
    return apex.to_text().lower(), soa.mname.to_text().lower()


def _apex(ask: dns.resolver.Resolver, domain: str) -> dns.name.Name | None:
    for name in ancestors(domain):
        try:
            ask.resolve(name, "SOA")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            continue
        except dns.exception.DNSException as error:
            raise FalcotError(
                f"the resolver of this host does not answer for {domain}: {error}",
                hint=f"look at {RESOLV_CONF}, and at `dig {domain} SOA`",
            ) from error
        # A name of one label is a registry's zone: nobody delegated this domain.
        return name if len(name.labels) > 2 else None
    return None


def _texts(ask: dns.resolver.Resolver, name: dns.name.Name | str, kind: str) -> list[str]:
    try:
        return sorted(item.to_text().lower() for item in ask.resolve(name, kind))
    except dns.exception.DNSException:
        return []


def addresses(ask: dns.resolver.Resolver, name: str) -> list[str]:
    return _texts(ask, name, "A") + _texts(ask, name, "AAAA")


def _delegated(ask: dns.resolver.Resolver, apex: dns.name.Name, port: int) -> list[str]:
    """What the parent's servers say; nothing where they can't be found or do not answer."""
    parent = next(iter(_zones_above(ask, apex)), None)
    if parent is None:
        return []
    known = [a for name in _texts(ask, parent, "NS") for a in addresses(ask, name)]
    for address in known[:4]:
        query = dns.message.make_query(apex, "NS")
        query.flags &= ~dns.flags.RD
        try:
            said = dns.query.udp_with_fallback(query, address, timeout=TIMEOUT, port=port)[0]
        except (dns.exception.DNSException, OSError):
            continue
        names = _ns(apex, [*said.answer, *said.authority])
        if names:
            return names
    return []


def _zones_above(ask: dns.resolver.Resolver, apex: dns.name.Name) -> Iterator[dns.name.Name]:
    for name in ancestors(apex.parent().to_text()):
        if _texts(ask, name, "SOA"):
            yield name


def _ns(apex: dns.name.Name, sets: Iterable[dns.rrset.RRset]) -> list[str]:
    return sorted(
        item.to_text().lower()
        for found in sets
        if found.name == apex and found.rdtype == dns.rdatatype.NS
        for item in found
    )
