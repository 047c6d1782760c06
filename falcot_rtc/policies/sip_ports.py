# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where SIP listens: over TLS (RFC 3261) and WebSocket (RFC 7118), and with both on 443."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from falcot_rtc.endpoints import INTERNAL, Endpoint, bracketed
from falcot_rtc.policies.common import listen, listen_443, listen_inside
from falcot_rtc.policy import Site
from falcot_rtc.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A socket as the template writes it; `advertise` is what the outside sees behind NAT.

    `kind` says what is spoken there: tls, wss, tcp, or any of the first two.
    """

    kind: str
    endpoint: Endpoint

    @property
    def host(self) -> str:
        return self.endpoint.host

    @property
    def port(self) -> int:
        return self.endpoint.port

    @property
    def advertise(self) -> str:
        same = self.endpoint.public == self.endpoint.address
        return "" if same else bracketed(self.endpoint.public)


def endpoints(settings: Settings, tunables: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    of: dict[str, Any] = {"role": "sip", "daemon": "kamailio", "label": settings.labels["sip"]}

    def row(purpose: str, port: int) -> tuple[Endpoint, ...]:
        return (
            *listen_443(settings, purpose=purpose, tls=True, shared=True, **of),
            *listen(settings, purpose=purpose, port=port, tls=True, **of),
        )

    def inside(purpose: str, port: int) -> tuple[Endpoint, ...]:
        more: dict[str, Any] = {"reach": INTERNAL, "families": ("ipv4",), **of}
        return listen_inside(settings, purpose=purpose, port=port, **more)

    return (
        *row("sip-tls", 5061),
        *row("sip-wss", 8443),
        *(inside("sip-tcp", 5060) if settings.sip_internal_tcp else ()),
    )


def listeners(site: Site) -> list[Listener]:
    """kamailio's sockets. On port 443 it tells both protocols apart by what a client says first."""
    found = [
        Listener(kind=kind, endpoint=endpoint)
        for kind in ("tls", "wss", "tcp")
        for endpoint in site.purpose(f"sip-{kind}")
        if not endpoint.shared
    ]
    both = [endpoint for endpoint in site.purpose("sip-tls") if endpoint.shared]
    return [*found, *(Listener(kind="any", endpoint=endpoint) for endpoint in both)]
