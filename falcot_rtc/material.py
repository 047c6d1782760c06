# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and certificates: what exists, what has to be made, and each daemon's own copy.

Everything is made in memory and returned as writes, so that a dry run can show them. What looks
into a certificate is imported only for one that has not been judged yet.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falcot_rtc import judgement, minted, paths
from falcot_rtc.actions import Write
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.judgement import Judgement, Pair, Wanted
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site
from falcot_rtc.resources import CertificateCopy

SITE_CHAIN, SITE_KEY = f"{paths.TLS}/site/fullchain.pem", f"{paths.TLS}/site/key.pem"
CA_CHAIN, CA_KEY = f"{paths.CA}/ca.crt", f"{paths.CA}/ca.key"
PUBLIC_CA = f"{paths.TLS}/ca.crt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`writes` in the order in which they are safe; `digests` by certificate directory.

    `stale` are copies under names that are not wanted any more.
    """

    writes: tuple[Write, ...]
    digests: Mapping[str, str]
    judgement: Judgement
    stale: tuple[str, ...] = ()


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


def _pair(host: Host, chain: str, key: str) -> Pair | None:
    found = host.read(chain), host.read(key)
    return Pair(chain=found[0], key=found[1]) if found[0] and found[1] else None


def _wanted(site: Site) -> Wanted:
    own = site.settings.certificate.source != "existing"
    return Wanted(
        names=tls.names(site.settings),
        domains=tuple(domain.name for domain in site.settings.domains),
        days=site.tunables["tls"]["days"] if own else None,
    )


def _known(host: Host, pair: Pair, wanted: Wanted, now: datetime.datetime) -> Judgement | None:
    known = judgement.parse(host.read(paths.JUDGED) or b"")
    return known if known and known.holds(pair, wanted, now) else None


def _existing(host: Host, site: Site, now: datetime.datetime) -> tuple[Pair, Judgement]:
    given, wanted = site.settings.certificate, _wanted(site)
    pair = _pair(host, str(given.path), str(given.key))
    if pair is None:
        missing = given.key if host.read(str(given.path)) else given.path
        raise UsageError(
            f"certificate: {missing} does not exist or is empty",
            hint="correct certificate.path and certificate.key in /etc/falcot-rtc/settings.toml",
        )
    known = _known(host, pair, wanted, now)
    if known:
        return pair, known
    from falcot_rtc import certificates

    faults = certificates.faults(pair, wanted.names, wanted.domains, now)
    if faults:
        raise UsageError(
            f"certificate: {given.path}: {'; '.join(faults)}",
            hint="get one for all the names, or set certificate.source to own-ca",
        )
    return pair, certificates.judgement(pair, wanted)


def _own(host: Host, site: Site, now: datetime.datetime) -> tuple[Pair, Judgement, list[Write]]:
    writes = []
    ca = _pair(host, CA_CHAIN, CA_KEY)
    if ca is None:
        # A key alone, of which nothing was published, is an apply that was killed here.
        if host.exists(CA_CHAIN) or (host.exists(CA_KEY) and host.exists(PUBLIC_CA)):
            raise FalcotError(
                f"certificate authority: only one of {CA_CHAIN} and {CA_KEY} is there",
                hint="restore the other from a backup, or remove both and have devices trust anew",
            )
        from falcot_rtc import certificates

        ca = certificates.new_ca(site.settings.domain, now)
        why = "a certificate authority for this site"
        writes.append(Write(path=CA_KEY, content=ca.key, mode=0o600, why=why))
        writes.append(Write(path=CA_CHAIN, content=ca.chain, mode=0o644, why=why))
    if host.read(PUBLIC_CA) != ca.chain:
        writes.append(
            Write(path=PUBLIC_CA, content=ca.chain, mode=0o644, why="for people to download")
        )
    return *_leaf(host, site, ca, now), writes


def _leaf(host: Host, site: Site, ca: Pair, now: datetime.datetime) -> tuple[Pair, Judgement]:
    """The present certificate of the own CA while it serves, else a new one."""
    pair, wanted = _pair(host, SITE_CHAIN, SITE_KEY), _wanted(site)
    if pair is not None and not pair.chain.endswith(ca.chain):
        pair = None
    known = _known(host, pair, wanted, now) if pair else None
    if pair and known:
        return pair, known
    from falcot_rtc import certificates

    names, days = wanted.names, site.tunables["tls"]["days"]
    # Faults: an apply that was killed between key and chain left two that do not belong together.
    if (
        pair is None
        or certificates.faults(pair, names, wanted.domains, now)
        or certificates.is_due(pair, names, days, now)
    ):
        pair = certificates.issue(ca, names, days, now)
    return pair, certificates.judgement(pair, wanted)


def certificate(
    host: Host, site: Site, copies: Iterable[CertificateCopy], now: datetime.datetime
) -> Material:
    """The site's certificate and each daemon's copy; raises UsageError when it can't serve."""
    writes: list[Write] = []
    if site.settings.certificate.source == "existing":
        pair, judged = _existing(host, site, now)
    else:
        pair, judged, writes = _own(host, site, now)
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
        if host.read(path) != content or host.access(path) != ("root", group, mode):
            from falcot_rtc import certificates

            why = f"certificate until {certificates.expiry(pair.chain):%Y-%m-%d}"
            writes.append(Write(path=path, content=content, group=group, mode=mode, why=why))
    return Material(writes=tuple(writes), digests=digests, judgement=judged, stale=tuple(stale))
