# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handbook's site as a ticket, written by hand: what the rendered one must look like."""

from __future__ import annotations

from falcot_rtc.probes.ticket import Credentials, Target, Ticket

ADDRESSES = {
    "ipv4": "198.51.100.19",
    "ipv4-alternate": "198.51.100.20",
    "ipv6": "2001:db8:1000:2000::19",
}
BOTH = ("ipv4", "ipv6")
ALL = ("ipv4", "ipv4-alternate", "ipv6")
LISTENERS = (
    ("turn-udp", "turn-server", "udp", False, 3478, ALL),
    ("turn-tcp", "turn-server", "tcp", False, 3478, ALL),
    ("turn-tls", "turn-server", "tcp", True, 5349, ALL),
    ("turn-alternate-udp", "turn-server", "udp", False, 3479, ALL),
    ("sip-tls", "sip-proxy", "tcp", True, 5061, BOTH),
    ("sip-wss", "sip-proxy", "tcp", True, 8443, BOTH),
    ("xmpp-client", "xmpp-gw", "tcp", False, 5222, BOTH),
    ("xmpp-client-tls", "xmpp-gw", "tcp", True, 5223, BOTH),
    ("xmpp-server", "xmpp-gw", "tcp", False, 5269, BOTH),
    ("xmpp-server-tls", "xmpp-gw", "tcp", True, 5270, BOTH),
    ("xmpp-https", "upload", "tcp", True, 5281, BOTH),
    ("web-https", "server1", "tcp", True, 443, BOTH),
    ("web-http", "server1", "tcp", False, 80, BOTH),
)
TARGETS = tuple(
    Target(
        id=f"{purpose}-{family}",
        purpose=purpose,
        family=family,
        role=purpose.partition("-")[0],
        protocol=protocol,
        tls=tls,
        address=ADDRESSES[family],
        port=port,
        name=f"{label}.falcot.com",
        fingerprint="ab" * 32 if tls else "",
    )
    for purpose, label, protocol, tls, port, families in LISTENERS
    for family in families
)
TICKET = Ticket(
    domain="falcot.com",
    realm="falcot.com",
    services=("turn", "sip", "xmpp", "web"),
    ca="",
    endpoints=TARGETS,
    accounts=(
        Credentials(user="falcot-rtc-check-1a2b", password="first secret"),
        Credentials(user="falcot-rtc-check-3c4d", password="second secret"),
    ),
    minted=Credentials(user="1999999999:check", password="minted secret"),
    relay_ports=(49152, 65535),
    expires=1999999999,
)


def target(purpose: str, family: str = "ipv4") -> Target:
    return next(t for t in TARGETS if t.id == f"{purpose}-{family}")
