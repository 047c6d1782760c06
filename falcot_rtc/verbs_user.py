# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc user …`: one account a person, for SIP, XMPP and TURN at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from falcot_rtc import apply, audit
from falcot_rtc.accounts import names, renewal, sync, xmpp_contacts, xmpp_data
from falcot_rtc.accounts import password as passwords
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.live import person
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.undumped import undumped

# Two prompts at a terminal; a third try with the same typing error is for another day.
TRIES = 3


def managed(host: Host) -> Site:
    """The host's site; FalcotError where there is none to have accounts of."""
    if not apply.is_managed(host):
        raise FalcotError(
            "falcot-rtc does not manage this host (manage = false), so it keeps no accounts",
            hint="dpkg-reconfigure falcot-rtc",
        )
    return apply.read_site(host)[0]


def address(site: Site, given: str) -> tuple[str, str]:
    """Name and domain of what was typed: joe is joe in the first domain."""
    name, at, domain = given.strip().partition("@")
    domain = domain.lower().rstrip(".") if at else site.settings.domain
    served = [one.name for one in site.settings.domains]
    if domain not in served:
        raise UsageError(
            f"user: {given!r}: this host does not serve the domain {domain!r}",
            hint=f"it serves {', '.join(served)}",
        )
    return names.local_part(name), domain


@contextmanager
def _changing(host: Host, site: Site) -> Iterator[AccountStore]:
    """The store, locked; afterwards every service knows what changed in it, and no more."""
    with host.lock():
        with sync.open_store(host) as store:
            yield store
        sync.catch_up(host, site)


def _done(what: str, one: Account | str, *more: str) -> None:
    line = f"{what} {one if isinstance(one, str) else one.address}"
    audit.note(f"{line}{''.join(f', {word}' for word in more)} (by {audit.who()})")
    print(f"{line}{''.join(f', {word}' for word in more)}")


def _password(host: Host, given: argparse.Namespace, name: str) -> str:
    """The password as the options say: generated, from standard input, or typed twice."""
    undumped()
    if given.generate:
        return passwords.generated()
    if given.password_stdin:
        text = sys.stdin.buffer.read(4 * passwords.LONGEST + 3)
        try:
            password = text.decode()
        except UnicodeDecodeError as error:
            raise UsageError("user: the password on standard input is not UTF-8") from error
        password = password.removesuffix("\n").removesuffix("\r")
        return passwords.checked(host, name, password, weak=given.allow_weak)
    if not on_terminal():
        raise UsageError(
            "user: there is no terminal to ask for the password",
            hint="use --password-stdin or --generate",
        )
    return _typed(host, name, weak=given.allow_weak)


def on_terminal() -> bool:
    return sys.stdin.isatty()


def _typed(host: Host, name: str, *, weak: bool) -> str:
    import getpass

    for left in reversed(range(TRIES)):
        try:
            password = passwords.checked(host, name, getpass.getpass("Password: "), weak=weak)
            if getpass.getpass("Again: ") == password:
                return password
            raise UsageError("user: the two passwords differ")
        except UsageError as error:
            if not left:
                raise
            print(error, file=sys.stderr)
    raise AssertionError("the last try returns or raises")


def _tell_generated(given: argparse.Namespace, password: str) -> None:
    if given.generate:
        print(f"password: {password}")


