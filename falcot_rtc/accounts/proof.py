# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody knows an account's password, told in the same time for accounts that are not."""

from __future__ import annotations

import hmac

from falcot_rtc.accounts import hashes
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.errors import UsageError

# Of nobody: it is hashed with as many iterations as anybody's, and agrees with nothing.
_NOBODY = "00000000-0000-4000-8000-000000000000"


def proves(password: str, account: Account | None, kind: ScramKind) -> bool:
    """Whether `account` is active and this is its password: SCRAM's, or where it has none, HA1's.

    Nobody, a disabled account and a wrong password cost the same hashes (of `kind`, for nobody).
    """
    active = account is not None and account.state is State.ACTIVE
    verifier = account.verifier if account is not None else None
    known = verifier.scram if verifier is not None else None
    stored = known or Scram(
        kind=kind, salt=_NOBODY, iterations=hashes.ITERATIONS, stored_key="", server_key=""
    )
    login = verifier.login.partition("@")[0] if verifier is not None else "nobody"
    realm = verifier.realm if verifier is not None else ""
    try:
        scram = hashes.scram(
            password, salt=stored.salt, iterations=stored.iterations, kind=stored.kind
        )
        ha1 = hashes.ha1(login, realm, password)
    except UsageError:
        # Nobody can have chosen it (RFC 4013), which the account has no part in.
        return False
    by_scram = hmac.compare_digest(scram.stored_key, stored.stored_key)
    by_ha1 = hmac.compare_digest(ha1, verifier.ha1 if verifier is not None else "")
    return active and (by_scram if known is not None else by_ha1)
