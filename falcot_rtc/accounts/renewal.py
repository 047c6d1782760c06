# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new password for somebody, in every service at once: common to all ways of setting one."""

from __future__ import annotations

from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import Account
from falcot_rtc.host import Host
from falcot_rtc.policy import Site


def renew(host: Host, site: Site, name: str, domain: str, password: str) -> Account:
    """The account with its new password, which every server knows now; the lock is held.

    UsageError if there is no such account.
    """
    with sync.open_store(host) as store:
        made = store.set_password(
            name, domain, realm=site.settings.realm, password=password, kind=sync.kind(site)
        )
    sync.catch_up(host, site)
    if (name, domain) == (site.settings.admin, site.settings.domain):
        # The one that was generated at the installation is nobody's any more.
        host.remove(sync.PASSWORD_FILE)
    return made
