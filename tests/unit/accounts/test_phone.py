# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc.accounts import phone, proof
from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.hashes import ScramKind, ha1
from falcot_rtc.accounts.phone import KIND, PhoneProjection
from falcot_rtc.accounts.projections import catch_up, project
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.verifier import of_ha1, of_password

REALM = "falcot.com"


@pytest.fixture
def people(tmp_path: Path) -> PhoneProjection:
    (tmp_path / "phone").mkdir()
    me = Owner(uid=os.getuid(), gid=os.getgid())
    return PhoneProjection(base=tmp_path / "phone", kind=ScramKind.SHA1, reader=me)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        store.add("joe", REALM, realm=REALM, password="secret1")
        yield store


def test_a_row_follows_the_account(store: AccountStore, people: PhoneProjection) -> None:
    project(store, [people])
    first = people.read()
    assert first.keys() == {KIND, "joe@falcot.com"} and first[KIND] == ("SHA-1",)
    store.set_password("joe", REALM, realm=REALM, password="secret1")
    catch_up(store, [people])
    assert people.read()["joe@falcot.com"] != first["joe@falcot.com"]
    store.set_state("joe", REALM, State.DISABLED)
    catch_up(store, [people])
    assert people.read().keys() == {KIND}
    assert project(store, [people]).changes == {}


@pytest.mark.parametrize("kind", ScramKind)
def test_it_verifies_and_logs_nobody_in(kind: ScramKind) -> None:
    made = of_password("joe", REALM, REALM, "secret1", kind)
    kept = phone.row(made)
    found = phone.account("joe@falcot.com", kept)
    assert proof.proves("secret1", found, kind)
    assert not proof.proves("secret2", found, kind)
    assert made.scram
    for value in (made.ha1, made.ha1b, made.scram.server_key):
        assert value not in kept


def test_an_account_of_which_only_the_ha1_is_known() -> None:
    kept = phone.row(of_ha1("joe", REALM, ha1("joe", REALM, "secret1")))
    found = phone.account("joe@falcot.com", kept)
    assert proof.proves("secret1", found, ScramKind.SHA1)
    assert not proof.proves("secret2", found, ScramKind.SHA1)


@pytest.mark.parametrize("kept", ["", "{", "[]", '["SHA-9", "s", 1, "k"]', "[1, 2]"])
def test_junk_is_a_value_error(kept: str) -> None:
    with pytest.raises(ValueError):
        phone.account("joe@falcot.com", kept)
