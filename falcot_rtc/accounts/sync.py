# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account store of a host and the projections its roles need; the administrator's account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from falcot_rtc import minted, paths
from falcot_rtc.accounts import projections as projecting
from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.phone import PhoneProjection
from falcot_rtc.accounts.projections import Changes, Projection
from falcot_rtc.accounts.sip import SipProjection
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.turn import TurnProjection
from falcot_rtc.accounts.xmpp import XmppProjection
from falcot_rtc.actions import MoveDomain
from falcot_rtc.host import Host
from falcot_rtc.policies import phone_desk, turn
from falcot_rtc.policy import Site

PROSODY = "/var/lib/prosody"
PASSWORD_FILE = f"{paths.SECRETS}/admin-password"


def kind(site: Site) -> ScramKind:
    return ScramKind(site.tunables["xmpp"]["password-hash"])


def _owner(host: Host, user: str, group: str) -> Owner:
    uid, gid = host.ids(user, group)
    return Owner(uid=uid, gid=gid)


def projections(host: Host, site: Site) -> list[Projection]:
    """One for each role of the host, its directory ready."""
    roles = site.settings.services
    found: list[Projection] = []
    if "sip" in roles:
        sip = SipProjection(
            base=host.at(f"{paths.STATE}/sip"),
            schema=host.at("/usr/share/kamailio/db_sqlite"),
            kamailio=_owner(host, "kamailio", "kamailio"),
        )
        sip.prepare()
        found.append(sip)
    if "xmpp" in roles:
        if not host.exists(PROSODY):
            # prosody's unit makes it at its first start, which is still to come.
            host.make_directory(PROSODY, owner="prosody", group="prosody", mode=0o750)
        found.append(
            XmppProjection(
                data=host.at(PROSODY),
                domains=tuple(domain.name for domain in site.settings.domains),
                kind=kind(site),
                prosody=_owner(host, "prosody", "prosody"),
            )
        )
    if "turn" in roles:
        found.append(
            TurnProjection(
                base=host.at(f"{paths.STATE}/turn"),
                domain=site.settings.domain,
                realm=site.settings.realm,
                ttl=site.tunables["turn"]["minted-ttl"],
                per_minute=site.tunables["turn"]["log-ins-per-minute"],
                secrets=minted.parse(site.secrets[turn.MINTED_SECRET]),
                reader=_owner(host, turn.AUTH_USER, turn.AUTH_USER),
            )
        )
    if phone_desk.serves(site.settings):
        found.append(
            PhoneProjection(
                base=host.at(phone_desk.STATE),
                kind=kind(site),
                reader=_owner(host, phone_desk.USER, phone_desk.USER),
            )
        )
    return found


def open_store(host: Host) -> AccountStore:
    return AccountStore(Path(host.at(paths.ACCOUNTS)))


def pending(host: Host, site: Site, moving: MoveDomain | None = None) -> tuple[str, ...]:
    """What a plan says about accounts; reads only."""
    admin, domain = site.settings.admin, site.settings.domain
    before = moving.old if moving and moving.new == domain else domain
    if host.exists(paths.ACCOUNTS):
        with open_store(host) as store:
            if store.find(admin, before):
                return ()
    return (f"add the account {admin}@{domain}",)


def locked_out(host: Host, site: Site) -> tuple[str, ...]:
    """Whom a change of the realm costs the password, for a plan; reads only."""
    if not host.exists(paths.ACCOUNTS):
        return ()
    with open_store(host) as store:
        people = Counter[str]()
        for (_, realm), number in store.tally().items():
            people[realm] += number
    return tuple(
        f"{number} account{'' if number == 1 else 's'} with a password for the realm {realm} can't "
        "log in to SIP and TURN until it is set again"
        for realm, number in sorted(people.items())
        if realm != site.settings.realm
    )


def administrator(host: Host, site: Site, password: str, report: Callable[[str], None]) -> None:
    """Make the administrator's account, or give it the password; without one, generate and tell."""
    name, domain, realm = site.settings.admin, site.settings.domain, site.settings.realm
    with open_store(host) as store:
        known = store.find(name, domain) is not None
        if known and password:
            store.set_password(name, domain, realm=realm, password=password, kind=kind(site))
        elif not known:
            if not password:
                import secrets

                password = secrets.token_urlsafe(12)
                host.make_directory(paths.SECRETS, mode=0o700)
                host.write(PASSWORD_FILE, f"{password}\n".encode(), mode=0o600)
                report(f"the password of {name}@{domain} is in {PASSWORD_FILE}")
            store.add(name, domain, realm=realm, password=password, kind=kind(site))
            report(f"added the account {name}@{domain}")


def project(host: Host, site: Site) -> None:
    """Bring every projection in line with the store, comparing all."""
    with open_store(host) as store:
        projecting.project(store, projections(host, site))


def catch_up(host: Host, site: Site) -> None:
    """Tell every server of the accounts that changed, comparing nothing: the lock is held."""
    with open_store(host) as store:
        projecting.catch_up(store, projections(host, site))


def differences(host: Host, site: Site) -> list[tuple[Projection, Changes]]:
    """Each projection that does not agree with the store, with how; checks' accounts apart."""
    with open_store(host) as store:
        rows = [(p, projecting.diff(store, p, reserved=False)) for p in projections(host, site)]
    return [(p, changes) for p, changes in rows if changes or changes.foreign]


def drift(host: Host, site: Site) -> list[str]:
    """One line for each account that a service knows otherwise than the store."""
    return [f"{p.name}: {line}" for p, changes in differences(host, site) for line in changes.lines]
