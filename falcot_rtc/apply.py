# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply: bring a host to its settings as one transaction, and back if a service refuses.

Order: material and accounts (additive), a new generation beside the old, the services' own
checkers, one symlink, drop-ins and links, units, then a wait for every declared listener.
"""

from __future__ import annotations

import datetime
import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from falcot_rtc import (
    audit,
    derive,
    facts,
    hold,
    interrupts,
    listening,
    material,
    paths,
    plan,
    preflight,
    records,
    settings,
    sources,
)
from falcot_rtc.accounts import move, sync
from falcot_rtc.actions import Action, Keep, Make, MoveDomain, Write, describe
from falcot_rtc.errors import FalcotError, of_system
from falcot_rtc.facts import Facts
from falcot_rtc.host import Host
from falcot_rtc.judgement import Judgement
from falcot_rtc.policy import Site
from falcot_rtc.resources import CertificateCopy, Directory, Resource, Unit
from falcot_rtc.transaction import Report, Transaction, batches


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that apply is about to do; nothing of it has happened."""

    site: Site | None = None
    resources: tuple[Resource, ...] = ()
    facts: Facts
    writes: tuple[Write, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    judgement: Judgement | None = None
    accounts: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    # Why a certificate that is offered is not taken; the one before stays.
    refused: str = ""

    @property
    def lines(self) -> list[str]:
        return [describe(a) for a in (*self.writes, *self.actions)] + list(self.accounts)


def read_site(host: Host, *, rotate: int | None = None) -> tuple[Site, tuple[Write, ...]]:
    """The site that the files below /etc/falcot-rtc describe, and secrets still to be written.

    With `rotate` among them a new generation of each minters' secret that is so many seconds old.
    """
    source = facts.source(host)
    if not source.settings:
        raise FalcotError(
            f"{paths.SETTINGS}: does not exist",
            hint="run dpkg-reconfigure falcot-rtc, or falcot-rtc setup",
        )
    chosen, pin = move.pinned(host, source.settings, settings.parse(source.settings))
    tuned = derive.tunables(source.policies)
    secrets, new = material.with_secrets(source.secrets, derive.secret_names(chosen))
    secrets, turned = material.turned_secrets(
        secrets,
        derive.minting_secrets(chosen),
        int(time.time()),
        period=rotate,
        longest=tuned["turn"]["minted-ttl"],
    )
    site = Site(
        settings=chosen,
        release=source.release,
        endpoints=derive.endpoints(chosen, tuned),
        tunables=tuned,
        secrets=secrets,
        overlays=source.overlays,
    )
    return site, (*pin, *new, *turned)


def is_managed(host: Host) -> bool:
    """Whether falcot-rtc is to configure this host; without settings, yes, once there are some."""
    text = host.text(paths.SETTINGS)
    return not text or settings.is_managed(text)


def prepare(host: Host, *, active: bool = True, rotate: int | None = None) -> Prepared:
    """What makes the host follow its settings, or with `active=False` lets go of it."""
    site: Site | None = None
    resources: tuple[Resource, ...] = ()
    writes: tuple[Write, ...] = ()
    digests: Mapping[str, str] = {}
    judged: Judgement | None = None
    stale: tuple[str, ...] = ()
    refused = ""
    accounts: tuple[str, ...] = ()
    renamed: MoveDomain | None = None
    if active and is_managed(host):
        site, secret_writes = read_site(host, rotate=rotate)
        resources = derive.desired(site).resources
        copies = [r for r in resources if isinstance(r, CertificateCopy)]
        now = datetime.datetime.now(datetime.UTC)
        made = material.certificate(host, site, copies, now)
        writes, digests = (*secret_writes, *made.writes), made.digests
        stale, refused = made.stale, made.refused
        judged = made.judgement
        renamed = move.pending(host, site)
        accounts = sync.pending(host, site, renamed)
    known = facts.gather(
        host,
        plan.outside_names(resources),
        plan.unit_names(resources),
        [r.path for r in resources if isinstance(r, Directory)],
    )
    actions = plan.plan(resources, known, digests, renamed, stale)
    if site is not None and actions and host.has_systemd:
        yielding = preflight.giving_way(host, site.endpoints, plan.unit_names(resources))
        if yielding:
            actions = plan.plan(resources, known, digests, renamed, stale, yielding)
    if site is not None and actions:
        accounts += sync.locked_out(host, site)
    return Prepared(
        site=site,
        resources=resources,
        facts=known,
        writes=writes,
        digests=digests,
        judgement=judged,
        accounts=accounts,
        actions=actions,
        refused=refused,
    )


def look_ahead(host: Host, prepared: Prepared) -> None:
    """Raise FalcotError naming what this host lacks for the plan, or who is in its way."""
    if prepared.site is not None:
        spared = plan.foreign(prepared.resources, prepared.facts)
        ours = set(plan.unit_names(prepared.resources)) - spared
        changing = bool(prepared.actions)
        preflight.run(host, prepared.site.endpoints, ours, changing=changing)


def apply(
    host: Host,
    *,
    active: bool = True,
    rotate: int | None = None,
    password: str = "",
    report: Report = print,
    progress: Report | None = None,
) -> Prepared:
    """Carry out `prepare(host)`; returns what was done.

    Raises FalcotError with the reason after everything was taken back. `password` is set for the
    administrator's account. `report` takes what people have to know, `progress` each step; without
    it, `report` takes both.
    """
    progress = progress or report
    with host.lock(), interrupts.raised():
        prepared = prepare(host, active=active, rotate=rotate)
        site = prepared.site
        look_ahead(host, prepared)
        if prepared.refused:
            report(f"certificate refused, the one before stays in service: {prepared.refused}")
        for write in prepared.writes:
            private_parent(host, write)
        transaction = Transaction(
            host=host,
            resources=prepared.resources,
            facts=prepared.facts,
            copies=prepared.digests,
            report=report,
            move=None if site is None else functools.partial(move.carry_out, host, site),
        )
        additive = Write | Make
        changes = [a for a in prepared.actions if not isinstance(a, additive)]
        moves = any(isinstance(a, MoveDomain) for a in changes)
        try:
            for action in (*prepared.writes, *prepared.actions):
                if isinstance(action, additive):
                    progress(describe(action))
                    transaction.carry_out(action)
            if site is not None and not moves:
                _accounts(host, site, password, report)
            if changes:
                records.claim(host, prepared.resources, prepared.facts, only=False)
            for batch in batches(changes):
                for action in batch:
                    # Somebody's work leaves its place: not for the journal alone.
                    tell = report if isinstance(action, Keep) else progress
                    tell(describe(action))
                transaction.carry_out(*batch)
                if site is not None and isinstance(batch[0], MoveDomain):
                    _accounts(host, site, password, report)
            if site is not None and changes:
                _await(host, prepared, transaction)
        except BaseException as error:
            # Whatever it was, Ctrl-C and our own faults included: no host is left in between.
            with interrupts.undisturbed():
                transaction.report = tell = _heard(report)
                if isinstance(error, KeyboardInterrupt):
                    tell("interrupted: everything is taken back, please wait")
                transaction.take_back()
                held = tuple(facts.held_unit(path) for path in prepared.facts.holds)
                hold.keep(host, held, tell)
            if isinstance(error, FalcotError | OSError):
                cause = of_system(error) if isinstance(error, OSError) else error
                raise FalcotError(
                    f"not applied, everything is as before: {cause.message}", hint=cause.hint
                ) from error
            raise
        # Even where nothing changed: the apply before this one may have been killed right here.
        if prepared.resources or host.exists(paths.MANIFEST):
            records.started(host, prepared.resources, prepared.facts, transaction.running)
            if prepared.judgement:
                records.judged(host, prepared.judgement)
            records.clear(host, prepared.resources, prepared.facts)
            records.claim(host, prepared.resources, prepared.facts, only=True)
            records.prune(host, facts.generation(host))
        return prepared


def _heard(report: Report) -> Report:
    """`report`, or the journal: a terminal that is gone must not end the way back."""

    def tell(line: str) -> None:
        try:
            report(line)
        except OSError:
            audit.note(line)

    return tell


def _accounts(host: Host, site: Site, password: str, report: Report) -> None:
    sync.administrator(host, site, password, report)
    sync.project(host, site)


def _await(host: Host, prepared: Prepared, transaction: Transaction) -> None:
    if not prepared.facts.systemd or not transaction.running or prepared.site is None:
        return
    units = [r.name for r in prepared.resources if isinstance(r, Unit)]
    listening.wait(host, prepared.site.endpoints, units)
    for chain in (w.content for w in prepared.writes if w.path == sources.SITE_CHAIN):
        from falcot_rtc import certificates, served

        served.await_everywhere(host, prepared.site, certificates.fingerprint(chain))


def private_parent(host: Host, write: Write) -> None:
    """Make a write's directory; those of secrets are closed before the first file is in them."""
    parent = write.path.rpartition("/")[0]
    mode = 0o700 if parent in (paths.SECRETS, paths.CA, f"{paths.TLS}/site") else 0o755
    host.make_directory(parent, mode=mode)