def user_add(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    name, domain = address(site, given.address)
    with sync.open_store(host) as store:
        store.vacant(name, domain, extension=given.extension, aliases=given.alias)
    password = _password(host, given, name)
    with _changing(host, site) as store:
        made = store.add(
            name,
            domain,
            realm=site.settings.realm,
            password=password,
            kind=sync.kind(site),
            extension=given.extension,
            aliases=tuple(given.alias),
        )
    _done("added", made)
    _tell_generated(given, password)
    return 0


def user_passwd(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    name, domain = address(site, given.address)
    with sync.open_store(host) as store:
        store.get(name, domain)
    password = _password(host, given, name)
    with host.lock():
        made = renewal.renew(host, site, name, domain, password)
    _done("new password for", made)
    _tell_generated(given, password)
    if given.log_out:
        _ended(host, site, made.address)
    return 0


def user_set(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    name, domain = address(site, given.address)
    if given.extension is None and given.alias is None:
        raise UsageError("user set: nothing to set", hint="--extension NUMBER, --alias NAME")
    with _changing(host, site) as store:
        made = store.get(name, domain)
        if given.extension is not None:
            made = store.set_extension(name, domain, given.extension or None)
        if given.alias is not None:
            made = store.set_aliases(name, domain, [one for one in given.alias if one])
    _done("changed", made, f"extension {made.extension or 'none'}",
          f"aliases {' '.join(made.aliases) or 'none'}")  # fmt: skip
    return 0


def _not_the_administrator(site: Site, name: str, domain: str, verb: str) -> None:
    if (name, domain) == (site.settings.admin, site.settings.domain):
        raise UsageError(
            f"user: {name}@{domain} is the administrator's account and can't be {verb}",
            hint="first name another one: falcot-rtc config set admin NAME; falcot-rtc apply",
        )


def user_rename(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    name, domain = address(site, given.address)
    new, other = address(site, given.new)
    if "@" in given.new and other != domain:
        raise UsageError(
            f"user rename: {given.new}: a rename stays in {domain}",
            hint="add the person in the other domain, and delete this account",
        )
    _not_the_administrator(site, name, domain, "renamed")
    with sync.open_store(host) as store:
        store.get(name, domain)
        store.vacant(new, domain, owner=name)
    password = "" if given.keep_password else _password(host, given, new)
    with _changing(host, site) as store:
        made = store.rename(name, domain, new)
        if password:
            store.set_password(
                new, domain, realm=site.settings.realm, password=password, kind=sync.kind(site)
            )
    _ended(host, site, f"{name}@{domain}")
    xmpp_data.rename(host, site, domain, name, new)
    followed = xmpp_contacts.follow(host, site, domain, name, new)
    _done(f"renamed {name}@{domain} to", made)
    if followed.lists or followed.rooms:
        print(f"it is in {followed.lists} contact lists and {followed.rooms} rooms of this host")
    if followed.elsewhere:
        print(f"contacts at other servers still know {name}@{domain}: {followed.elsewhere}")
    if not password:
        print("SIP and TURN wait for a new password: falcot-rtc user passwd " + made.address)
    _tell_generated(given, password)
    return 0


def user_delete(given: argparse.Namespace) -> int:
    host = Host()
    site = managed(host)
    who = [address(site, one) for one in given.address]
    with _changing(host, site) as store:
        for name, domain in who:
            store.get(name, domain)
            _not_the_administrator(site, name, domain, "deleted")
        for name, domain in who:
            store.delete(name, domain)
    for name, domain in who:
        _ended(host, site, f"{name}@{domain}")
        xmpp_data.forget(host, site, domain, name)
        _done("deleted", f"{name}@{domain}")
    return 0


def user_disable(given: argparse.Namespace) -> int:
    return _switch(given, State.DISABLED)


def user_enable(given: argparse.Namespace) -> int:
    return _switch(given, State.ACTIVE)


def _switch(given: argparse.Namespace, state: State) -> int:
    host = Host()
    site = managed(host)
    who = [address(site, one) for one in given.address]
    with _changing(host, site) as store:
        for name, domain in who:
            store.get(name, domain)
        made = [store.set_state(name, domain, state) for name, domain in who]
    for one in made:
        if state is State.DISABLED:
            _ended(host, site, one.address)
        _done("disabled" if state is State.DISABLED else "enabled", one)
    return 0


def _ended(host: Host, site: Site, who: str) -> None:
    """Ends what the person is doing; to be called when no service knows the person any more."""
    counts = person.end(host, site, who)
    if any(counts.values()):
        said = ", ".join(f"{number} of {role}" for role, number in counts.items() if number)
        print(f"ended the sessions of {who}: {said}")
