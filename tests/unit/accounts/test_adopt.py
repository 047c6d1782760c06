# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc.accounts.adopt import adopt
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.store import AccountStore

REALM = "falcot.com"
XMPP = ("1", "2", "10000", "pepper", "5701", "5e44")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        yield store


def test_what_each_service_knows_is_put_together(store: AccountStore) -> None:
    rows = {
        "sip": {"joe@falcot.com": ("4a11", "4a1b"), "eve@falcot.com": ("", "")},
        "xmpp": {"joe@falcot.com": XMPP, "anna@falcot.com": XMPP, "odd@falcot.com": ()},
    }
    foreign = {key for known in rows.values() for key in known} | {"BAD@falcot.com", "bare"}
    rows["xmpp"]["BAD@falcot.com"] = XMPP
    taken, refused = adopt(store, foreign, rows, realm=REALM, kind=ScramKind.SHA1)
    anna, joe = taken
    assert (anna.address, anna.lacks(REALM)) == ("anna@falcot.com", ("sip", "turn"))
    assert (joe.address, joe.ha1, joe.lacks(REALM)) == ("joe@falcot.com", "4a11", ())
    assert [line.partition(":")[0] for line in refused] == [
        "BAD@falcot.com",
        "bare",
        "eve@falcot.com",
        "odd@falcot.com",
    ]
    assert "has upper-case letters" in refused[0]


def test_nobody_knows_the_ha1_of_an_adopted_account(store: AccountStore) -> None:
    rows = {"xmpp": {"anna@falcot.com": XMPP, "joe@falcot.com": XMPP}}
    taken, _ = adopt(store, rows["xmpp"], rows, realm=REALM, kind=ScramKind.SHA1)
    hashes = {value for one in taken for value in (one.ha1, one.ha1b)}
    assert len(hashes) == 4
    assert all(len(value) == 32 for value in hashes)
