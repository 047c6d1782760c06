# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide on one form at a time: who may go on, whether the old password is right, the change."""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from collections.abc import Callable

from falcot_rtc import apply, audit, failed_login
from falcot_rtc.accounts import names, renewal, sync
from falcot_rtc.accounts import password as passwords
from falcot_rtc.accounts.proof import proves
from falcot_rtc.accounts.saslprep import saslprep
from falcot_rtc.backend.headers import Address
from falcot_rtc.backend.limits import Limits, source
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.password_page import form as forms
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.policy import Site

log = logging.getLogger("password-page")


class Desk:
    """One desk, one form at a time: a guess can't outrun the count of those before it."""

    def __init__(self, host: Host, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._clock = clock
        self._limits = Limits()

    def may_close(self) -> bool:
        """Whether nothing would be forgotten."""
        return not self._limits.remember(self._clock())

    def catch_up(self) -> None:
        """Complete what a killed change left: some services know the new password, some do not."""
        try:
            site = managed(self._host)
            with sync.open_store(self._host) as store:
                left = store.pending()
            if site is not None and left:
                with self._host.lock():
                    sync.catch_up(self._host, site)
        except (FalcotError, OSError, sqlite3.Error) as error:
            log.error("not caught up: %s", error)

    def answer(self, form: Form, address: Address, site: Site) -> Answer:
        """What came of `form`; nothing is changed unless the outcome is DONE or UNCERTAIN."""
        if (wrong := forms.fault(form)) is not None:
            return Answer(outcome=wrong)
        try:
            return self._tried(form, address, site)
        except (FalcotError, OSError, sqlite3.Error) as error:
            log.error("nothing changed: %s", error)
            return Answer(outcome=Outcome.BUSY)

    def _tried(self, form: Form, address: Address, site: Site) -> Answer:
        name, domain = names.typed(form.user, site.settings.domain)
        if names.is_reserved(name):
            # Known to be no person's, so there is nothing to hide and nothing to count.
            return self._refused(address, name, domain)
        key, account, now = source(address), (name, domain), self._clock()
        waits = self._limits.addresses.wait(key, now), self._limits.accounts.wait(account, now)
        if waits[0]:
            # Who goes on is for the jail. Others may wait for an account without having failed.
            self._note(address, name, domain)
        if any(waits):
            return Answer(outcome=Outcome.LIMITED, seconds=math.ceil(max(waits)))
        if not self._knows(site, name, domain, form.old):
            self._limits.addresses.failed(key, now)
            self._limits.accounts.failed(account, now)
            return self._refused(address, name, domain)
        self._limits.accounts.forgive(account)
        try:
            if saslprep(form.new) == saslprep(form.old):
                return Answer(outcome=Outcome.SAME)
            passwords.checked(self._host, name, form.new)
        except passwords.Unusable as error:
            return Answer(outcome=Outcome(error.reason.value))
        except UsageError:
            return Answer(outcome=Outcome.UNTYPABLE)
        return self._changed(form, address, site, name, domain)

    def _changed(self, form: Form, address: Address, site: Site, name: str, domain: str) -> Answer:
        with self._host.lock():
            # The administrator may have been quicker.
            if not self._knows(site, name, domain, form.old):
                return self._refused(address, name, domain)
            try:
                made = renewal.renew(self._host, site, name, domain, form.new)
            except (FalcotError, OSError, sqlite3.Error) as error:
                log.error("a password is perhaps not known to all services: %s", error)
                return Answer(outcome=Outcome.UNCERTAIN)
        audit.note(f"new password for {made.address} (by its owner, from {address})")
        return Answer(outcome=Outcome.DONE)

    def _knows(self, site: Site, name: str, domain: str, password: str) -> bool:
        served = domain in [one.name for one in site.settings.domains]
        with sync.open_store(self._host) as store:
            account = store.find(name, domain) if served else None
        return proves(password, account, sync.kind(site))

    def _refused(self, address: Address, name: str, domain: str) -> Answer:
        self._note(address, name, domain)
        return Answer(outcome=Outcome.WRONG)

    def _note(self, address: Address, name: str, domain: str) -> None:
        log.warning("%s", failed_login.line(address, name, domain))


def managed(host: Host) -> Site | None:
    """The host's site; None where falcot-rtc is not to touch it."""
    return apply.read_site(host)[0] if apply.is_managed(host) else None
