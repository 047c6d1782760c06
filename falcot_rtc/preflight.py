# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before anything changes: are there room, the addresses, free ports? Reads only."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falcot_rtc import paths
from falcot_rtc.endpoints import Endpoint, bracketed
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.listening import Socket, present
from falcot_rtc.port443 import PORT
from falcot_rtc.wait_addresses import is_usable

# A generation, the certificates and the projections of a small site, several times over.
ROOM = 4 << 20
WILDCARDS = ("0.0.0.0", "::")
# What keeps these on every address, and what to write instead.
LINES = {
    "apache2": " (/etc/apache2/ports.conf: 'Listen ADDRESS:{port}' for 'Listen {port}')",
    "nginx": " (in its 'server' blocks: 'listen ADDRESS:{port} ssl' for 'listen {port} ssl')",
    "haproxy": " (in its 'frontend' sections: 'bind ADDRESS:{port}' for 'bind :{port}')",
}
_UNIT = re.compile(r"/([^/]+\.(?:service|scope))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that listens; `unit` is empty where systemd does not run it."""

    pid: int
    command: str
    unit: str

    def __str__(self) -> str:
        where = f", {self.unit}" if self.unit else ""
        return f"'{self.command}' (process {self.pid}{where})"


def overlaps(endpoint: Endpoint, listener: Socket) -> bool:
    """Whether `listener` may keep anybody else from `endpoint`.

    `::` counts for both families: unless a program asks otherwise, it takes IPv4 as well.
    """
    if (endpoint.protocol, endpoint.port) != (listener.protocol, listener.port):
        return False
    return listener.address == endpoint.address or listener.address in (
        WILDCARDS if ":" not in endpoint.address else WILDCARDS[1:]
    )


def holders(host: Host, inodes: Iterable[int]) -> dict[int, Holder]:
    """Who has each of the sockets open, as far as this user may see."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, Holder] = {}
    if not wanted:
        return found
    for name in host.names("/proc"):
        if name.isdigit():
            try:
                descriptors = host.names(f"/proc/{name}/fd")
            except PermissionError:
                continue  # Somebody else's process: root sees it.
            for descriptor in descriptors:
                inode = wanted.get(host.target(f"/proc/{name}/fd/{descriptor}") or "")
                if inode is not None and inode not in found:
                    units = _UNIT.findall(host.text(f"/proc/{name}/cgroup"))
                    found[inode] = Holder(
                        pid=int(name),
                        command=host.text(f"/proc/{name}/comm").strip(),
                        unit=units[-1] if units else "",
                    )
    return found


def is_free(endpoint: Endpoint) -> bool:
    """Whether it can be bound; a wildcard listener may or may not stand in the way (ipv6(7))."""
    family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
    kind = socket.SOCK_DGRAM if endpoint.protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as probe:
        if endpoint.protocol == "tcp":
            # Connections that are still closing are nobody's.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((endpoint.address, endpoint.port))
        except OSError:
            return False
    return True


def taken(
    endpoints: Iterable[Endpoint],
    sockets: Iterable[Socket],
    held: Mapping[int, Holder],
    ours: Iterable[str],
) -> list[tuple[Endpoint, Socket, Holder | None]]:
    """The endpoints that somebody else holds; the units in `ours` give way when they restart."""
    own = set(ours)
    found = []
    for endpoint in endpoints:
        for listener in sockets:
            holder = held.get(listener.inode)
            if overlaps(endpoint, listener) and (holder is None or holder.unit not in own):
                found.append((endpoint, listener, holder))
                break
    return found


def giving_way(host: Host, endpoints: Iterable[Endpoint], ours: Iterable[str]) -> tuple[str, ...]:
    """Those of our units that hold a port which the settings now give to another of them."""
    wanted = [e for e in endpoints if e.last_port is None and not is_free(e)]
    sockets = [s for s in present(host) if any(overlaps(e, s) for e in wanted)]
    held, own = holders(host, [s.inode for s in sockets]), set(ours)
    return tuple(
        sorted(
            {
                holder.unit
                for endpoint in wanted
                for listener in sockets
                if overlaps(endpoint, listener)
                and (holder := held.get(listener.inode)) is not None
                and holder.unit in own
                and not holder.unit.startswith(endpoint.daemon)
            }
        )
    )


def ports(host: Host, endpoints: Iterable[Endpoint], ours: Iterable[str]) -> None:
    """Raise FalcotError naming who holds a port that the site needs."""
    wanted = [e for e in endpoints if e.last_port is None and not is_free(e)]
    sockets = [s for s in present(host) if any(overlaps(e, s) for e in wanted)]
    found = taken(wanted, sockets, holders(host, [s.inode for s in sockets]), ours)
    if not found:
        return
    endpoint, listener, holder = found[0]
    others = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise FalcotError(
        f"{endpoint.id}: {endpoint.protocol} {endpoint.host}:{endpoint.port} is taken by "
        f"{holder or 'a process that is gone by now'}, which listens on "
        f"{bracketed(listener.address)}:{listener.port}{others}",
        hint=way_out(endpoint, listener, holder),
    )


def way_out(endpoint: Endpoint, listener: Socket, holder: Holder | None) -> str:
    """The line to change: at the holder, or in our settings."""
    port = endpoint.port
    if listener.address in WILDCARDS:
        command = holder.command if holder else ""
        line = LINES.get(command, "").format(port=port)
        move = f"stop it or let it listen on an address of its own instead of all{line}"
    else:
        move = "stop it or move it to another address"
    if port == PORT and endpoint.key.startswith("port443."):
        ours = (
            f"give {endpoint.role} another one: falcot-rtc config set {endpoint.key}.bind ADDRESS"
        )
        if listener.address in WILDCARDS:
            ours = "go without port 443: falcot-rtc config set port443.enabled false"
    else:
        ours = f"leave '{endpoint.role}' out: falcot-rtc config set services …"
    return f"{move}, then falcot-rtc apply; or {ours}"


def addresses(endpoints: Iterable[Endpoint]) -> None:
    """Raise FalcotError naming an address that this host does not have now."""
    for endpoint in endpoints:
        if not is_usable(endpoint.address):
            raise FalcotError(
                f"{endpoint.key}.bind: '{endpoint.address}' is not an address of this host now",
                hint="configure it on this host, or correct it: dpkg-reconfigure falcot-rtc",
            )


def room(host: Host) -> None:
    """Raise FalcotError naming a file system without room; taking steps back needs some as well."""
    for path in (paths.STATE, paths.ETC):
        if host.exists(path):
            status = os.statvfs(host.at(path))
            free = status.f_bfree * status.f_frsize
            if free < ROOM:
                raise FalcotError(
                    f"{path}: {free >> 10} KiB are free, apply needs {ROOM >> 10}",
                    hint="free some space there (df -h), then do it again",
                )


def run(host: Host, endpoints: Iterable[Endpoint], ours: Iterable[str], *, changing: bool) -> None:
    """The addresses, and room and ports if anything is about to change, for the whole site.

    Commands of an image build (no systemd) look at no address and no port.
    """
    if changing:
        room(host)
    if host.has_systemd:
        rows = list(endpoints)
        addresses(rows)
        if changing:
            ports(host, rows, ours)
