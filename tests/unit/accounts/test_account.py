# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

from falcot_rtc.accounts.account import Account
from falcot_rtc.accounts.hashes import Scram, ScramKind
from falcot_rtc.accounts.verifier import Verifier, of_ha1

DOMAIN = "falcot.com"


def account(name: str) -> Account:
    scram = Scram(
        kind=ScramKind.SHA1, salt="pepper", iterations=10, stored_key="5701", server_key="5e44"
    )
    verifier = Verifier(
        login=f"{name}@{DOMAIN}", realm=DOMAIN, ha1="4a11", ha1b="4a1b", scram=scram
    )
    return Account(name=name, domain=DOMAIN, verifier=verifier)


def test_address_and_reservation() -> None:
    assert account("joe").address == "joe@falcot.com"
    assert not account("joe").reserved
    assert account("falcot-rtc-check-00").reserved


def test_hashes_stay_out_of_repr() -> None:
    text = repr(account("joe"))
    assert "joe" in text
    assert not any(secret in text for secret in ("4a11", "4a1b", "pepper", "5701", "5e44"))


def test_a_password_holds_for_the_name_and_realm_it_was_hashed_with() -> None:
    joe = account("joe")
    assert joe.lacks(DOMAIN) == ()
    assert joe.lacks("example.org") == ("sip", "turn")
    assert replace(joe, domain="example.org").lacks(DOMAIN) == ("sip-with-domain",)
    assert replace(joe, name="jim").lacks(DOMAIN) == ("sip", "turn")


def test_a_foreign_ha1_is_good_for_the_plain_name() -> None:
    joe = replace(account("joe"), verifier=of_ha1("joe", DOMAIN, "4A" * 16))
    assert joe.ha1 == "4a" * 16
    assert joe.lacks(DOMAIN) == ("sip-with-domain", "xmpp")
