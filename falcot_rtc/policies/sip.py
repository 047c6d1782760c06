# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP (RFC 3261, RFC 5626, RFC 7118) by kamailio(8)."""

from __future__ import annotations

import re

from falcot_rtc import ciphers, fields, minted, paths, render
from falcot_rtc.accounts import names
from falcot_rtc.errors import FalcotError
from falcot_rtc.policies import sip_ports
from falcot_rtc.policies.common import CURRENT, dropin, host_records, overlays, srv
from falcot_rtc.policy import Policy, Provider, Site
from falcot_rtc.resources import (
    CertificateCopy,
    Directory,
    DnsRecord,
    Package,
    Resource,
    TreeFile,
    Unit,
    Validator,
)
from falcot_rtc.settings import Key

STATE = "/var/lib/falcot-rtc/sip"
MINTED = "sip/minted.cfg"
GUESTS = "sip/guests.cfg"
MINTED_SECRET = "sip-minted"

TUNABLES = (
    Key(
        path="federation",
        parse=fields.boolean,
        default=True,
        doc="Whether people of other domains can call people here, and the other way round.",
    ),
    Key(
        path="max-contacts",
        parse=fields.integer(1, 100),
        default=10,
        doc="Devices that one person may have registered at a time.",
    ),
    Key(
        path="max-expires",
        parse=fields.integer(60, 86400),
        default=3600,
        doc="Seconds after which a device has to register again at the latest.",
    ),
    Key(
        path="workers",
        parse=fields.integer(1, 64),
        default=4,
        doc="Processes that handle requests. The kamailio of bookworm always has one.",
    ),
    Key(
        path="max-connections",
        parse=fields.integer(16, 65535),
        default=4096,
        doc="TCP, TLS and WebSocket connections that may be open at a time.",
    ),
    Key(
        path="ring-seconds",
        parse=fields.integer(10, 600),
        default=120,
        doc="How long a call rings before it ends unanswered.",
    ),
    Key(
        path="flood-requests",
        parse=fields.integer(10, 10000),
        default=400,
        doc="Requests that one address may send in two seconds before it is ignored for a while.",
    ),
    Key(
        path="failures-per-source",
        parse=fields.integer(3, 10000),
        default=100,
        doc=(
            "Failed logins that one address may have within failure-window. A whole office may "
            "share one address."
        ),
    ),
    Key(
        path="failures-per-user",
        parse=fields.integer(3, 1000),
        default=10,
        doc="Failed logins that one address may have for one user within failure-window.",
    ),
    Key(
        path="failure-window",
        parse=fields.integer(10, 86400),
        default=300,
        doc="Seconds after which failed logins are forgotten.",
    ),
)


def records(site: Site) -> tuple[DnsRecord, ...]:
    """RFC 3263: TLS is the only public transport, so it is the only one announced."""
    tls = site.purpose("sip-tls")
    return (
        *host_records(site, site.settings.host("sip"), site.role("sip")),
        *srv(site, "_sips._tcp", tls, comment="SIP"),
        *(
            DnsRecord(
                name=f"{domain.name}.",
                type="NAPTR",
                data=f'10 0 "s" "SIPS+D2T" "" _sips._tcp.{domain.name}.',
            )
            for domain in site.settings.domains
        ),
    )


def websockets(site: Site) -> list[str]:
    """Where browsers connect (RFC 7118)."""
    return list(dict.fromkeys(f"wss://{e.name}:{e.port}/ws" for e in site.purpose("sip-wss")))


def _word(secret: str) -> str:
    """A secret that needs no quoting in kamailio's language."""
    if not re.fullmatch(r"[\w-]+", secret, re.ASCII):
        raise FalcotError(
            f"{paths.SECRETS}/{MINTED_SECRET}: other characters in a secret than a-z, 0-9, _ and -",
            hint="remove the file: another one is made",
        )
    return secret


