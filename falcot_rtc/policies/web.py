# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start page over HTTPS, by an apache2 instance of its own (apache2@falcot-rtc.service).

Debian's multi-instance support (/usr/share/doc/apache2/README.multiple-instances) leaves the stock
instance and its conffiles alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from falcot_rtc import ciphers, fields, paths, render
from falcot_rtc.endpoints import Endpoint
from falcot_rtc.password_page import page as password
from falcot_rtc.password_page.form import LARGEST, Answer, Outcome
from falcot_rtc.phone_desk import wish
from falcot_rtc.policies import phone_desk, web_phone
from falcot_rtc.policies.common import CURRENT, MAIN, dropin, overlays, rows
from falcot_rtc.policy import Policy, Provider, Site
from falcot_rtc.port443 import PORT
from falcot_rtc.resources import (
    CertificateCopy,
    Link,
    Masked,
    Package,
    Resource,
    TreeFile,
    Unit,
    Validator,
)
from falcot_rtc.settings import ROLES, Key, Settings

INSTANCE = "/etc/apache2-falcot-rtc"
UNIT = "apache2@falcot-rtc.service"
PASSWORD_SOCKET = "/run/falcot-rtc/password.sock"
# Pages that the web server has by itself: the form, and what it shows without the service.
PASSWORD_PAGES = {
    "index": None,
    "busy": Answer(outcome=Outcome.BUSY),
    "malformed": Answer(outcome=Outcome.MALFORMED),
    "uncertain": Answer(outcome=Outcome.UNCERTAIN),
}

TUNABLES = (
    Key(
        path="hsts-seconds",
        parse=fields.integer(0, 63072000),
        default=15768000,
        doc="How long browsers insist on HTTPS after a visit (RFC 6797); 0: not at all.",
    ),
)


def endpoints(settings: Settings, tunables: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """HTTPS on port 443 of the main addresses, or of those that the web has of its own instead.

    HTTP is wherever a name of the site leads to: that is how ACME looks who has it (RFC 8555 §8.3).
    """
    of: dict[str, Any] = {"role": "web", "daemon": "apache2"}
    main = {a.family: a for a in settings.addresses if a.family in MAIN}
    web = main | {a.family: a for a in settings.port443.of("web")}
    others = {f"{family}-server": address for family, address in main.items()} | {
        f"{a.family}-{role}": a for role in ROLES for a in settings.port443.of(role)
    }
    plain = dict(web)
    for family, address in others.items():
        if address.bind not in {a.bind for a in plain.values()}:
            plain[family] = address
    return (
        *rows(settings, web, purpose="web-https", port=443, tls=True, **of),
        *rows(settings, plain, purpose="web-http", port=80, **of),
    )


def _shown(site: Site, plain: str, tls: str) -> list[Endpoint]:
    """What people without SRV records type in: the ordinary port, and 443 if it is there."""
    on_443 = [e for e in site.purpose(tls)[:1] if e.port == PORT]
    return [*site.purpose(plain)[:1], *on_443]


def resources(site: Site) -> tuple[Resource, ...]:
    copy = CertificateCopy(daemon="apache2", group="root")
    services, desk = site.settings.services, phone_desk.serves(site.settings)
    page = {
        "domain": site.settings.domain,
        "sip": site.purpose("sip-tls")[0] if "sip" in services else None,
        "wss": site.purpose("sip-wss")[0] if "sip" in services else None,
        "xmpp": _shown(site, "xmpp-client", "xmpp-client-tls"),
        "turn": _shown(site, "turn-udp", "turn-tls"),
        "phone": web_phone.PAGE if web_phone.reachable(site) else "",
        "own_ca": site.settings.certificate.source == "own-ca",
    }
    return (
        copy,
        TreeFile(
            path="web/apache2.conf",
            content=render.template(
                "web/apache2.conf.j2",
                site=site,
                https=site.purpose("web-https"),
                http=site.purpose("web-http"),
                names=[domain.name for domain in site.settings.domains],
                languages=sorted(render.catalogue("web/start-page", domain="")),
                certificate=copy.directory,
                ciphers=ciphers.MODERN,
                root=f"{CURRENT}/web/html",
                password_page=password.PAGE,
                password_action=password.ACTION,
                password_socket=PASSWORD_SOCKET,
                password_largest=LARGEST,
                phone=web_phone.location(site),
                phone_socket=phone_desk.SOCKET if desk else "",
                phone_api=wish.API,
                phone_largest=wish.LARGEST,
                challenges=(
                    paths.ACME_WEBROOT if site.settings.certificate.looked_for_on_the_web else ""
                ),
                hsts=site.tunables["web"]["hsts-seconds"],
                overlays=overlays(site, "apache2"),
            ),
        ),
        TreeFile(path="web/envvars", content=render.template("web/envvars.j2")),
        *(
            TreeFile(
                path=f"web/html/index.html.{language}",
                content=render.template("web/index.html.j2", language=language, t=texts, **page),
            )
            for language, texts in render.catalogue(
                "web/start-page", domain=site.settings.domain
            ).items()
        ),
        *(
            TreeFile(
                path=f"web/html{password.PAGE}{name}.html.{language}",
                content=password.page(site, language, answer),
            )
            for name, answer in PASSWORD_PAGES.items()
            for language in password.languages()
        ),
        *(
            TreeFile(
                path=f"web/html/phone-api/{answer.body['error']}.json",
                content=json.dumps(answer.body) + "\n",
            )
            for answer in (wish.BUSY, wish.MALFORMED)
            if desk
        ),
        TreeFile(path="web/html/style.css", content=render.template("web/style.css.j2")),
        Link(path=INSTANCE, target=f"{CURRENT}/web"),
        # apache2 looks for the certificate files during its check, so those of the host must exist.
        Validator(
            name="apache2",
            argv=("apache2", "-t", "-d", "{tree}/web", "-f", "{tree}/web/apache2.conf"),
            env=(
                ("APACHE_RUN_USER", "www-data"),
                ("APACHE_RUN_GROUP", "www-data"),
                ("APACHE_PID_FILE", "/run/apache2-falcot-rtc/apache2.pid"),
                ("APACHE_RUN_DIR", "/run"),
            ),
        ),
        dropin(site, UNIT, role="web", readable=(f"{CURRENT}/web/apache2.conf",)),
        Masked(name="apache2.service"),
        Unit(name="falcot-rtc-password.socket", stock=False),
        Unit(
            name=UNIT,
            restart_on=("web/envvars", f"/etc/systemd/system/{UNIT}.d/"),
            reload_on=("web/apache2.conf", copy.directory + "/"),
            stock=False,
        ),
    )


APACHE2 = Provider(
    name="apache2",
    packages=(Package(name="apache2", floors={"bookworm": "2.4.57", "trixie": "2.4.62"}),),
    held=("apache2.service",),
    resources=resources,
)

POLICY = Policy(
    name="web",
    role="web",
    tunables=TUNABLES,
    providers=(APACHE2,),
    endpoints=endpoints,
)
