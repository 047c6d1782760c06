# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
from contextlib import closing
from pathlib import Path

from falcot_rtc.accounts import schema
from falcot_rtc.accounts.store import AccountStore

FIRST_VERSION = """
CREATE TABLE account (
    name TEXT NOT NULL, domain TEXT NOT NULL, realm TEXT NOT NULL, ha1 TEXT NOT NULL,
    ha1b TEXT NOT NULL, scram_kind TEXT NOT NULL, salt TEXT NOT NULL, iterations INTEGER NOT NULL,
    stored_key TEXT NOT NULL, server_key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')), extension TEXT UNIQUE,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, generation INTEGER NOT NULL,
    PRIMARY KEY (domain, name)
) WITHOUT ROWID;
CREATE TABLE counter (generation INTEGER NOT NULL);
INSERT INTO counter VALUES (7);
INSERT INTO account VALUES ('joe', 'falcot.com', 'falcot.com', '4a11', '4a1b', 'SHA-1', 'pepper',
    10000, '5701', '5e44', 'disabled', '1001', 1, 2, 7);
PRAGMA user_version = 1;
"""


def test_a_store_of_the_first_version_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST_VERSION)
    with AccountStore(path) as store:
        (joe,) = store.accounts()
        assert (joe.address, joe.extension, joe.aliases) == ("joe@falcot.com", "1001", ())
        assert joe.lacks("falcot.com") == ()
        assert store.generation == 7
        assert store.pending() == (("joe", "falcot.com"),)
        assert store.set_aliases("joe", "falcot.com", ["j.smith"]).aliases == ("j.smith",)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
