# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc user list` and `user show`: who there is, and what they are doing."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict

from falcot_rtc import tables
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.live import person
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.verbs_user import address, managed


def _facts(one: Account, site: Site) -> dict[str, object]:
    return {
        "address": one.address,
        "state": one.state.value,
        "extension": one.extension,
        "aliases": list(one.aliases),
        "needs-password-for": list(one.lacks(site.settings.realm)),
        "created": one.created,
        "password-changed": one.updated,
    }


def user_list(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    with sync.open_store(host) as store:
        rows = [_facts(one, site) for one in store.accounts()]
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    tables.show(
        (
            (
                str(row["address"]),
                str(row["extension"] or ""),
                " ".join(row["aliases"]),  # type: ignore[arg-type]
                str(row["state"]),
                ", ".join(row["needs-password-for"]),  # type: ignore[arg-type]
            )
            for row in rows
        ),
        ("address", "extension", "aliases", "state", "needs a new password for"),
    )
    return 0


def user_show(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    name, domain = address(site, given.address)
    with sync.open_store(host) as store:
        one = store.get(name, domain)
    sessions = person.seen(host, site, one.address)
    last = person.last_seen(host, site, one.address)
    shown = _facts(one, site)
    if given.json:
        shown |= {"last-seen": last, "sessions": [asdict(session) for session in sessions]}
        print(json.dumps(shown, indent=1))
        return 0
    for title, value in (
        ("address", one.address),
        ("state", one.state.value),
        ("extension", one.extension or ""),
        ("aliases", " ".join(one.aliases)),
        ("password", f"set {tables.moment(one.updated)}"),
        ("needs a new one for", ", ".join(one.lacks(site.settings.realm))),
        ("last seen", tables.moment(last)),
    ):
        if value:
            print(f"{title:20}{value}")
    if sessions:
        print()
        now = int(time.time())
        tables.show(
            (
                (s.service, s.kind.value, s.device, s.where, tables.moment(s.since),
                 f"{max(0, s.expires - now)} s" if s.expires else "")
                for s in sessions
            ),
            ("service", "what", "device", "where", "since", "renews within"),
        )  # fmt: skip
    return 0
