# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where STUN and TURN listen and relay (RFC 8489, RFC 8656, RFC 5780), turnserver(1)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from falcot_rtc.endpoints import LOOPBACK, Endpoint
from falcot_rtc.policies.common import EVERY, listen, listen_443, listen_inside
from falcot_rtc.policy import Site
from falcot_rtc.port443 import PORT
from falcot_rtc.settings import Settings

CLI_ADDRESS, CLI_PORT = "127.0.0.1", 5766


def endpoints(settings: Settings, tunables: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    of: dict[str, Any] = {"role": "turn", "daemon": "coturn", "label": settings.labels["turn"]}

    def row(purpose: str, port: int, **more: Any) -> tuple[Endpoint, ...]:
        return listen(settings, purpose=purpose, port=port, families=EVERY, **of, **more)

    # coturn opens the alternate ports on every address once it has two of a family.
    discovery = settings.address("ipv4-alternate") is not None
    return (
        # coturn has TLS and plain TCP on every port, told apart by the first bytes.
        *listen_443(settings, purpose="turn-tls", tls=True, shared=True, **of),
        *row("turn-udp", 3478, protocol="udp"),
        # Some networks let QUIC through.
        *listen_443(settings, purpose="turn-udp", protocol="udp", **of),
        *row("turn-tcp", 3478),
        *listen_443(settings, purpose="turn-tcp", shared=True, **of),
        *row("turn-tls", 5349, tls=True),
        *(row("turn-alternate-udp", 3479, protocol="udp") if discovery else ()),
        *(row("turn-alternate-tcp", 3479) if discovery else ()),
        *listen_inside(
            settings,
            purpose="turn-relay",
            port=tunables["relay-low"],
            last_port=tunables["relay-high"],
            protocol="udp",
            families=EVERY,
            **of,
        ),
        Endpoint(
            role="turn",
            purpose="turn-cli",
            family="ipv4",
            protocol="tcp",
            address=CLI_ADDRESS,
            public=CLI_ADDRESS,
            port=CLI_PORT,
            reach=LOOPBACK,
            name="localhost",
            daemon="coturn",
        ),
    )


def own_peers(site: Site) -> tuple[str, ...]:
    """Our own addresses in a denied network, such as the private one of a host behind NAT.

    coturn takes a public address of ours for the one it binds before it judges a peer: denied,
    two people behind this one server could not talk. turn/peers.nft still keeps them to relays.
    """
    denied = site.tunables["turn"]["denied-peers"]
    own = (ip_address(endpoint.address) for endpoint in site.purpose("turn-relay"))
    return tuple(
        str(address)
        for address in own
        if any(address in network for network in denied if network.version == address.version)
    )


def listening(site: Site) -> dict[str, Any]:
    """coturn's listeners: its two ports are the same on each address, auxiliary ones are free.

    It has TLS and plain TCP on every port alike, so one number may stand for both.
    """
    on_443 = [e for e in site.purpose("turn-udp") if e.port == PORT]
    ordinary = [e for e in site.purpose("turn-udp") if e.port != PORT]
    return {
        "relays": site.purpose("turn-relay"),
        "listeners": ordinary or on_443,
        "auxiliary": on_443 if ordinary else [],
        "port": 3478 if ordinary else PORT,
        "tls_port": 5349 if ordinary else PORT,
        "discovery": bool(site.purpose("turn-alternate-udp")),
        "mapped": {e.address: e.public for e in site.role("turn") if e.public != e.address},
    }
