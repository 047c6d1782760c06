# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""XMPP (RFC 6120, RFC 7590, XEP-0368) by prosody 13, prosody(8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from falcot_rtc import failed_login, fields, minted, render
from falcot_rtc.accounts import hashes, names
from falcot_rtc.accounts.xmpp import encode
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.host_names import COMPONENTS
from falcot_rtc.policies import turn
from falcot_rtc.policies.common import (
    CURRENT,
    dropin,
    host_records,
    listen,
    listen_443,
    overlays,
    srv,
)
from falcot_rtc.policy import Policy, Provider, Site
from falcot_rtc.port443 import PORT
from falcot_rtc.resources import (
    CertificateCopy,
    Data,
    DnsRecord,
    Link,
    Package,
    Resource,
    TreeFile,
    Unit,
    Validator,
)
from falcot_rtc.settings import Key, Settings

MODULES = "xmpp/modules"
DECOY_SECRET = "xmpp-decoys"
# What changes without a restart: no domain has such a name.
MINTED = "minted"
CONFERENCE, UPLOAD = COMPONENTS
# prosody brings a conffile conf.avail/example.com.cfg.lua; that domain's links get another name.
STOCK_DOMAIN = "example.com"

TUNABLES = (
    Key(
        path="password-hash",
        parse=fields.one_of("SHA-1", "SHA-256"),
        default="SHA-1",
        doc=(
            "How SCRAM keeps passwords. SHA-256 shuts out clients that know SCRAM-SHA-1 only; "
            "after a change people need a new password."
        ),
    ),
    Key(
        path="archive-days",
        parse=fields.integer(1, 3650),
        default=30,
        doc="Days for which the server keeps messages, so that all devices show them.",
    ),
    Key(
        path="upload-days",
        parse=fields.integer(1, 3650),
        default=30,
        doc="Days for which shared files are kept.",
    ),
    Key(
        path="upload-megabytes",
        parse=fields.integer(1, 10240),
        default=50,
        doc="Largest file that may be shared.",
    ),
    Key(
        path="upload-daily-megabytes",
        parse=fields.integer(1, 1048576),
        default=500,
        doc="How much one person may share in a day.",
    ),
)


