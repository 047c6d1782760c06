# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import Scram, ScramKind


def account(name: str) -> Account:
    scram = Scram(
        kind=ScramKind.SHA1, salt="pepper", iterations=10, stored_key="5701", server_key="5e44"
    )
    return Account(
        name=name,
        domain="falcot.com",
        realm="falcot.com",
        ha1="4a11",
        ha1b="4a1b",
        scram=scram,
        state=State.ACTIVE,
        extension=None,
        created=1,
        updated=1,
        generation=1,
    )


def test_address_and_reservation() -> None:
    assert account("joe").address == "joe@falcot.com"
    assert not account("joe").reserved
    assert account("falcot-rtc-check-00").reserved


def test_hashes_stay_out_of_repr() -> None:
    text = repr(account("joe"))
    assert "joe" in text
    assert not any(secret in text for secret in ("4a11", "4a1b", "pepper", "5701", "5e44"))
