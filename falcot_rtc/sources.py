# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the site's certificate comes from: the own CA, existing files, ACME; and what to refuse.

A bad renewal takes nothing out of service: while what is served is still good, it stays, and the
offer says why the new one was refused. What looks into a certificate is imported only for one that
has not been judged yet.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from falcot_rtc import judgement, paths
from falcot_rtc.actions import Write
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.judgement import Judgement, Pair, Wanted
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site

SITE_CHAIN, SITE_KEY = f"{paths.TLS}/site/fullchain.pem", f"{paths.TLS}/site/key.pem"
CA_CHAIN, CA_KEY = f"{paths.CA}/ca.crt", f"{paths.CA}/ca.key"
PUBLIC_CA = f"{paths.TLS}/ca.crt"
ANCHORS = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The pair to serve. `refused`: why what the source has now is not the one."""

    pair: Pair
    judgement: Judgement
    writes: tuple[Write, ...] = ()
    refused: str = ""


def offer(
    host: Host,
    site: Site,
    now: datetime.datetime,
    *,
    anew: bool = False,
    in_force: bool = False,
) -> Offer:
    """The pair that the site's source has now; with `anew` the own CA issues another in any case,
    with `in_force` for the names that are served now, whatever the settings say since.

    Raises UsageError when neither that nor the present one can serve.
    """
    given = site.settings.certificate
    if given.source == "existing":
        return _existing(host, site, now)
    if given.source == "acme":
        return _acme(host, site, now)
    return _own(host, site, now, anew=anew, in_force=in_force)


def read_pair(host: Host, chain: str, key: str) -> Pair | None:
    found = host.read(chain), host.read(key)
    return Pair(chain=found[0], key=found[1]) if found[0] and found[1] else None


def present(host: Host) -> Pair | None:
    """What the services were given last."""
    return read_pair(host, SITE_CHAIN, SITE_KEY)


def is_own(host: Host, pair: Pair) -> bool:
    """Whether our own CA signed it."""
    ca = host.read(CA_CHAIN)
    return bool(ca) and pair.chain.endswith(ca or b"")


def _wanted(site: Site, *, own: bool) -> Wanted:
    return Wanted(
        names=tls.names(site.settings),
        domains=tuple(domain.name for domain in site.settings.domains),
        days=site.tunables["tls"]["days"] if own else None,
        rsa=own and site.tunables["tls"]["old-phones"],
    )


def _known(host: Host, pair: Pair, wanted: Wanted, now: datetime.datetime) -> Judgement | None:
    known = judgement.parse(host.read(paths.JUDGED) or b"")
    return known if known and known.holds(pair, wanted, now) else None


def _files(host: Host, site: Site, chain: str, key: str, now: datetime.datetime) -> Offer:
    """What two files hold; raises UsageError when it can't serve."""
    raw, wanted = read_pair(host, chain, key), _wanted(site, own=False)
    if raw is None:
        missing = key if host.read(chain) else chain
        raise UsageError(
            f"certificate: {missing} does not exist or is empty",
            hint="correct certificate.path and certificate.key in /etc/falcot-rtc/settings.toml",
        )
    known, served = _known(host, raw, wanted, now), present(host)
    if known and served and known.result == judgement.result(served):
        return Offer(pair=served, judgement=known)
    from falcot_rtc import bundle, certificates

    try:
        pair = bundle.pair((raw.chain, raw.key))
    except UsageError as error:
        raise UsageError(f"certificate: {chain}: {error.message}", hint=error.hint) from error
    anchors = host.read(ANCHORS) or b""
    faults = certificates.faults(pair, wanted.names, wanted.domains, now, anchors)
    if faults:
        raise UsageError(
            f"certificate: {chain}: {'; '.join(faults)}",
            hint="get one for all the names, or set certificate.source to own-ca",
        )
    return Offer(pair=pair, judgement=certificates.judgement(pair, wanted, raw))


def _kept(
    host: Host, site: Site, now: datetime.datetime, *, names: bool = True, why: str = ""
) -> Offer | None:
    """What is served now, if it is from elsewhere and still good; with all the `names`, or any."""
    pair, wanted = present(host), _wanted(site, own=False)
    if pair is None or is_own(host, pair):
        return None
    from falcot_rtc import certificates

    expected = (wanted.names, wanted.domains) if names else ((), ())
    if certificates.faults(pair, *expected, now):
        return None
    return Offer(pair=pair, judgement=certificates.judgement(pair, wanted), refused=why)


def _existing(host: Host, site: Site, now: datetime.datetime) -> Offer:
    given = site.settings.certificate
    try:
        return _files(host, site, str(given.path), str(given.key), now)
    except UsageError as error:
        kept = _kept(host, site, now, why=error.message.removeprefix("certificate: "))
        if kept is None:
            raise
        return kept


def _acme(host: Host, site: Site, now: datetime.datetime) -> Offer:
    """What certbot got; until it has something, what is served already, or the own CA's."""
    if not host.exists(paths.ACME_CHAIN):
        return _kept(host, site, now) or _own(host, site, now)
    try:
        return _files(host, site, paths.ACME_CHAIN, paths.ACME_KEY, now)
    except UsageError as error:
        why = error.message.removeprefix("certificate: ")
    # A domain was added: the others had better keep what the world trusts until the next one comes.
    kept = _kept(host, site, now, names=False, why=why)
    if kept is not None:
        return kept
    own = _own(host, site, now)
    return Offer(pair=own.pair, judgement=own.judgement, writes=own.writes, refused=why)


def _own(
    host: Host,
    site: Site,
    now: datetime.datetime,
    *,
    anew: bool = False,
    in_force: bool = False,
) -> Offer:
    writes = []
    ca = read_pair(host, CA_CHAIN, CA_KEY)
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
    pair, judged = _leaf(host, site, ca, now, anew=anew, in_force=in_force)
    return Offer(pair=pair, judgement=judged, writes=tuple(writes))


def _leaf(
    host: Host, site: Site, ca: Pair, now: datetime.datetime, *, anew: bool, in_force: bool
) -> tuple[Pair, Judgement]:
    """The present certificate of the own CA while it serves, else a new one."""
    pair, wanted = present(host), _wanted(site, own=True)
    if pair is not None and not pair.chain.endswith(ca.chain):
        pair = None
    if pair is not None and in_force:
        wanted = _narrowed(pair, wanted, now)
    if anew:
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
        or certificates.has_rsa(pair.chain) != wanted.rsa
    ):
        pair = certificates.issue(ca, names, days, now, with_rsa=wanted.rsa)
    return pair, certificates.judgement(pair, wanted)


def _narrowed(pair: Pair, wanted: Wanted, now: datetime.datetime) -> Wanted:
    """With the names of the pair itself: others wait for an apply, or are in use until then."""
    from falcot_rtc import certificates

    if certificates.faults(pair, (), (), now):
        return wanted
    shown = certificates.names_of(pair.chain)
    if set(shown) == set(wanted.names):
        return wanted
    return replace(wanted, names=shown, domains=())
