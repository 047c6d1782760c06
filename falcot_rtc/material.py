# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and certificates: what exists, what has to be made, and each daemon's own copy.

Everything is made in memory and returned as writes, so that a dry run can show them.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falcot_rtc import minted, paths, sources
from falcot_rtc.actions import Write
from falcot_rtc.host import Host
from falcot_rtc.judgement import Judgement
from falcot_rtc.policy import Site
from falcot_rtc.resources import CertificateCopy
from falcot_rtc.sources import SITE_CHAIN, SITE_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`writes` in the order in which they are safe; `digests` by certificate directory.

    `stale` are copies under names that are not wanted any more; `refused` says why a certificate
    that is offered is not taken.
    """

    writes: tuple[Write, ...]
    digests: Mapping[str, str]
    judgement: Judgement
    stale: tuple[str, ...] = ()
    refused: str = ""


def with_secrets(
    present: Mapping[str, str], names: Iterable[str]
) -> tuple[dict[str, str], tuple[Write, ...]]:
    """All secrets that rendering needs, and the writes that keep the new ones."""
    import secrets

    known = dict(present)
    writes = []
    for name in names:
        if not known.get(name):
            known[name] = secrets.token_urlsafe(32)
            writes.append(
                Write(
                    path=f"{paths.SECRETS}/{name}",
                    content=f"{known[name]}\n".encode(),
                    mode=0o600,
                    why="a new secret",
                )
            )
    return known, tuple(writes)


def turned_secrets(
    present: Mapping[str, str], names: Iterable[str], now: int, *, period: int | None, longest: int
) -> tuple[dict[str, str], tuple[Write, ...]]:
    """All secrets and writes again, now with those of minters: a first generation, or a new one.

    That is made if the newest is `period` seconds old; None leaves them as they are.
    """
    import secrets

    known, writes = dict(present), []
    for name in names:
        before = minted.parse(known.get(name, ""))
        if before and period is None:
            continue
        new = secrets.token_urlsafe(32)
        after = minted.turned(before, new, now, period=period or 0, longest=longest)
        if after != before:
            known[name] = minted.serialise(after)
            writes.append(
                Write(
                    path=f"{paths.SECRETS}/{name}",
                    content=known[name].encode(),
                    mode=0o600,
                    why="another generation of a secret",
                )
            )
    return known, tuple(writes)


def certificate(
    host: Host,
    site: Site,
    copies: Iterable[CertificateCopy],
    now: datetime.datetime,
    *,
    anew: bool = False,
    in_force: bool = False,
) -> Material:
    """The site's certificate and each daemon's copy; raises UsageError when it can't serve.

    `anew` and `in_force` as for `sources.offer`.
    """
    offer = sources.offer(host, site, now, anew=anew, in_force=in_force)
    pair, writes = offer.pair, list(offer.writes)
    rows = [(SITE_KEY, pair.key, "root", 0o600), (SITE_CHAIN, pair.chain, "root", 0o644)]
    digests, stale = {}, []
    for copy in copies:
        # prosody takes any certificate in there that fits a name, a former domain's too.
        wanted = {name for names in copy.names for name in names}
        stale += [f"{copy.directory}/{n}" for n in host.names(copy.directory) if n not in wanted]
        for chain_name, key_name in copy.names:
            rows.append((f"{copy.directory}/{key_name}", pair.key, copy.group, 0o640))
            rows.append((f"{copy.directory}/{chain_name}", pair.chain, copy.group, 0o644))
        digests[copy.directory + "/"] = hashlib.sha256(pair.chain + pair.key).hexdigest()
    for path, content, group, mode in rows:
        if host.read(path) != content:
            from falcot_rtc import certificates

            why = f"certificate until {certificates.expiry(pair.chain):%Y-%m-%d}"
            writes.append(Write(path=path, content=content, group=group, mode=mode, why=why))
        elif (access := host.access(path)) != ("root", group, mode):
            why = f"{_access(*access)}, should be {_access('root', group, mode)}"
            writes.append(Write(path=path, content=content, group=group, mode=mode, why=why))
    return Material(
        writes=tuple(writes),
        digests=digests,
        judgement=offer.judgement,
        stale=tuple(stale),
        refused=offer.refused,
    )


def _access(owner: str, group: str, mode: int) -> str:
    return f"{owner}:{group} {mode:04o}"
