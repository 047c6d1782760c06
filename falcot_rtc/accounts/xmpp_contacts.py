# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact lists and rooms of this host follow a person to another name (RFC 6121, XEP-0045).

XMPP itself has no way to tell contacts (XEP-0283 is experimental, and each client would have to
agree). Who is at another server keeps the old address, so those are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.accounts import directory, sync
from falcot_rtc.accounts.directory import Node, Owner
from falcot_rtc.accounts.live import xmpp as live
from falcot_rtc.accounts.xmpp import decode, encode
from falcot_rtc.host import Host
from falcot_rtc.policies.xmpp import CONFERENCE
from falcot_rtc.policy import Site

_ROSTER, _ROOMS = "roster", "config"
_SUFFIX = ".dat"
_CONTACT = re.compile(rb'\["[^"@]+@([^"/]+)"\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How many contact lists and rooms know the new name, and how many contacts can't."""

    lists: int = 0
    rooms: int = 0
    elsewhere: int = 0


def follow(host: Host, site: Site, domain: str, old: str, new: str) -> Followed:
    """Let everybody here know `old` as `new`; the person's own data has been moved already."""
    if "xmpp" not in site.settings.services:
        return Followed()
    before, after = f"{old}@{domain}", f"{new}@{domain}"
    served = [one.name for one in site.settings.domains]
    data = host.at(sync.PROSODY)
    lists = rooms = 0
    for one in served:
        for owner in _naming(data / encode(one) / _ROSTER, before):
            lists += _told(host, live.contact, data, one, _ROSTER, owner, before, after)
        hall = f"{CONFERENCE}.{one}"
        for room in _naming(data / encode(hall) / _ROOMS, before):
            rooms += _told(host, live.member, data, hall, _ROOMS, room, before, after)
    return Followed(lists=lists, rooms=rooms, elsewhere=_elsewhere(data, domain, new, served))


def _told(
    host: Host,
    tell: Callable[[Host, str, str, str], int | None],
    data: Path,
    domain: str,
    store: str,
    file: str,
    before: str,
    after: str,
) -> int:
    """1 if prosody, or where that does not run its file, had named `before`."""
    found = tell(host, f"{decode(file.removesuffix(_SUFFIX))}@{domain}", before, after)
    if found is not None:
        return found
    uid, gid = host.ids("prosody", "prosody")
    with directory.opened(data, encode(domain), store) as files:
        content = directory.read(files, file)
        changed = content.replace(f'"{before}"'.encode(), f'"{after}"'.encode())
        node = Node(owner=Owner(uid=uid, gid=gid), mode=0o640)
        directory.replace(files, file, changed, node)
    return 1


def _naming(store: Path, address: str) -> Iterator[str]:
    """The files in prosody's store that name the address."""
    try:
        with directory.opened(store.parent, store.name) as files:
            named = f'"{address}"'.encode()
            for file in directory.names(files):
                if file.endswith(_SUFFIX) and named in directory.read(files, file):
                    yield file
    except FileNotFoundError:
        return


def _elsewhere(data: Path, domain: str, name: str, served: list[str]) -> int:
    """How many of the person's contacts are at other servers."""
    try:
        with directory.opened(data, encode(domain), _ROSTER) as files:
            mine = directory.read(files, encode(name) + _SUFFIX)
    except FileNotFoundError:
        return 0
    found = {match[0]: match[1].decode() for match in _CONTACT.finditer(mine)}
    return sum(other not in served for other in found.values())
