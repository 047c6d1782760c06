# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain that gets another name: its people, their contacts, rooms, archives and uploads follow.

HA1 is bound to name and realm, SCRAM to nothing: with the realm kept, passwords go on working. Only
HA1B, for clients that log in as name@domain, is lost.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from falcot_rtc import paths, settings, settings_file
from falcot_rtc.accounts import directory, sync
from falcot_rtc.accounts.directory import Node, Owner
from falcot_rtc.accounts.xmpp import encode
from falcot_rtc.actions import MoveDomain, Write
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policies.xmpp import CONFERENCE, UPLOAD
from falcot_rtc.policy import Site
from falcot_rtc.settings import Domain, Settings

# prosody's stores whose files name people and rooms.
NAMING = ("roster", "config")


def pinned(host: Host, text: str, chosen: Settings) -> tuple[Settings, tuple[Write, ...]]:
    """The settings with the realm that all passwords were made for, and the write that keeps it.

    An administrator who sets `realm` means it, and is told by `plan` whose passwords that costs.
    """
    if settings.look_up(settings.load(text), "realm") or not host.exists(paths.ACCOUNTS):
        return chosen, ()
    with sync.open_store(host) as store:
        realms = {realm for _, realm in store.tally()}
    if len(realms) != 1 or realms == {chosen.realm}:
        return chosen, ()
    (realm,) = realms
    content = settings_file.put(text, {"realm": realm}).encode()
    why = f"SIP and TURN passwords are bound to the realm {realm}"
    write = Write(path=paths.SETTINGS, content=content, mode=0o644, why=why)
    return replace(chosen, realm=realm), (write,)


def pending(host: Host, site: Site) -> MoveDomain | None:
    """The rename that the settings mean: one domain with people went, one without any came."""
    if not host.exists(paths.ACCOUNTS):
        return None
    people: dict[str, int] = {}
    with sync.open_store(host) as store:
        for (domain, _), number in store.tally().items():
            people[domain] = people.get(domain, 0) + number
    served = [domain.name for domain in site.settings.domains]
    gone = [domain for domain in people if domain not in served]
    come = [domain for domain in served if domain not in people]
    if not gone:
        return None
    if len(gone) == len(come) == 1:
        return MoveDomain(old=gone[0], new=come[0], people=people[gone[0]])
    if come:
        raise FalcotError(
            f"domain: there are accounts in {', '.join(sorted(gone))}, but the settings name "
            f"{', '.join(come)}: which belong to which?",
            hint="rename one domain at a time, each followed by falcot-rtc apply",
        )
    # A domain that was only dropped: its people wait in the store for its return.
    return None


def carry_out(host: Host, site: Site, old: str, new: str) -> None:
    """Move everything from `old` to `new`; the same call backwards undoes it. prosody is stopped.

    prosody's data first: as long as the store names `old`, a killed move is seen and completed.
    """
    if "xmpp" in site.settings.services:
        data = host.at(sync.PROSODY)
        uid, gid = host.ids("prosody", "prosody")
        _move_data(data, old, new, Owner(uid=uid, gid=gid))
    with sync.open_store(host) as store:
        store.move(old, new)
    sync.project(host, _serving(site, old, new))


def _serving(site: Site, old: str, new: str) -> Site:
    """The site with `new` among its domains, as it is or was."""
    domains = tuple(
        Domain(name=new) if domain.name == old else domain for domain in site.settings.domains
    )
    return replace(site, settings=replace(site.settings, domains=domains))


def _move_data(data: Path, old: str, new: str, prosody: Owner) -> None:
    with directory.opened(data) as top:
        for label in ("", f"{CONFERENCE}.", f"{UPLOAD}."):
            source, target = encode(label + old), encode(label + new)
            if not directory.exists(top, source):
                continue
            if directory.exists(top, target):
                raise FalcotError(
                    f"{data / target}: prosody has data for {label}{new} already",
                    hint=f"move it away, or remove it, so that {label}{old} can take its place",
                )
            os.rename(source, target, src_dir_fd=top, dst_dir_fd=top)
            os.fsync(top)
    for label in ("", f"{CONFERENCE}."):
        _rename_people(data / encode(label + new), old, new, prosody)


def _rename_people(host_data: Path, old: str, new: str, prosody: Owner) -> None:
    """Let contact lists and rooms speak of the people and rooms of `new`."""
    named = re.compile(rf'@((?:{CONFERENCE}\.)?){re.escape(old)}(?=["/])'.encode())
    for store in NAMING:
        try:
            with directory.opened(host_data.parent, host_data.name, store) as files:
                for file in directory.names(files):
                    before = directory.read(files, file)
                    after = named.sub(rb"@\g<1>" + new.encode(), before)
                    if after != before:
                        node = Node(owner=prosody, mode=0o640)
                        directory.replace(files, file, after, node)
        except FileNotFoundError:
            continue
