# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc click-to-call`: whom people without an account may call, and the snippet for that."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from falcot_rtc import apply, tables
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.click_to_call import ClickToCall
from falcot_rtc.errors import UsageError, named
from falcot_rtc.host import Host
from falcot_rtc.policies import phone_desk
from falcot_rtc.policy import Site

HINT = "edit /etc/falcot-rtc/settings.toml, then falcot-rtc apply"


def listing(given: argparse.Namespace) -> int:
    host = Host()
    site, _ = apply.read_site(host)
    now = int(time.time())
    with sync.open_store(host) as store:
        people = store.accounts()
    rows = [
        {
            **asdict(one),
            "until": one.until.isoformat() if one.until else None,
            "rings": _owner(one.target, people),
            "ended": one.ends is not None and one.ends <= now,
        }
        for one in site.settings.click_to_call
    ]
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    tables.show(
        (
            (
                str(row["name"]),
                str(row["target"]),
                str(row["rings"]) if row["rings"] else "nobody",
                "ended" if row["ended"] else str(row["until"] or ""),
                " ".join(one.origins),
            )
            for row, one in zip(rows, site.settings.click_to_call, strict=True)
        ),
        ("name", "calls", "rings", "until", "on pages of"),
    )
    return 0


def _owner(target: str, people: Sequence[Account]) -> str | None:
    """Whose phone rings; None if there is nobody of that name or number."""
    local, _, domain = target.partition("@")
    for one in people:
        numbered = local.isdigit() and one.extension == local
        called = one.domain == domain and local in (one.name, *one.aliases)
        if one.state is State.ACTIVE and (numbered or called):
            return one.address
    return None


def snippet(given: argparse.Namespace) -> int:
    site, _ = apply.read_site(Host())
    sys.stdout.write(html(site, _entry(site, given.name)))
    return 0


def _entry(site: Site, name: str) -> ClickToCall:
    if not phone_desk.serves(site.settings):
        raise UsageError(
            "click-to-call: it needs the roles sip and web, and this host has not both",
            hint="falcot-rtc config set services …",
        )
    found = next((one for one in site.settings.click_to_call if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in site.settings.click_to_call)
        raise UsageError(
            f"click-to-call: {named(name)}: no such [[click_to_call]]",
            hint=f"known here: {known}" if known else HINT,
        )
    return found


def html(site: Site, entry: ClickToCall) -> str:
    """What goes into a page; nothing of it is inline script or style."""
    source = f"https://{site.settings.domain}/phone/call.js"
    return (
        f'<script src="{source}" async></script>\n'
        f'<falcot-call name="{entry.name}">{escape(entry.title)}</falcot-call>\n'
    )
