# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an imported row means for an account: nothing, a change, a new one, or an error."""

from __future__ import annotations

from dataclasses import dataclass, replace

from falcot_rtc.accounts import hashes, names
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.formats.entry import Entry
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import UsageError, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a site asks of its accounts; `domain` is that of names without one."""

    domains: tuple[str, ...]
    domain: str
    realm: str
    kind: ScramKind


def screened(entry: Entry, terms: Terms) -> Entry:
    """The entry with its domain; UsageError if no account of the site can be so."""
    names.local_part(entry.name)
    domain = entry.domain or terms.domain
    if domain not in terms.domains:
        raise UsageError(
            f"domain {shown(domain)} is none of this site's: {', '.join(terms.domains)}",
            hint="add it to /etc/falcot-rtc/settings.toml, or leave such rows out",
        )
    if entry.extension:
        names.extension(entry.extension)
    for alias in entry.aliases or ():
        names.local_part(alias)
    if entry.password is not None:
        hashes.ha1(entry.name, terms.realm, entry.password)
    if entry.verifier is not None:
        _accept(entry.verifier, terms)
    return replace(entry, domain=domain)


def _accept(verifier: Verifier, terms: Terms) -> None:
    if verifier.scram is None and verifier.realm != terms.realm:
        raise UsageError(
            f"its HA1 is of the realm {shown(verifier.realm)}, but this site's is {terms.realm}",
            hint="set `realm` in /etc/falcot-rtc/settings.toml to it, or give a password",
        )
    if verifier.scram is not None and verifier.scram.kind is not terms.kind:
        raise UsageError(
            f"hashed with {verifier.scram.kind}, but this site's password-hash is {terms.kind}",
            hint="set password-hash in /etc/falcot-rtc/policy.d/xmpp.toml, or give a password",
        )


def agrees(entry: Entry, account: Account, terms: Terms) -> bool:
    """Whether the account has the password that the (screened) entry states, if it states one."""
    if entry.password is not None:
        return (
            not account.lacks(terms.realm)
            and account.scram is not None
            and account.scram.kind is terms.kind
            and account.ha1 == hashes.ha1(entry.name, terms.realm, entry.password)
        )
    wanted, known = entry.verifier, account.verifier
    if wanted is None or wanted == known:
        return True
    plain = (known.login.partition("@")[0], known.realm, known.ha1)
    # The rest of what was made of an HA1 is random, or less than what is known by now.
    return wanted.scram is None and plain == (entry.name, wanted.realm, wanted.ha1)


def merged(entry: Entry, account: Account | None, verifier: Verifier | None) -> Account:
    """The account as the (screened) entry wants it; without a new verifier it keeps its own."""
    if account is None:
        if verifier is None:
            raise ValueError(f"a new account without a verifier: {entry.name}")
        account = Account(name=entry.name, domain=entry.domain, verifier=verifier)
    extension = account.extension if entry.extension is None else entry.extension or None
    aliases = account.aliases if entry.aliases is None else tuple(sorted({*entry.aliases}))
    # 0 stands for now.
    updated = account.updated if verifier is None else 0
    return replace(
        account,
        verifier=verifier or account.verifier,
        extension=extension,
        aliases=aliases,
        state=entry.state or account.state,
        created=entry.created or account.created,
        updated=entry.updated or updated,
    )
