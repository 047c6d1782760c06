# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""STUN and TURN (RFC 8489, RFC 8656, RFC 5780) by coturn, turnserver(1)."""

from __future__ import annotations

from falcot_rtc import ciphers, fields, paths, render
from falcot_rtc.endpoints import bracketed
from falcot_rtc.policies import turn_ports
from falcot_rtc.policies.common import CURRENT, dropin, host_records, overlays, srv
from falcot_rtc.policy import Policy, Provider, Site
from falcot_rtc.resources import (
    CertificateCopy,
    Directory,
    DnsRecord,
    Package,
    Resource,
    SystemUser,
    TreeFile,
    Unit,
    Validator,
)
from falcot_rtc.settings import Key

AUTH_USER = "_falcot-rtc-turn"
AUTH_SOCKET = "/run/falcot-rtc/turn-auth"
MINTED_SECRET = "turn-minted"
CLI_SECRET = "turn-cli"

# RFC 6890 special purpose registries, without the documentation ranges: those are never routed, and
# the handbook's own example site lives in them. '::' is left out: coturn takes it for every peer.
DENIED_PEERS = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
    "240.0.0.0/4",
    "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
)  # fmt: skip

TUNABLES = (
    Key(
        path="relay-low",
        parse=fields.integer(1024, 65535),
        default=49152,
        doc="First UDP port for relayed media. Open this range in a firewall in front of the host.",
    ),
    Key(
        path="relay-high",
        parse=fields.integer(1024, 65535),
        default=65535,
        doc="Last UDP port for relayed media.",
    ),
    Key(
        path="minted-ttl",
        parse=fields.integer(300, 604800),
        default=86400,
        doc="Seconds for which minted credentials are valid, at most; those for SIP as well.",
    ),
    Key(
        path="rotation-days",
        parse=fields.integer(1, 3650),
        default=7,
        doc=(
            "Days after which credentials are minted with a new secret. The old one is accepted "
            "for minted-ttl seconds more."
        ),
    ),
    Key(
        path="log-ins-per-minute",
        parse=fields.integer(1, 1_000_000),
        default=120,
        doc=(
            "Log-ins with one name that are judged within a minute. Any more are refused, so that "
            "nobody can try passwords without end. Minted credentials are not counted."
        ),
    ),
    Key(
        path="user-quota",
        parse=fields.integer(0, 10000),
        default=40,
        doc="Allocations that one user may hold at a time; 0: no limit.",
    ),
    Key(
        path="total-quota",
        parse=fields.integer(0, 65535),
        default=4000,
        doc="Allocations that all users may hold at a time; 0: no limit.",
    ),
    Key(
        path="denied-peers",
        parse=fields.list_of(fields.network),
        default=DENIED_PEERS,
        doc="Networks that nobody may reach through the relay.",
    ),
)


def urls(site: Site) -> list[str]:
    """What clients reach it by (RFC 7065); none where the site has no TURN server."""
    kinds = (("turn", "turn-udp", "udp"), ("turn", "turn-tcp", "tcp"), ("turns", "turn-tls", "tcp"))
    found = (
        f"{scheme}:{e.name}:{e.port}?transport={transport}"
        for scheme, purpose, transport in kinds
        for e in site.purpose(purpose)
    )
    return list(dict.fromkeys(found))


def urls_without_ipv4(site: Site) -> list[str]:
    """What a client without IPv4 reaches it by, where the name leads to IPv4 alone (see `records`).

    The address itself, and UDP alone: certificates bear names, and browsers complain of five URLs.
    """
    if _announced(site) == "ipv6":
        return []
    there = (e for e in site.purpose("turn-udp") if e.family == "ipv6")
    return [f"turn:{bracketed(e.public)}:{e.port}?transport=udp" for e in there][:1]


