# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc check` on the host: reserved accounts, the probes, and what only the host sees.

The accounts carry a reserved prefix and a random name and are gone when the check ends; those of a
check that was killed, or of a ticket, are swept by the next check once they are an hour old.
"""

from __future__ import annotations

import contextlib
import datetime
import secrets
import time
from collections.abc import Iterator

from falcot_rtc import (
    apply,
    certificates,
    facts,
    firewall,
    hold,
    jails,
    listening,
    minted,
    paths,
    served,
    sources,
    standing,
    strays,
)
from falcot_rtc.accounts import names, sync
from falcot_rtc.actions import describe
from falcot_rtc.endpoints import LOOPBACK
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policies import firewall as filtering
from falcot_rtc.policies import turn
from falcot_rtc.policy import Site
from falcot_rtc.probes import checks, outcome
from falcot_rtc.probes.ticket import Credentials, Ticket
from falcot_rtc.resources import Unit
from falcot_rtc.zone import check as zone
from falcot_rtc.zone.compare import NOTE

LIFETIME = 3600
SHOWN = 5


def _account(host: Host, site: Site) -> Credentials:
    made = Credentials(user=names.reserved_name(), password=secrets.token_urlsafe(18))
    with sync.open_store(host) as store:
        store.add(
            made.user,
            site.settings.domain,
            realm=site.settings.realm,
            password=made.password,
            kind=sync.kind(site),
            reserved=True,
        )
    return made


def ticket(host: Host, site: Site) -> Ticket:
    """Two new reserved accounts and all that a client has to know, good for an hour."""
    with host.lock():
        with sync.open_store(host) as store:
            store.sweep(older_than=LIFETIME)
        accounts = (_account(host, site), _account(host, site))
        sync.project(host, site)
    chain = host.read(sources.SITE_CHAIN)
    fingerprint = certificates.fingerprint(chain) if chain else ""
    pair = sources.present(host)
    own_ca = pair is not None and sources.is_own(host, pair)
    tunables = site.tunables["turn"]
    of_turn = None
    if "turn" in site.settings.services:
        expiry = int(time.time()) + tunables["minted-ttl"]
        generations = minted.parse(site.secrets[turn.MINTED_SECRET])
        made = minted.for_turn(generations, accounts[0].user, expiry)
        of_turn = Credentials(user=made.user, password=made.password)
    return Ticket(
        domain=site.settings.domain,
        realm=site.settings.realm,
        services=site.settings.services,
        ca=host.text(sources.PUBLIC_CA) if own_ca else "",
        endpoints=tuple(
            served.target(e, fingerprint)
            for e in site.endpoints
            if e.last_port is None and e.reach != LOOPBACK
        ),
        accounts=accounts,
        minted=of_turn,
        relay_ports=(tunables["relay-low"], tunables["relay-high"]),
        expires=int(time.time()) + LIFETIME,
    )


@contextlib.contextmanager
def _swept(host: Host, site: Site, made: Ticket) -> Iterator[None]:
    try:
        yield
    finally:
        with host.lock():
            with sync.open_store(host) as store:
                for account in made.accounts:
                    store.delete(account.user, made.domain)
            sync.project(host, site)


def _result(identity: str, role: str, title: str, faults: list[str], hint: str) -> checks.Result:
    return checks.Result(
        id=identity,
        title=title,
        role=role,
        status=outcome.FAIL if faults else outcome.OK,
        detail="; ".join(faults),
        hint=hint if faults else "",
        seconds=0.0,
    )


def local(host: Host, site: Site) -> list[checks.Result]:
    """What only the host can see: units, listeners, pending changes, drift of accounts, zone."""
    prepared = apply.prepare(host)
    units = [r for r in prepared.resources if isinstance(r, Unit)]
    found = []
    for unit in units:
        state = prepared.facts.units[unit.name]
        faults = [] if state.active else ["it does not run"]
        faults += ["it keeps failing"] if state.failing else []
        faults += [] if state.enabled else ["it is not enabled, so a reboot ends it"]
        found.append(
            _result(
                f"host.unit.{unit.name}",
                "host",
                f"{unit.name} runs and is enabled",
                faults,
                f"systemctl status {unit.name}; journalctl -u {unit.name}",
            )
        )
    held = listening.present(host)
    for role in site.settings.services:
        absent = listening.missing(site.role(role), held)
        found.append(
            _result(
                f"{role}.listeners",
                role,
                "every declared listener is there",
                [f"{e.protocol} {e.host}:{e.port}" for e in absent],
                "falcot-rtc apply",
            )
        )
    pending = [describe(a) for a in (*prepared.writes, *prepared.actions)]
    found.append(
        _result(
            "host.applied",
            "host",
            "the settings are applied, and no generated file was edited",
            pending,
            "falcot-rtc plan shows the difference, falcot-rtc apply removes it",
        )
    )
    found.append(
        _result(
            "host.possible",
            "host",
            "the host has the addresses of the site, and nobody else is on its ports",
            _obstacles(host, prepared),
            "falcot-rtc plan",
        )
    )
    unread = strays.found(facts.source(host))
    found.append(
        checks.Result(
            id="host.strays",
            title="every key and file below /etc/falcot-rtc is one that somebody reads",
            role="host",
            status=outcome.WARN if unread else outcome.OK,
            detail="; ".join(_some(list(unread))),
            hint="correct or remove it; notes can stand in comments" if unread else "",
            seconds=0.0,
        )
    )
    found.append(
        _result(
            "host.accounts",
            "host",
            "every service knows the accounts of the store",
            _some(sync.drift(host, site)),
            "falcot-rtc user sync",
        )
    )
    zones = [
        f"{domain.name}: {_judged(host, domain.name)}"
        for domain in site.settings.domains
        if _judged(host, domain.name)
    ]
    found.append(
        _result("dns.zone-valid", "dns", "named-checkzone accepts the zone", zones, "report this")
    )
    found.append(_published(host, site))
    if site.settings.firewall:
        gone = [] if firewall.is_loaded(host) else ["its table is gone: somebody flushed it"]
        hint = f"systemctl restart {filtering.UNIT}"
        found.append(_result("host.firewall", "host", "the packet filter is in force", gone, hint))
    now = datetime.datetime.now(datetime.UTC)
    for identity, title, judged in (
        (
            "host.jails",
            "who keeps trying passwords is shut out by fail2ban",
            jails.judge(host, site),
        ),
        (
            "host.certificate",
            "the certificate is good for long enough, and no renewal was refused",
            standing.judge(standing.read(host, site, now), now),
        ),
    ):
        found.append(
            checks.Result(
                id=identity,
                title=title,
                role="host",
                status=judged.status,
                detail=judged.detail,
                hint=judged.hint,
                seconds=0.0,
            )
        )
    return found


def _published(host: Host, site: Site) -> checks.Result:
    """A site works for its own people before its zone is there: one warning says so."""
    verdicts = [zone.judge(host, site, domain.name) for domain in site.settings.domains]
    findings = [finding for v in verdicts for finding in v.findings if finding.action != NOTE]
    whole = [f for v in verdicts for f in v.findings if f.action == NOTE and f.status != outcome.OK]
    statuses = {verdict.status for verdict in verdicts}
    return checks.Result(
        id="dns.published",
        title="every name server has the records of the site, and no wrong ones",
        role="dns",
        status=next((s for s in (outcome.FAIL, outcome.WARN) if s in statuses), outcome.OK),
        detail="; ".join(_some([str(finding) for finding in (*findings, *whole)])),
        hint="falcot-rtc dns check" if statuses - {outcome.OK} else "",
        seconds=0.0,
    )


def _obstacles(host: Host, prepared: apply.Prepared) -> list[str]:
    try:
        apply.look_ahead(host, prepared)
    except FalcotError as error:
        return [str(error)]
    return []


def _some(lines: list[str]) -> list[str]:
    """A few of many lines: a check is read by people."""
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"and {len(lines) - SHOWN} more"]


def _judged(host: Host, domain: str) -> str:
    path = f"{paths.CURRENT}/dns/{domain}.zone"
    done = host.run("named-checkzone", domain, path, check=False)
    return done.stdout.decode(errors="replace").strip() if done.returncode else ""


def check(host: Host) -> list[checks.Result]:
    """Everything, on the host; raises FalcotError where there is nothing to check."""
    if not apply.is_managed(host):
        raise FalcotError(
            "falcot-rtc does not manage this host (manage = false), so there is nothing to check",
            hint="dpkg-reconfigure falcot-rtc",
        )
    site, _ = apply.read_site(host)
    if facts.generation(host) is None or hold.held(host):
        raise FalcotError(
            "falcot-rtc is not configured on this host, its services are held",
            hint="dpkg-reconfigure falcot-rtc",
        )
    found = local(host, site)
    made = ticket(host, site)
    with _swept(host, site, made):
        return [*found, *checks.run(made)]
