# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate each port really shows: a service that runs may have missed the new one.

The only proof is a handshake (RFC 8446): a reload ends well whatever the daemon made of it.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from falcot_rtc import listening
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.probes.ticket import Target

DEADLINE = 30.0
STARTTLS = ("xmpp-client", "xmpp-server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a port showed: the leaf in DER, or why there is none."""

    endpoint: Endpoint
    certificate: bytes = b""
    error: str = ""

    @property
    def fingerprint(self) -> str:
        from falcot_rtc.probes.tls import fingerprint_of

        return fingerprint_of(self.certificate) if self.certificate else ""


def with_tls(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    return [e for e in endpoints if e.last_port is None and (e.tls or e.purpose in STARTTLS)]


def target(endpoint: Endpoint, fingerprint: str = "") -> Target:
    """The endpoint as probes want it."""
    e = endpoint
    return Target(
        id=e.id,
        purpose=e.purpose,
        family=e.family,
        role=e.role,
        protocol=e.protocol,
        tls=e.tls,
        address=e.address,
        public="" if e.public == e.address else e.public,
        port=e.port,
        name=e.name,
        fingerprint=fingerprint if e.tls or e.purpose in STARTTLS else "",
    )


def look(host: Host, site: Site, endpoints: Iterable[Endpoint]) -> list[Seen]:
    """One handshake with each, side by side."""

    def one(endpoint: Endpoint) -> Seen:
        try:
            shown = host.handshake(site.settings.domain, target(endpoint))
        except FalcotError as error:
            return Seen(endpoint=endpoint, error=error.message)
        return Seen(endpoint=endpoint, certificate=shown)

    wanted = list(endpoints)
    with ThreadPoolExecutor(max_workers=max(len(wanted), 1)) as pool:
        return list(pool.map(one, wanted))


def await_everywhere(host: Host, site: Site, fingerprint: str) -> int:
    """Return once every port that listens shows this certificate, with their number.

    Raises FalcotError naming the first that does not. A port that nobody holds is for others to
    complain about.
    """
    absent = listening.missing(site.endpoints, listening.present(host))
    wanted = [e for e in with_tls(site.endpoints) if e not in absent]
    waiting, deadline = wanted, time.monotonic() + DEADLINE
    while True:
        seen = [s for s in look(host, site, waiting) if s.fingerprint != fingerprint]
        waiting = [s.endpoint for s in seen]
        if not waiting:
            return len(wanted)
        if time.monotonic() > deadline:
            break
        # Some take a reload up after they have said that it is done.
        select.select([], [], [], 0.1)
    first = seen[0]
    shows = first.error or f"shows {first.fingerprint[:16]}…"
    raise FalcotError(
        f"{first.endpoint.daemon} has not taken up the certificate {fingerprint[:16]}…: "
        f"{first.endpoint.host}:{first.endpoint.port} {shows} "
        f"({len(waiting)} of {len(wanted)} ports)",
        hint=f"journalctl -u {first.endpoint.daemon}",
    )
