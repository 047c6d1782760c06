# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two network namespaces, host and client, joined by a veth pair (ip-netns(8), veth(4)).

The addresses are the handbook's. Each pair is a world of its own: any number of hosts with the
same addresses run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.lab.command import run

IPV4_PREFIX = 24
IPV6_PREFIX = 64
HOST_IPV4 = tuple(f"198.51.100.{last}" for last in (19, 20, 21, 22, 23, 24))
HOST_IPV6 = tuple(f"2001:db8:1000:2000::{last}" for last in (19, 21, 22, 23, 24))
CLIENT_IPV4 = ("198.51.100.1", "198.51.100.2")
CLIENT_IPV6 = ("2001:db8:1000:2000::1", "2001:db8:1000:2000::2")
INTERFACE = "eth0"
NAMESPACES = Path("/run/netns")
RESOLVERS = Path("/etc/netns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A pair of namespaces; `addresses_by_host` leaves the host's side to systemd-networkd."""

    name: str
    duplicate_address_detection: bool = False
    addresses_by_host: bool = False

    @property
    def client(self) -> str:
        return f"{self.name}-client"

    def namespace(self) -> Path:
        return NAMESPACES / self.name

    def client_namespace(self) -> Path:
        return NAMESPACES / self.client


def create(network: Network) -> None:
    """Make both namespaces, the link and its addresses; `destroy` undoes it."""
    for namespace in (network.name, network.client):
        run(["ip", "netns", "add", namespace])
        if not network.duplicate_address_detection:
            # A tentative address cannot be bound for about a second; set before the link exists.
            for scope in ("all", "default"):
                setting = f"net.ipv6.conf.{scope}.accept_dad=0"
                run(["ip", "netns", "exec", namespace, "sysctl", "-qw", setting])
        run(["ip", "-n", namespace, "link", "set", "lo", "up"])
    veth = ("type", "veth", "peer", "name", INTERFACE, "netns", network.client)
    run(["ip", "-n", network.name, "link", "add", INTERFACE, *veth])
    _assign(network.client, CLIENT_IPV4, CLIENT_IPV6, certain=True)
    run(["ip", "-n", network.client, "link", "set", INTERFACE, "up"])
    resolver = RESOLVERS / network.client / "resolv.conf"
    resolver.parent.mkdir(parents=True, exist_ok=True)
    resolver.write_text(resolv_conf(), encoding="utf-8")
    prepare_host_side(network)


def prepare_host_side(network: Network) -> None:
    """Put the host's interface into the state that a boot of the machine finds."""
    if network.addresses_by_host:
        run(["ip", "-n", network.name, "link", "set", INTERFACE, "down"])
        run(["ip", "-n", network.name, "address", "flush", "dev", INTERFACE])
        return
    certain = not network.duplicate_address_detection
    _assign(network.name, HOST_IPV4, HOST_IPV6, certain=certain)
    run(["ip", "-n", network.name, "link", "set", INTERFACE, "up"])
    for family, gateway in (("-4", CLIENT_IPV4[0]), ("-6", CLIENT_IPV6[0])):
        default = ("default", "via", gateway, "dev", INTERFACE)
        run(["ip", "-n", network.name, family, "route", "replace", *default])


def _assign(namespace: str, ipv4: tuple[str, ...], ipv6: tuple[str, ...], *, certain: bool) -> None:
    replace = ("ip", "-n", namespace, "address", "replace")
    for address in ipv4:
        run([*replace, f"{address}/{IPV4_PREFIX}", "dev", INTERFACE])
    # The newest address of a scope comes first when the kernel picks a source address.
    for address in reversed(ipv6):
        nodad = ("nodad",) if certain else ()
        run([*replace, f"{address}/{IPV6_PREFIX}", "dev", INTERFACE, *nodad])


def destroy(name: str) -> None:
    """Remove what `create` made for `name`; nothing to remove is fine."""
    for namespace in (name, f"{name}-client"):
        if (NAMESPACES / namespace).exists():
            run(["ip", "netns", "delete", namespace])
    resolver = RESOLVERS / f"{name}-client" / "resolv.conf"
    resolver.unlink(missing_ok=True)
    if resolver.parent.is_dir():
        resolver.parent.rmdir()


def resolv_conf() -> str:
    return f"nameserver {CLIENT_IPV4[0]}\n"


def networkd_file() -> str:
    """A systemd.network(5) file with the host's addresses, for `addresses_by_host`."""
    addresses = [f"{address}/{IPV4_PREFIX}" for address in HOST_IPV4]
    addresses += [f"{address}/{IPV6_PREFIX}" for address in reversed(HOST_IPV6)]
    lines = ["[Match]", f"Name={INTERFACE}", "", "[Network]", "IPv6AcceptRA=no"]
    lines += [f"Address={address}" for address in addresses]
    lines += [f"Gateway={CLIENT_IPV4[0]}", f"Gateway={CLIENT_IPV6[0]}"]
    return "\n".join(lines) + "\n"
