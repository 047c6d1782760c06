# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from falcot_rtc.accounts import unique
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.errors import UsageError

DOMAIN = "falcot.com"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "accounts.sqlite"
    with AccountStore(path) as store:
        store.add("joe", DOMAIN, realm=DOMAIN, password="x", extension="100", aliases=("j.smith",))
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        yield database


def test_a_name_is_taken_in_its_domain_only(database: sqlite3.Connection) -> None:
    for name, words in (("joe", "exists already"), ("j.smith", "is an alias of joe@falcot.com")):
        with pytest.raises(UsageError, match=f"{name}@falcot.com {words}"):
            unique.free_name(database, name, DOMAIN)
        unique.free_name(database, name, "other.example")
    unique.free_name(database, "anna", DOMAIN)
    unique.free_name(database, "j.smith", DOMAIN, owner="joe")


def test_a_number_is_taken_on_the_whole_site(database: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match="100 belongs to joe@"):
        unique.free_extension(database, "100")
    with pytest.raises(UsageError, match="not 2 to 12 digits"):
        unique.free_extension(database, "1")
    unique.free_extension(database, "101")
    unique.free_extension(database, None)
