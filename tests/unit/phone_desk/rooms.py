# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a site on it, and the desk that reads what apply made of it."""

from pathlib import Path

from falcot_rtc import apply, paths
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import State
from falcot_rtc.phone_desk.house import Reader
from tests.unit.fake_host import FALCOT, FakeHost, fresh
from tests.unit.test_click_to_call import SALES

PASSWORD = "correct horse"


def site_with_people(root: Path, settings: str = FALCOT + SALES) -> FakeHost:
    host = fresh(root, settings=settings)
    apply.apply(host, report=lambda _: None)
    site, _ = apply.read_site(host)
    with sync.open_store(host) as store:
        for name in ("joe", "gone"):
            store.add(
                name, "falcot.com", realm="falcot.com", password=PASSWORD, kind=sync.kind(site)
            )
        store.set_state("gone", "falcot.com", State.DISABLED)
    sync.project(host, site)
    return host


def reader(host: FakeHost) -> Reader:
    """As the daemon's, below the host's root, where the link does not lead."""
    tree = host.inside(f"{paths.CURRENT}/phone")
    return Reader(tree, host.inside(f"{paths.STATE}/phone/people.jsonl"))