def resources(site: Site) -> tuple[Resource, ...]:
    tunables = site.tunables["turn"]
    copy = CertificateCopy(daemon="coturn", group="turnserver")
    conf = "turn/turnserver.conf"
    return (
        copy,
        Directory(path=f"{paths.STATE}/turn", group=AUTH_USER, mode=0o750),
        TreeFile(
            path=conf,
            content=render.template(
                "turn/turnserver.conf.j2",
                site=site,
                tunables=tunables,
                own_peers=turn_ports.own_peers(site),
                **turn_ports.listening(site),
                tls=copy.directory,
                ciphers=ciphers.for_phones(old=site.tunables["tls"]["old-phones"]),
                auth_socket=AUTH_SOCKET,
                cli=site.purpose("turn-cli")[0],
                cli_password=site.secrets.get(CLI_SECRET, ""),
                overlays=overlays(site, "coturn"),
            ),
            group="turnserver",
            mode=0o640,
        ),
        TreeFile(
            path="turn/peers.nft",
            content=render.template(
                "turn/peers.nft.j2",
                relay_low=tunables["relay-low"],
                relay_high=tunables["relay-high"],
                user="turnserver",
                cli=site.purpose("turn-cli")[0],
            ),
        ),
        Validator(
            name="the options of coturn",
            argv=("python3", "-I", "-m", "falcot_rtc.coturn_options", f"{{tree}}/{conf}"),
        ),
        Validator(name="coturn's peer filter", argv=("nft", "-c", "-f", "{tree}/turn/peers.nft")),
        dropin(
            site,
            "coturn.service",
            role="turn",
            readable=(f"{CURRENT}/{conf}", f"{copy.directory}/key.pem"),
            current=CURRENT,
        ),
        Unit(
            name="falcot-rtc-turn-auth.socket",
            stock=False,
        ),
        Unit(
            name="coturn.service",
            restart_on=("turn/", "/etc/systemd/system/coturn.service.d/"),
            reload_on=(copy.directory + "/",),
        ),
    )


def _announced(site: Site) -> str:
    """The family that the server's name leads to."""
    own = {address.family for address in site.settings.port443.of("turn")}
    return "ipv4" if site.settings.address("ipv4") and own != {"ipv6"} else "ipv6"


def records(site: Site) -> tuple[DnsRecord, ...]:
    """STUN and TURN (RFC 8489 §8.1, RFC 5928). As in the handbook, over IPv4 alone if there is one:

    a TURN name with an AAAA record stalls clients whose path to it over IPv6 is broken.
    """
    family = _announced(site)
    udp, tcp, tls = (site.purpose(f"turn-{kind}") for kind in ("udp", "tcp", "tls"))
    return (
        *host_records(
            site,
            site.settings.host("turn"),
            site.role("turn"),
            families=(family,),
            comment="IPv4 only for TURN: some clients are buggy with IPv6"
            if family == "ipv4"
            else "",
        ),
        *srv(site, "_stun._udp", udp, comment="STUN and TURN"),
        *srv(site, "_stun._tcp", tcp),
        *srv(site, "_stuns._tcp", tls),
        *srv(site, "_turn._udp", udp),
        *srv(site, "_turn._tcp", tcp),
        *srv(site, "_turns._tcp", tls),
        *(
            DnsRecord(
                name=f"{domain.name}.",
                type="NAPTR",
                data=f'{order} 0 "s" "RELAY:turn.{kind}" "" {service}.{domain.name}.',
            )
            for domain in site.settings.domains
            for order, kind, service, there in (
                (10, "udp", "_turn._udp", udp),
                (20, "tcp", "_turn._tcp", tcp),
                (30, "tls", "_turns._tcp", tls),
            )
            if there
        ),
    )


COTURN = Provider(
    name="coturn",
    packages=(
        Package(
            name="coturn",
            floors={"bookworm": "4.6.1", "trixie": "4.6.1"},
            alternatives=("resiprocate-turn-server",),
        ),
        Package(name="nftables"),
    ),
    held=("coturn.service",),
    secrets=(CLI_SECRET,),
    minting=(MINTED_SECRET,),
    users=(SystemUser(name=AUTH_USER, description="falcot-rtc TURN authentication"),),
    resources=resources,
)

POLICY = Policy(
    name="turn",
    role="turn",
    tunables=TUNABLES,
    providers=(COTURN,),
    endpoints=turn_ports.endpoints,
    records=records,
)
