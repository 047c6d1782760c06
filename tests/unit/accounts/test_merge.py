# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts import verifier
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.formats.entry import Entry
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.merge import agrees, merged, screened
from falcot_rtc.errors import UsageError
from tests.unit.accounts.three import DOMAIN, OTHER, TERMS

FULL = verifier.of_password("joe", DOMAIN, DOMAIN, "secret1", ScramKind.SHA1, iterations=1)
JOE = Account(name="joe", domain=DOMAIN, verifier=FULL, extension="11", created=3, updated=4)
STRONGER = replace(
    FULL,
    scram=replace(FULL.scram, kind=ScramKind.SHA256),  # type: ignore[type-var]
)
ENTRY = Entry(line=1, name="joe", domain=DOMAIN)


def foreign(realm: str = DOMAIN, ha1: str = FULL.ha1) -> Entry:
    return replace(ENTRY, verifier=verifier.of_ha1("joe", realm, ha1))


def test_a_name_without_a_domain_gets_one() -> None:
    assert screened(replace(ENTRY, domain=""), TERMS) == ENTRY
    assert screened(replace(ENTRY, domain=OTHER), TERMS).domain == OTHER


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (replace(ENTRY, domain="else.example"), "domain 'else.example' is none of this site's"),
        (replace(ENTRY, name="Joe"), "upper-case"),
        (replace(ENTRY, name="falcot-rtc-check-1"), "reserved for checks"),
        (replace(ENTRY, extension="1"), "not 2 to 12 digits"),
        (replace(ENTRY, aliases=("a b",)), "contains ' '"),
        (replace(ENTRY, password="a\x00b"), "a control character"),
        (foreign(realm="myrealm"), "of the realm 'myrealm', but this site's is falcot.com"),
        (
            replace(ENTRY, verifier=STRONGER),
            "SHA-256, but this site's password-hash is SHA-1",
        ),
    ],
)  # fmt: skip
def test_what_no_account_can_be_is_refused(entry: Entry, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        screened(entry, TERMS)


def test_a_site_moves_even_if_its_realm_is_another_one() -> None:
    moved = replace(ENTRY, verifier=replace(FULL, realm="old.example"))
    assert screened(moved, TERMS) == moved


def test_a_password_is_compared_without_hashing_it() -> None:
    assert agrees(ENTRY, JOE, TERMS)
    assert agrees(replace(ENTRY, password="secret1"), JOE, TERMS)
    assert not agrees(replace(ENTRY, password="secret2"), JOE, TERMS)
    for lacking in (
        replace(FULL, scram=None),
        replace(FULL, login="jim@falcot.com"),
        replace(FULL, realm="old.example"),
        STRONGER,
    ):
        assert not agrees(replace(ENTRY, password="secret1"), replace(JOE, verifier=lacking), TERMS)


def test_an_ha1_takes_nothing_from_who_has_it_already() -> None:
    assert agrees(foreign(), JOE, TERMS)
    assert not agrees(foreign(ha1="0" * 32), JOE, TERMS)
    assert agrees(replace(ENTRY, verifier=FULL), JOE, TERMS)
    assert not agrees(replace(ENTRY, verifier=replace(FULL, ha1b="0" * 32)), JOE, TERMS)


def test_only_what_is_stated_changes() -> None:
    assert merged(ENTRY, JOE, None) == JOE
    stated = replace(ENTRY, extension="", aliases=("b", "a", "b"), state=State.DISABLED)
    assert merged(stated, JOE, None) == replace(
        JOE, extension=None, aliases=("a", "b"), state=State.DISABLED
    )
    # A new password dates from now, which the store fills in.
    other = replace(FULL, ha1="0" * 32)
    assert merged(ENTRY, JOE, other) == replace(JOE, verifier=other, updated=0)


def test_a_new_account() -> None:
    dated = replace(ENTRY, created=1, updated=2, extension="12")
    assert merged(dated, None, FULL) == Account(
        name="joe", domain=DOMAIN, verifier=FULL, extension="12", created=1, updated=2
    )
    with pytest.raises(ValueError, match="without a verifier"):
        merged(ENTRY, None, None)


@given(
    st.none() | st.sampled_from(["", "12"]),
    st.none() | st.lists(st.sampled_from(["a", "b"])).map(tuple),
    st.none() | st.sampled_from(State),
)
def test_merging_twice_is_merging_once(
    extension: str | None, aliases: tuple[str, ...] | None, state: State | None
) -> None:
    entry = replace(ENTRY, extension=extension, aliases=aliases, state=state)
    once = merged(entry, JOE, None)
    assert merged(entry, once, None) == once
