# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc user sync`: what somebody did past the store, with prosodyctl for example."""

from __future__ import annotations

import argparse

from falcot_rtc import audit
from falcot_rtc.accounts import adopt, sync
from falcot_rtc.accounts.live import person
from falcot_rtc.accounts.projections import Changes, Projection
from falcot_rtc.errors import UsageError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.verbs_user import managed


def user_sync(given: argparse.Namespace) -> int:
    if given.check and (given.adopt or given.remove):
        raise UsageError("user sync: --check changes nothing, --adopt and --remove do")
    host = Host()
    site = managed(host)
    gone: set[str] = set()
    left = 0
    with host.lock():
        found = sync.differences(host, site)
        for projection, changes in found:
            for line in changes.lines:
                print(f"{projection.name}: {line}")
        if given.check:
            return 1 if found else 0
        if given.adopt:
            left = _adopted(host, site, found)
        sync.project(host, site)
        if given.remove:
            for projection, changes in found:
                projection.write(Changes(remove=changes.foreign))
                gone |= changes.foreign
    # Nobody can return now.
    for address in sorted(key for key in gone if "@" in key):
        person.end(host, site, address)
        _note(f"removed {address}, which was no account of the store")
    if any(changes for _, changes in found):
        _note("brought every service in line with the store")
    if not given.adopt and not given.remove and any(changes.foreign for _, changes in found):
        print("what is no account of the store stays; --adopt takes it in, --remove ends it")
        return 1
    if not found:
        print("nothing to do")
    return 1 if left else 0


def _note(line: str) -> None:
    audit.note(f"{line} (by {audit.who()})")
    print(line)


def _adopted(host: Host, site: Site, found: list[tuple[Projection, Changes]]) -> int:
    """Takes accounts in; how many of them could not be."""
    rows = {projection.name: projection.read() for projection, _ in found}
    foreign = {key for _, changes in found for key in changes.foreign}
    with sync.open_store(host) as store:
        taken, refused = adopt.adopt(
            store, foreign, rows, realm=site.settings.realm, kind=sync.kind(site)
        )
    for one in taken:
        needs = ", ".join(one.lacks(site.settings.realm))
        _note(f"adopted {one.address}")
        if needs:
            print(f"{one.address} needs a new password for {needs}")
    for line in refused:
        print(f"not adopted: {line}")
    return len(refused)
