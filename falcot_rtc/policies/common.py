# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several policies say alike: a listener on each address, a drop-in, host records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from falcot_rtc import paths, render
from falcot_rtc.addresses import Address
from falcot_rtc.endpoints import LOOPBACK, PUBLIC, Endpoint
from falcot_rtc.errors import UsageError, named
from falcot_rtc.policy import Site
from falcot_rtc.port443 import PORT
from falcot_rtc.resources import DnsRecord, HostFile
from falcot_rtc.settings import Settings

MAIN = ("ipv4", "ipv6")
EVERY = ("ipv4", "ipv4-alternate", "ipv6")
# A role's ordinary ports on the address of its own, where it has port 443, and that port itself.
OWN = {"ipv4": "ipv4-own", "ipv6": "ipv6-own"}
ON_443 = {"ipv4": "ipv4-443", "ipv6": "ipv6-443"}
CURRENT = "/etc/falcot-rtc/current"

# Names are printed in comments: a line break or a final backslash would end or extend those.
_OVERLAY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*", re.ASCII)


def listen(
    settings: Settings,
    *,
    role: str,
    purpose: str,
    port: int,
    daemon: str,
    families: tuple[str, ...] = MAIN,
    **more: Any,
) -> tuple[Endpoint, ...]:
    """One endpoint on each address where `role` has its ordinary ports; `more` as for `rows`.

    Its name leads to its address of its own, if it has one for port 443: so it listens there too.
    """
    own = settings.port443.of(role)
    if own and not settings.port443.ordinary:
        return ()
    main = {a.family: a for a in settings.addresses if a.family in families}
    there = {a.bind for a in main.values()}
    main |= {OWN[a.family]: a for a in own if a.bind not in there}
    return rows(settings, main, role=role, purpose=purpose, port=port, daemon=daemon, **more)


def listen_inside(
    settings: Settings, *, families: tuple[str, ...] = MAIN, **more: Any
) -> tuple[Endpoint, ...]:
    """The same on the main addresses alone, whatever is on port 443: nobody comes by a name."""
    main = {a.family: a for a in settings.addresses if a.family in families}
    return rows(settings, main, **more)


def listen_443(
    settings: Settings, *, role: str, port: int = PORT, **more: Any
) -> tuple[Endpoint, ...]:
    """The endpoints on port 443 of the role's own addresses; none unless it has some."""
    own = {ON_443[a.family]: a for a in settings.port443.of(role)}
    return rows(settings, own, role=role, port=port, **more)


def rows(
    settings: Settings,
    addresses: Mapping[str, Address],
    *,
    role: str,
    purpose: str,
    port: int,
    daemon: str,
    protocol: str = "tcp",
    last_port: int | None = None,
    tls: bool = False,
    reach: str = PUBLIC,
    label: str = "",
    shared: bool = False,
) -> tuple[Endpoint, ...]:
    """One endpoint on each of `addresses`, by family; clients come by `label` below the domain."""
    name = f"{label}.{settings.domain}" if label else settings.domain
    return tuple(
        Endpoint(
            role=role,
            purpose=purpose,
            family=family,
            protocol=protocol,
            address=str(address.bind),
            public=str(address.public),
            port=port,
            last_port=last_port,
            tls=tls,
            reach=reach,
            name=name,
            daemon=daemon,
            key=address.key,
            shared=shared,
        )
        for family, address in addresses.items()
    )


def dropin(
    site: Site, unit: str, *, role: str, readable: tuple[str, ...], **lines: Any
) -> HostFile:
    """The unit's drop-in: waits for its addresses, refuses to start without its files."""
    addresses = sorted(
        {e.address for e in site.role(role) if e.last_port is None and e.reach != LOOPBACK}
    )
    content = render.template(
        f"systemd/{unit}.conf.j2", unit=unit, addresses=addresses, readable=readable, **lines
    )
    return HostFile(path=f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf", content=content)


def overlays(site: Site, provider: str) -> Mapping[str, str]:
    """The administrator's additions for a provider by file name, in the order of the names.

    Raises UsageError for a name that could not stand in the comment that precedes the text.
    """
    found = site.overlays.get(provider, {})
    for name in found:
        if not _OVERLAY.fullmatch(name):
            raise UsageError(
                f"{paths.LOCAL_D}/{provider}/: the file name {named(name)} has other characters "
                "than A-Z, a-z, 0-9, '.', '_', '+' and '-'",
                hint=f"rename it, or move it out of {paths.LOCAL_D}/{provider}",
            )
    return found


def host_records(
    site: Site,
    name: str,
    of: tuple[Endpoint, ...] = (),
    *,
    families: tuple[str, ...] = MAIN,
    comment: str = "",
) -> tuple[DnsRecord, ...]:
    """A and AAAA of `name` for the public side of the listeners `of`, or else of the site.

    Where those have port 443 the name leads there alone: elsewhere that port is somebody else's.
    """

    def public(wanted: Iterable[str]) -> list[str]:
        return [e.public for e in of if e.family in wanted and e.reach == PUBLIC]

    found = public([ON_443[f] for f in families if f in ON_443]) or public(families)
    main = [str(a.public) for a in site.settings.addresses if a.family in families]
    return tuple(
        DnsRecord(
            name=f"{name}.",
            type="AAAA" if ":" in address else "A",
            data=address,
            comment=comment,
        )
        for address in dict.fromkeys(found or main)
    )


def srv(
    site: Site, service: str, endpoints: tuple[Endpoint, ...], *, comment: str = "", behind: int = 0
) -> tuple[DnsRecord, ...]:
    """The SRV records (RFC 2782) of a purpose in each domain; none when nothing listens for it.

    Its priority and weight are tunables of dns.toml. A further port of the same purpose comes after
    the first, so that clients have both and agree which is tried first; `behind` counts the ones
    that another record of the same service has before.
    """
    tuned = site.tunables["dns"]
    places = list(dict.fromkeys((e.port, e.name, e.role) for e in endpoints if e.reach == PUBLIC))
    return tuple(
        DnsRecord(
            name=f"{service}.{domain.name}.",
            type="SRV",
            data=f"{tuned[f'{role}-priority'] + later} {tuned[f'{role}-weight']} {port} {to}.",
            comment=comment,
        )
        for domain in site.settings.domains
        for later, (port, to, role) in enumerate(places, behind)
    )
