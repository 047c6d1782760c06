# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc credentials`: minted ones for WebRTC clients, and the rotation of their secrets."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from falcot_rtc import apply, derive, material, minted
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.actions import Stage, Switch, UnitAction, Validate, Write
from falcot_rtc.apply import Prepared
from falcot_rtc.errors import FalcotError, UsageError, named
from falcot_rtc.host import Host
from falcot_rtc.policies import phone_desk, sip, turn, xmpp
from falcot_rtc.policy import Site
from falcot_rtc.resources import TreeFile

SHORTEST = 10  # seconds
DAY = 86400
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": DAY}
_TIME = re.compile(r"([0-9]{1,9})([smhd]?)")
# What a rotation changes in a generation.
_ROTATED = (sip.MINTED, f"xmpp/{xmpp.MINTED}.cfg.lua", phone_desk.SECRETS)


def credentials(given: argparse.Namespace) -> int:
    host = Host()
    if given.name is None:
        if given.ttl is not None:
            raise UsageError("credentials: --ttl is for the credentials of a person")
        return rotate(host, due=given.rotate_due)
    # The lock: no rotation is half done while this reads the secrets.
    with host.lock():
        site, _ = apply.read_site(host)
        account = _active(host, site, given.name)
    made = mint(site, account, seconds(given.ttl, site.tunables["turn"]["minted-ttl"]))
    print(json.dumps(made, indent=1))
    return 0


def seconds(text: str | None, longest: int) -> int:
    """A time such as 90, 30m, 1h or 1d; an hour, or `longest`, if none is given."""
    if text is None:
        return min(3600, longest)
    match = _TIME.fullmatch(text)
    if match is None:
        raise UsageError(
            f"credentials: --ttl {named(text)} is no time", hint="such as 90s, 30m, 1h or 1d"
        )
    found = int(match[1]) * _UNITS[match[2]]
    if not SHORTEST <= found <= longest:
        raise UsageError(
            f"credentials: --ttl {named(text)} is not between {SHORTEST} and {longest} seconds",
            hint="minted-ttl in /etc/falcot-rtc/policy.d/turn.toml is the most",
        )
    return found


def mint(site: Site, account: Account, ttl: int) -> dict[str, Any]:
    """What clients take: `iceServers` as RTCPeerConnection does, `sip` for a user agent."""
    expires = int(time.time()) + ttl
    made: dict[str, Any] = {"expires": expires}
    if "turn" in site.settings.services:
        generations = minted.parse(site.secrets[turn.MINTED_SECRET])
        made["iceServers"] = [_ice(site, minted.for_turn(generations, account.address, expires))]
    if "sip" in site.settings.services:
        generations = minted.parse(site.secrets[sip.MINTED_SECRET])
        made["sip"] = _sip(site, account, minted.for_sip(generations, account.address, expires))
    if len(made) == 1:
        raise UsageError("credentials: this host has neither TURN nor SIP")
    return made


def _ice(site: Site, of: minted.Credentials) -> Mapping[str, Any]:
    return {"urls": turn.urls(site), "username": of.user, "credential": of.password}


def _sip(site: Site, account: Account, of: minted.Credentials) -> Mapping[str, Any]:
    return {
        "uri": f"sip:{account.address}",
        "ws_servers": sip.websockets(site),
        "authorization_user": of.user,
        "password": of.password,
        "realm": site.settings.realm,
        "expires": of.expires,
    }


def _active(host: Host, site: Site, name: str) -> Account:
    local, _, domain = name.partition("@")
    with sync.open_store(host) as store:
        account = store.get(local, domain or site.settings.domain)
    if account.state is not State.ACTIVE:
        raise UsageError(
            f"user: {account.address} is disabled",
            hint=f"falcot-rtc user enable {account.address}",
        )
    return account


def rotate(host: Host, *, due: bool) -> int:
    """A new generation of each minters' secret, by the same way as every other change.

    With `due` only if it is time; then it also completes a rotation that was killed. What an
    administrator prepared is not for a timer to carry out: FalcotError, unless it is not time.
    """
    if not apply.is_managed(host) or (due and not _is_set_up(host)):
        return 0
    site, missing = apply.read_site(host)
    period = site.tunables["turn"]["rotation-days"] * DAY if due else 0
    _, turned = material.turned_secrets(
        site.secrets,
        derive.minting_secrets(site.settings),
        int(time.time()),
        period=period,
        longest=site.tunables["turn"]["minted-ttl"],
    )
    wants = bool(turned or missing)
    prepared = apply.prepare(host)
    if due and not wants and not prepared.actions:
        return 0
    if not _is_rotation(prepared):
        if due and not wants:
            return 0
        raise FalcotError(
            "credentials: not rotated, as other changes are waiting",
            hint="falcot-rtc plan shows them, falcot-rtc apply carries them out",
        )
    apply.apply(host, rotate=period)
    return 0


def _is_set_up(host: Host) -> bool:
    from falcot_rtc import facts

    return facts.generation(host) is not None


def _is_rotation(prepared: Prepared) -> bool:
    """Whether nothing waits to be applied but a rotation that was killed, and certificates."""
    tree = dict(prepared.facts.tree)
    wanted = {r.path: r for r in prepared.resources if isinstance(r, TreeFile)}
    differing = {path for path in wanted | tree if wanted.get(path) != tree.get(path)}
    return differing <= set(_ROTATED) and all(
        isinstance(one, Write | Stage | Validate | Switch)
        or (isinstance(one, UnitAction) and one.verb == "reload")
        for one in prepared.actions
    )
