# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the certificate of the site stands: whose it is, how long it lasts, what was refused."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from falcot_rtc import acme, bundle, certificates, expiry, paths, sources
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.probes import outcome
from falcot_rtc.probes.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`own`: the CA of this host signed it. `refused`: why what the source has is not served.

    `waiting`: what the chosen CA said the last time, as long as something else has to stand in.
    """

    source: str
    own: bool
    names: tuple[str, ...]
    issuer: str
    begins: datetime.datetime
    expires: datetime.datetime
    fingerprint: str
    refused: str
    waiting: str = ""
    challenge: str = "http-01"


def read(host: Host, site: Site, now: datetime.datetime) -> Standing:
    """What the services were given; raises FalcotError where that is nothing yet."""
    pair = sources.present(host)
    if pair is None:
        raise FalcotError("no certificate is there yet", hint="falcot-rtc apply")
    try:
        refused = sources.offer(host, site, now).refused
    except FalcotError as error:
        refused = error.message.removeprefix("certificate: ")
    leaf = certificates.leaf(pair.chain)
    return Standing(
        source=site.settings.certificate.source,
        own=sources.is_own(host, pair),
        names=certificates.names_of(pair.chain),
        issuer=certificates.issuer(pair.chain),
        begins=bundle.begins(leaf),
        expires=bundle.expires(leaf),
        fingerprint=certificates.fingerprint(pair.chain),
        refused=refused,
        waiting=_waiting(host, site),
        challenge=site.settings.certificate.acme_challenge,
    )


def _waiting(host: Host, site: Site) -> str:
    if site.settings.certificate.source != "acme":
        return ""
    before = acme.last(host)
    if before is not None and before.error:
        return f"{before.server}: {before.error}"
    return "" if host.exists(paths.ACME_CHAIN) else "the CA has not been asked yet"


def judge(standing: Standing, now: datetime.datetime) -> Outcome:
    """What `check` says of it: a refused renewal is a fault at once, not only when time is up."""
    left = (standing.expires - now).total_seconds() / expiry.DAY
    detail = f"by {standing.issuer}, {left:.0f} days left"
    if standing.refused:
        return Outcome(
            status=outcome.FAIL,
            detail=f"{detail}; a renewal is refused: {standing.refused}",
            hint="falcot-rtc cert status; falcot-rtc cert install FILE… takes up another",
        )
    passed = expiry.stage(
        standing.begins.timestamp(), standing.expires.timestamp(), now.timestamp()
    )
    if passed is None:
        if standing.waiting:
            return outcome.warned(
                f"{detail}; not from the chosen CA yet: {standing.waiting}"
                if standing.own
                else f"{detail}; no other could be had: {standing.waiting}",
                acme.HINTS[standing.challenge],
            )
        return outcome.passed(detail)
    days, alarming = passed
    hint = {
        "existing": "whoever makes the files has to renew them",
        "own-ca": "journalctl -u falcot-rtc-certificate tells why it is not renewed",
    }.get(standing.source, "falcot-rtc cert renew tells why it is not renewed")
    detail = f"{detail}, fewer than {days} or their share of its validity"
    if alarming:
        return Outcome(status=outcome.FAIL, detail=detail, hint=hint)
    return outcome.warned(detail, hint)
