# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns each address, protocol and port of the host. Pure.

DNS records, firewall rules, checks and the listeners themselves derive from these rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from falcot_rtc.errors import UsageError

PUBLIC, INTERNAL, LOOPBACK = "public", "internal", "loopback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A listener, or with `last_port` a range of ports that are opened on demand.

    `name` is the DNS name under which clients come here; `daemon` the process that holds it; `key`
    the table of settings.toml that gives the address. Several purposes that one daemon tells apart
    on the same socket are each `shared`.
    """

    role: str
    purpose: str
    family: str
    protocol: str
    address: str
    public: str
    port: int
    last_port: int | None = None
    tls: bool = False
    reach: str = PUBLIC
    name: str = ""
    daemon: str
    key: str = ""
    shared: bool = False

    @property
    def id(self) -> str:
        return f"{self.purpose}-{self.family}"

    @property
    def host(self) -> str:
        """The address as it stands in URIs and most configuration languages."""
        return bracketed(self.address)

    @property
    def ports(self) -> range:
        return range(self.port, (self.last_port or self.port) + 1)

    def shares(self, other: Endpoint) -> bool:
        return self.shared and other.shared and self.daemon == other.daemon

    def overlaps(self, other: Endpoint) -> bool:
        return (
            self.protocol == other.protocol
            and self.address == other.address
            and self.ports.start < other.ports.stop
            and other.ports.start < self.ports.stop
        )


def bracketed(address: str) -> str:
    return f"[{address}]" if ip_address(address).version == 6 else address


def distinct(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints, in order; raises UsageError when two claim the same socket."""
    accepted: list[Endpoint] = []
    for endpoint in endpoints:
        for owner in accepted:
            if endpoint.overlaps(owner) and not endpoint.shares(owner):
                raise UsageError(
                    f"endpoints: {owner.id} and {endpoint.id} both claim "
                    f"{endpoint.protocol} {endpoint.host}:{endpoint.port}",
                    hint="give one of them another address or port",
                )
        accepted.append(endpoint)
    return tuple(accepted)
