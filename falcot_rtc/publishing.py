# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records that an apply has changed: published at once where that is asked for, else named."""

from __future__ import annotations

from falcot_rtc import sources
from falcot_rtc.apply import Prepared
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.resources import TreeFile
from falcot_rtc.transaction import Report

ZONES = "dns/"


def changed(done: Prepared) -> bool:
    """Whether what belongs into the zones is another than before; not for a first apply, after
    which all of it is to be published anyway."""
    if done.site is None or done.facts.generation is None:
        return False
    before = {path: file.content for path, file in done.facts.tree.items() if _is_zone(path)}
    after = {
        file.path: file.content
        for file in done.resources
        if isinstance(file, TreeFile) and _is_zone(file.path)
    }
    return before != after or _has_another_key(done, done.site)


def _is_zone(path: str) -> bool:
    return path.startswith(ZONES)


def _has_another_key(done: Prepared, site: Site) -> bool:
    """Whether TLSA may have changed: those of the own CA name its key, which stays."""
    return (
        site.settings.certificate.source != "own-ca"
        and bool(site.tunables["dns"]["tlsa"])
        and any(write.path == sources.SITE_CHAIN for write in done.writes)
    )


def follow(host: Host, done: Prepared, report: Report) -> bool:
    """Publish what `done` changed, or say that somebody has to; False where publishing failed.

    The services run already: a name server that is down takes no apply back.
    """
    if done.site is None or not changed(done):
        return True
    tuned = done.site.tunables["dns"]
    if not tuned["publish-on-apply"]:
        verb = "update" if tuned["update-key"] else "show"
        report(f"the DNS records have changed, publish them: falcot-rtc dns {verb}")
        return True
    from falcot_rtc.zone import update

    try:
        with host.lock():
            changes = update.everything(host, done.site)
    except FalcotError as error:
        report(f"the DNS records have changed, but are not published: {error}")
        return False
    lines = sum(len(change.lines) for change in changes)
    report(f"{lines} changes of DNS records are published")
    return True
