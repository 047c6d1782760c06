# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet filter that lets in what the endpoints name, nft(8); only where `firewall` is set."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from falcot_rtc import fields, render
from falcot_rtc.endpoints import INTERNAL, LOOPBACK, Endpoint
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import Resource, TreeFile, Unit, Validator
from falcot_rtc.settings import Key

TABLE = "falcot_rtc_ports"
UNIT = "falcot-rtc-firewall.service"
FILE = "firewall/ports.nft"
# RFC 1918 and RFC 4193.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")

TUNABLES = (
    Key(
        path="internal-networks",
        parse=fields.list_of(fields.network),
        default=PRIVATE,
        doc="From where ports for the own network are reachable, such as SIP over plain TCP.",
    ),
    Key(
        path="also-open",
        parse=fields.list_of(fields.socket),
        default=(),
        doc="Ports of other services of this host that stay reachable, such as tcp/25.",
    ),
)


def rules(site: Site) -> list[str]:
    """One rule for each socket that others may reach, in the order of the endpoints."""
    tuned = site.tunables["firewall"]
    found = [
        rule
        for endpoint in site.endpoints
        if endpoint.reach != LOOPBACK
        for rule in _rule(endpoint, tuned["internal-networks"])
    ]
    more = [one.split("/") for one in tuned["also-open"]]
    return found + [f"{protocol} dport {port} accept" for protocol, port in more]


def _rule(endpoint: Endpoint, internal: Iterable[IPv4Network | IPv6Network]) -> Iterable[str]:
    family, version = ("ip6", 6) if ":" in endpoint.address else ("ip", 4)
    ports = f"{endpoint.port}-{endpoint.last_port}" if endpoint.last_port else f"{endpoint.port}"
    known = ", ".join(_near(internal, version))
    if endpoint.reach == INTERNAL and not known:
        return
    source = f"{family} saddr {{ {known} }} " if endpoint.reach == INTERNAL else ""
    yield (
        f"{source}{family} daddr {endpoint.address} {endpoint.protocol} dport {ports} accept "
        f'comment "{endpoint.purpose}"'
    )


def _near(internal: Iterable[IPv4Network | IPv6Network], version: int) -> list[str]:
    """Networks of one family, joined where they overlap: nft(8) takes no such intervals."""
    if version == 4:
        return [str(n) for n in collapse_addresses(n for n in internal if n.version == 4)]
    return [str(n) for n in collapse_addresses(n for n in internal if n.version == 6)]


def ruleset(site: Site) -> str:
    """The whole table but for the ports of ssh, which only the host knows."""
    return render.template("firewall/ports.nft.j2", table=TABLE, rules=rules(site))


def resources(site: Site) -> tuple[Resource, ...]:
    if not site.settings.firewall:
        return ()
    return (
        TreeFile(path=FILE, content=ruleset(site)),
        Validator(name="the packet filter", argv=("nft", "-c", "-f", f"{{tree}}/{FILE}")),
        Unit(name=UNIT, reload_on=("firewall/",), stock=False),
    )


POLICY = Policy(name="firewall", tunables=TUNABLES, resources=resources)