def resources(site: Site) -> tuple[Resource, ...]:
    tunables = site.tunables["sip"]
    copy = CertificateCopy(daemon="kamailio", group="kamailio")
    domains = [domain.name for domain in site.settings.domains]
    tls = site.purpose("sip-tls")
    context = {
        "listeners": sip_ports.listeners(site),
        "domains": domains,
        "names": [tls[0].name],
        "origins": [f"https://{name}" for name in (*domains, tls[0].name)],
        "realm": site.settings.realm,
        "subscribers_db": f"{STATE}/subscribers.sqlite",
        "location_db": f"{STATE}/location/location.sqlite",
        "check_prefix": names.RESERVED_PREFIX,
        "guest": names.GUEST,
        "federation": tunables["federation"],
        "federation_host": tls[0].name,
        "federation_port": tls[0].port,
        "workers": tunables["workers"],
        "max_contacts": tunables["max-contacts"],
        "min_expires": 60,
        "max_expires": tunables["max-expires"],
        "max_connections": tunables["max-connections"],
        "ring_seconds": tunables["ring-seconds"],
        "flood_requests": tunables["flood-requests"],
        "failures_per_source": tunables["failures-per-source"],
        "failures_per_user": tunables["failures-per-user"],
        "failure_window": tunables["failure-window"],
        "minted_ttl": site.tunables["turn"]["minted-ttl"],
        "overlays": overlays(site, "kamailio"),
    }
    generations = minted.parse(site.secrets.get(MINTED_SECRET, ""))
    return (
        copy,
        Directory(path=STATE, group="kamailio", mode=0o750),
        TreeFile(
            path="sip/kamailio.cfg", content=render.template("sip/kamailio.cfg.j2", **context)
        ),
        TreeFile(
            path=MINTED,
            content=render.template(
                "sip/minted.cfg.j2", secrets=[_word(one.secret) for one in generations]
            ),
            group="kamailio",
            mode=0o640,
        ),
        TreeFile(
            path=GUESTS,
            content=render.template(
                "sip/guests.cfg.j2",
                guests=[f"{one.name}={one.target}" for one in site.settings.click_to_call],
                origins=sorted({o for one in site.settings.click_to_call for o in one.origins}),
            ),
        ),
        TreeFile(
            path="sip/tls.cfg",
            content=render.template(
                "sip/tls.cfg.j2",
                tls_min="TLSv1.2+",
                tls_ciphers=ciphers.for_phones(old=site.tunables["tls"]["old-phones"]),
                certificate=f"{copy.directory}/fullchain.pem",
                key=f"{copy.directory}/key.pem",
                ca_path="/etc/ssl/certs",
            ),
        ),
        Validator(
            name="kamailio",
            argv=(
                "kamailio",
                "-c",
                "-u",
                "kamailio",
                "-g",
                "kamailio",
                "-f",
                "{tree}/sip/kamailio.cfg",
            ),
        ),
        Validator(
            name="a start of kamailio",
            argv=(
                "python3",
                "-I",
                "-m",
                "falcot_rtc.kamailio_start",
                "{tree}/sip/kamailio.cfg",
            ),
        ),
        dropin(
            site,
            "kamailio.service",
            role="sip",
            readable=(f"{CURRENT}/sip/kamailio.cfg", f"{copy.directory}/key.pem"),
            current=CURRENT,
            state=STATE,
        ),
        Unit(
            name="kamailio.service",
            restart_on=(
                "sip/kamailio.cfg",
                "sip/tls.cfg",
                "/etc/systemd/system/kamailio.service.d/",
            ),
            reload_on=(MINTED, GUESTS, copy.directory + "/"),
        ),
    )


KAMAILIO = Provider(
    name="kamailio",
    packages=(
        Package(
            name="kamailio",
            floors={"bookworm": "5.6.3", "trixie": "6.0.1"},
            alternatives=("repro",),
        ),
        *(
            Package(name=f"kamailio-{module}-modules")
            for module in ("tls", "websocket", "sqlite", "outbound", "autheph")
        ),
        Package(name="ca-certificates"),
    ),
    held=("kamailio.service",),
    minting=(MINTED_SECRET,),
    resources=resources,
)
POLICY = Policy(
    name="sip",
    role="sip",
    tunables=TUNABLES,
    providers=(KAMAILIO,),
    endpoints=sip_ports.endpoints,
    records=records,
)
