# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gives the web phone its credentials (falcot_rtc.phone_desk, docs/web-phone-api.md)."""

from __future__ import annotations

import json

from falcot_rtc import fields, minted, paths
from falcot_rtc.policies import sip, turn
from falcot_rtc.policy import Policy, Provider, Site
from falcot_rtc.resources import Directory, Resource, SystemUser, TreeFile, Unit
from falcot_rtc.settings import Key, Settings

USER = "_falcot-rtc-phone"
STATE = f"{paths.STATE}/phone"
SOCKET = "/run/falcot-rtc/phone.sock"
SECRETS = "phone/secrets.json"
TOKEN_SECRET = "phone-token"

TUNABLES = (
    Key(
        path="credentials-seconds",
        parse=fields.integer(30, 86400),
        default=3600,
        doc="Seconds for which credentials of the web phone are good; it renews them in time.",
    ),
    Key(
        path="login-hours",
        parse=fields.integer(1, 720),
        default=12,
        doc="Hours after which people have to log in to the web phone again.",
    ),
)


def serves(settings: Settings) -> bool:
    """Whether there is somebody to ask for credentials, and something to use them for."""
    return {"sip", "web"} <= set(settings.services)


def resources(site: Site) -> tuple[Resource, ...]:
    if not serves(site.settings):
        return ()
    tuned, longest = site.tunables["phone"], site.tunables["turn"]["minted-ttl"]
    domains = [domain.name for domain in site.settings.domains]
    desk = {
        "domains": domains,
        "realm": site.settings.realm,
        "origins": [f"https://{name}" for name in domains],
        "ttl": min(tuned["credentials-seconds"], longest),
        "login_seconds": tuned["login-hours"] * 3600,
        "sip_servers": sip.websockets(site),
        "turn_urls": [*turn.urls(site), *turn.urls_without_ipv4(site)],
        "calls": [
            {
                "name": one.name,
                "target": one.target,
                "title": one.title,
                "origins": list(one.origins),
                "limit": one.limit,
                "ttl": min(one.ttl, longest),
                "ends": one.ends,
            }
            for one in site.settings.click_to_call
        ],
    }
    secrets = {
        "token": site.secrets.get(TOKEN_SECRET, ""),
        "sip": _generations(site, sip.MINTED_SECRET),
        "turn": _generations(site, turn.MINTED_SECRET),
    }
    return (
        Directory(path=STATE, group=USER, mode=0o750),
        TreeFile(path="phone/desk.json", content=_json(desk)),
        TreeFile(path=SECRETS, content=_json(secrets), group=USER, mode=0o640),
        Unit(name="falcot-rtc-phone.socket", stock=False),
    )


def _generations(site: Site, name: str) -> str:
    """As they are kept, whether just made or read from the file."""
    return minted.serialise(minted.parse(site.secrets.get(name, "")))


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


DESK = Provider(
    name="apache2",
    packages=(),
    secrets=(TOKEN_SECRET,),
    users=(SystemUser(name=USER, description="falcot-rtc web phone credentials"),),
    resources=resources,
)

POLICY = Policy(name="phone", role="web", tunables=TUNABLES, providers=(DESK,))
