# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that somebody made past the store, with prosodyctl or kamctl, taken into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from falcot_rtc.accounts import verifier
from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.accounts.projections import Row
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.verifier import Verifier
from falcot_rtc.errors import UsageError


def adopt(
    store: AccountStore,
    foreign: Iterable[str],
    rows: Mapping[str, Mapping[str, Row]],
    *,
    realm: str,
    kind: ScramKind,
) -> tuple[list[Account], list[str]]:
    """Take in what can be; returns those accounts, and a line for each that can't be.

    `foreign` are keys, `rows` what each service keeps under a key. A service that did not know the
    person waits for a new password.
    """
    taken, refused = [], []
    for key in sorted(set(foreign)):
        name, at, domain = key.partition("@")
        found = _verifier(key, rows, realm, kind) if at else None
        if found is None:
            refused.append(f"{key}: nothing that could be adopted")
            continue
        try:
            store.put([Account(name=name, domain=domain, verifier=found)])
        except UsageError as error:
            refused.append(f"{key}: {error.message}")
            continue
        taken.append(store.get(name, domain))
    return taken, refused


def _verifier(
    key: str, rows: Mapping[str, Mapping[str, Row]], realm: str, kind: ScramKind
) -> Verifier | None:
    sip = rows.get("sip", {}).get(key, ())[:2]
    xmpp = rows.get("xmpp", {}).get(key, ())
    scram = None
    if xmpp:
        _, _, iterations, salt, stored_key, server_key = xmpp
        scram = Scram(
            kind=kind,
            salt=salt,
            iterations=int(iterations),
            stored_key=stored_key,
            server_key=server_key,
        )
    if all(sip) and sip:
        return Verifier(login=key, realm=realm, ha1=sip[0], ha1b=sip[1], scram=scram)
    return verifier.of_scram(realm, scram) if scram else None
