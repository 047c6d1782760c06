# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What prosody keeps of a person beside the password: contacts, archive, bookmarks, vCard.

DATA/HOST/STORE/USER.*, names encoded as util.datamanager does. prosody reads them when the person
logs in, so they are touched only while nobody is.
"""

from __future__ import annotations

import os
from pathlib import Path

from falcot_rtc.accounts import directory, sync
from falcot_rtc.accounts.xmpp import STORE, encode
from falcot_rtc.host import Host
from falcot_rtc.policy import Site


def forget(host: Host, site: Site, domain: str, name: str) -> None:
    """Remove it all: a later person of that name must not find it."""
    if "xmpp" in site.settings.services:
        _each(host.at(sync.PROSODY), domain, name, None)


def rename(host: Host, site: Site, domain: str, old: str, new: str) -> None:
    """Let it belong to `new`; what somebody of that name left behind goes."""
    if "xmpp" in site.settings.services:
        _each(host.at(sync.PROSODY), domain, new, None)
        _each(host.at(sync.PROSODY), domain, old, new)


def _each(data: Path, domain: str, name: str, new: str | None) -> None:
    try:
        with directory.opened(data, encode(domain)) as stores:
            kinds = [kind for kind in directory.directories(stores) if kind != STORE]
    except FileNotFoundError:
        return
    for kind in kinds:
        with directory.opened(data, encode(domain), kind) as store:
            mine = [file for file in directory.names(store) if file.split(".")[0] == encode(name)]
            if new is None:
                directory.remove(store, *mine)
                continue
            for file in mine:
                target = encode(new) + file.removeprefix(encode(name))
                os.rename(file, target, src_dir_fd=store, dst_dir_fd=store)
            os.fsync(store)