def endpoints(settings: Settings, tunables: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    def row(
        purpose: str, port: int, label: str = "", on_443: bool = False, **more: Any
    ) -> tuple[Endpoint, ...]:
        of: dict[str, Any] = {
            "role": "xmpp",
            "purpose": purpose,
            "daemon": "prosody",
            "label": label or settings.labels["xmpp"],
            **more,
        }
        return (
            *(listen_443(settings, shared=True, **of) if on_443 else ()),
            *listen(settings, port=port, **of),
        )

    return (
        *row("xmpp-client", 5222),
        *row("xmpp-client-tls", 5223, on_443=True, tls=True),
        *row("xmpp-server", 5269),
        *row("xmpp-server-tls", 5270, on_443=True, tls=True),
        *row("xmpp-https", 5281, on_443=True, label=UPLOAD, tls=True),
    )


def _url(host: str, port: int) -> str:
    return f"https://{host}/" if port == PORT else f"https://{host}:{port}/"


def resources(site: Site) -> tuple[Resource, ...]:
    domains = [domain.name for domain in site.settings.domains]
    copy = CertificateCopy(
        daemon="prosody",
        group="prosody",
        names=tuple((f"{domain}.crt", f"{domain}.key") for domain in domains),
    )
    with_turn = "turn" in site.settings.services
    rendered = {
        "falcot-rtc": render.template(
            "xmpp/falcot-rtc.cfg.lua.j2",
            site=site,
            certificates=copy.directory,
            modules=f"{CURRENT}/{MODULES}",
            decoy_secret=site.secrets[DECOY_SECRET],
            jail=site.tunables["jail"],
            addresses=[endpoint.address for endpoint in site.purpose("xmpp-client")],
            on_443=[e.address for e in site.purpose("xmpp-client-tls") if e.shared],
            turn=site.purpose("turn-udp")[0] if with_turn else None,
            turn_tls=site.purpose("turn-tls")[0] if with_turn else None,
            turn_ttl=site.tunables["turn"]["minted-ttl"],
            tunables=site.tunables["xmpp"],
            overlays=overlays(site, "prosody"),
        ),
        **{
            domain: render.template(
                "xmpp/domain.cfg.lua.j2",
                domain=domain,
                admins=[f"{site.settings.admin}@{site.settings.domain}"],
                conference=f"{CONFERENCE}.{domain}",
                upload_url=_url(f"{UPLOAD}.{domain}", site.purpose("xmpp-https")[0].port),
                upload=f"{UPLOAD}.{domain}",
                tunables=site.tunables["xmpp"],
            )
            for domain in domains
        },
    }
    newest = minted.parse(site.secrets.get(turn.MINTED_SECRET, ""))[-1:]
    if with_turn and newest:
        rendered[MINTED] = render.template("xmpp/minted.cfg.lua.j2", newest=newest[0])
    files: list[Resource] = []
    for name, content in rendered.items():
        linked = f"falcot-rtc-{name}" if name in (STOCK_DOMAIN, MINTED) else name
        # 0640: one of them carries the secret that mints TURN credentials.
        files += [
            TreeFile(path=f"xmpp/{name}.cfg.lua", content=content, group="prosody", mode=0o640),
            Link(
                path=f"/etc/prosody/conf.avail/{linked}.cfg.lua",
                target=f"{CURRENT}/xmpp/{name}.cfg.lua",
            ),
            Link(
                path=f"/etc/prosody/conf.d/{linked}.cfg.lua",
                target=f"../conf.avail/{linked}.cfg.lua",
            ),
        ]
    hosts = [h for d in domains for h in (d, f"{CONFERENCE}.{d}", f"{UPLOAD}.{d}")]
    return (
        copy,
        *(Data(path=f"/var/lib/prosody/{encode(h)}", unit="prosody.service") for h in hosts),
        *files,
        TreeFile(
            path=f"{MODULES}/mod_falcot_rtc.lua",
            content=render.template("xmpp/mod_falcot_rtc.lua.j2"),
            group="prosody",
            mode=0o640,
        ),
        TreeFile(
            path=f"{MODULES}/mod_falcot_rtc_login.lua",
            content=render.template(
                "xmpp/mod_falcot_rtc_login.lua.j2",
                line=failed_login.FORMAT,
                iterations=hashes.ITERATIONS,
                check_prefix=names.RESERVED_PREFIX,
            ),
            group="prosody",
            mode=0o640,
        ),
        TreeFile(
            path="xmpp/validate.cfg.lua",
            content=render.template("xmpp/validate.cfg.lua.j2", names=list(rendered)),
        ),
        Validator(
            name="prosody",
            argv=("prosodyctl", "--config", "{tree}/xmpp/validate.cfg.lua", "check", "config"),
        ),
        dropin(
            site,
            "prosody.service",
            role="xmpp",
            readable=(
                f"{CURRENT}/xmpp/falcot-rtc.cfg.lua",
                f"{copy.directory}/{domains[0]}.key",
            ),
        ),
        Unit(
            name="prosody.service",
            restart_on=(
                *(f"xmpp/{name}.cfg.lua" for name in rendered if name != MINTED),
                f"{MODULES}/",
                "/etc/systemd/system/prosody.service.d/",
            ),
            reload_on=(f"xmpp/{MINTED}.cfg.lua", copy.directory + "/"),
        ),
    )


def records(site: Site) -> tuple[DnsRecord, ...]:
    """RFC 6120 §3.2.1 and XEP-0368; the components need names of their own for federation."""
    names = [site.settings.host("xmpp")] + [
        f"{label}.{domain.name}"
        for domain in site.settings.domains
        for label in (CONFERENCE, UPLOAD)
    ]
    text = "XMPP, for clients and for other servers"
    tls = site.purpose("xmpp-client-tls")
    # Clients take both services for one (XEP-0368): a blocked 5222 would make them wait.
    behind = sum(1 for endpoint in tls[:1] if endpoint.port == PORT)
    return (
        *(record for name in names for record in host_records(site, name, site.role("xmpp"))),
        *srv(site, "_xmpp-client._tcp", site.purpose("xmpp-client"), comment=text, behind=behind),
        *srv(site, "_xmpps-client._tcp", tls),
        *srv(site, "_xmpp-server._tcp", site.purpose("xmpp-server")),
        *srv(site, "_xmpps-server._tcp", site.purpose("xmpp-server-tls")),
    )


PROSODY = Provider(
    name="prosody",
    # The configuration uses modules_enabled:append, which prosody has since 13.
    packages=(
        Package(name="prosody", floors={"trixie": "13.0.6~", "bookworm": "13.0.1~"}),
        Package(name="lua-unbound"),
        Package(
            name="prosody-modules",
            floors={"trixie": "0.0~hg20260101", "bookworm": "0.0~hg20250101"},
        ),
    ),
    held=("prosody.service",),
    secrets=(DECOY_SECRET,),
    resources=resources,
)

POLICY = Policy(
    name="xmpp",
    role="xmpp",
    tunables=TUNABLES,
    providers=(PROSODY,),
    endpoints=endpoints,
    records=records,
)
