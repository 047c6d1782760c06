# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.projections import catch_up, diff, project
from falcot_rtc.accounts.sip import LOCATION, SUBSCRIBERS, SipProjection
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.errors import FalcotError

DOMAIN = "falcot.com"
ME = Owner(uid=os.getuid(), gid=os.getgid())


@pytest.fixture
def sip(tmp_path: Path) -> SipProjection:
    (tmp_path / "sip").mkdir()
    schema = tmp_path / "db_sqlite"
    schema.mkdir()
    # The columns that kamailio's own scripts give these tables.
    (schema / "standard-create.sql").write_text(
        "CREATE TABLE version (id INTEGER PRIMARY KEY, table_name TEXT, table_version INTEGER);"
    )
    (schema / "auth_db-create.sql").write_text(
        "CREATE TABLE subscriber (id INTEGER PRIMARY KEY, username TEXT, domain TEXT,"
        " password TEXT DEFAULT '' NOT NULL, ha1 TEXT, ha1b TEXT, UNIQUE (username, domain));"
        "INSERT INTO version (table_name, table_version) VALUES ('subscriber', 7);"
    )
    (schema / "alias_db-create.sql").write_text(
        "CREATE TABLE dbaliases (id INTEGER PRIMARY KEY, alias_username TEXT, alias_domain TEXT,"
        " username TEXT, domain TEXT);"
        "INSERT INTO version (table_name, table_version) values ('dbaliases', '1');"
    )
    (schema / "usrloc-create.sql").write_text(
        "CREATE TABLE location (id INTEGER PRIMARY KEY, contact TEXT);"
        "INSERT INTO version (table_name, table_version) VALUES ('location', 9);"
    )
    return SipProjection(base=tmp_path / "sip", schema=schema, kamailio=ME)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        store.add("joe", DOMAIN, realm=DOMAIN, password="secret1")
        yield store


def select(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def test_subscribers_have_hashes_and_no_password(store: AccountStore, sip: SipProjection) -> None:
    assert project(store, [sip]).changes["sip"].keys == ("joe@falcot.com",)
    assert project(store, [sip]).changes == {}
    path = sip.base / SUBSCRIBERS
    # printf joe:falcot.com:secret1 | md5sum; printf joe@falcot.com:falcot.com:secret1 | md5sum
    assert select(path, "SELECT username, domain, password, ha1, ha1b FROM subscriber") == [
        (
            "joe",
            "falcot.com",
            "",
            "af0aea2009e90399c7df531c7fd58399",
            "9639accb503f54b3979e6d421fbc69b4",
        )
    ]
    assert select(path, "SELECT table_version FROM version") == [(7,), (1,)]


def test_changes_are_made_in_place_for_who_has_it_open(
    store: AccountStore, sip: SipProjection
) -> None:
    project(store, [sip])
    with closing(sqlite3.connect(sip.base / SUBSCRIBERS)) as kamailio:
        store.set_password("joe", DOMAIN, realm=DOMAIN, password="new")
        store.add("anna", DOMAIN, realm=DOMAIN, password="x")
        project(store, [sip])
        rows = kamailio.execute("SELECT username || '@' || domain, ha1 FROM subscriber").fetchall()
        assert dict(rows) == {one.address: one.ha1 for one in store.accounts()}
        store.delete("joe", DOMAIN)
        project(store, [sip])
        assert kamailio.execute("SELECT username FROM subscriber").fetchall() == [("anna",)]


def test_location_is_made_once_and_kept(store: AccountStore, sip: SipProjection) -> None:
    sip.prepare()
    location = sip.base / LOCATION
    assert select(location, "SELECT table_version FROM version") == [(9,)]
    with closing(sqlite3.connect(location)) as database, database:
        database.execute("INSERT INTO location (contact) VALUES ('sip:joe')")
    sip.prepare()
    assert select(location, "SELECT contact FROM location") == [("sip:joe",)]


def test_kamailio_may_write_locations_only(sip: SipProjection) -> None:
    sip.prepare()
    modes = {
        path: stat.S_IMODE((sip.base / path).stat().st_mode)
        for path in (".", SUBSCRIBERS, LOCATION.parent, LOCATION)
    }
    assert modes == {
        ".": 0o750,
        SUBSCRIBERS: 0o640,
        LOCATION.parent: 0o700,
        LOCATION: 0o600,
    }


def test_drift_is_seen_and_mended(store: AccountStore, sip: SipProjection) -> None:
    project(store, [sip])
    with closing(sqlite3.connect(sip.base / SUBSCRIBERS)) as database, database:
        database.execute("UPDATE subscriber SET ha1 = 'x'")
        database.execute("INSERT INTO subscriber (username, domain) VALUES ('eve', 'falcot.com')")
    changes = diff(store, sip)
    assert (set(changes.write), changes.foreign) == ({"joe@falcot.com"}, {"eve@falcot.com"})
    project(store, [sip])
    assert not diff(store, sip)


def test_catching_up_touches_the_changed_rows_only(store: AccountStore, sip: SipProjection) -> None:
    assert not sip.begun
    project(store, [sip])
    assert sip.begun
    path = sip.base / SUBSCRIBERS
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE subscriber SET ha1 = 'by hand'")
    store.add("anna", "falcot.com", realm="falcot.com", password="x")
    catch_up(store, [sip])
    assert select(path, "SELECT username FROM subscriber WHERE ha1 = 'by hand'") == [("joe",)]
    store.delete("joe", "falcot.com")
    catch_up(store, [sip])
    assert select(path, "SELECT username FROM subscriber") == [("anna",)]


ALIASES = (
    "SELECT alias_username, alias_domain, username, domain FROM dbaliases ORDER BY alias_username"
)


def test_what_can_be_dialled_follows_the_account(store: AccountStore, sip: SipProjection) -> None:
    path = sip.base / SUBSCRIBERS
    store.set_extension("joe", DOMAIN, "1234")
    store.set_aliases("joe", DOMAIN, ["j.smith", "boss"])
    project(store, [sip])
    assert select(path, ALIASES) == [
        ("1234", DOMAIN, "joe", DOMAIN),
        ("boss", DOMAIN, "joe", DOMAIN),
        ("j.smith", DOMAIN, "joe", DOMAIN),
    ]
    assert not diff(store, sip)
    # What one loses another may get, in one go.
    store.set_extension("joe", DOMAIN, None)
    store.set_aliases("joe", DOMAIN, ["boss"])
    store.add("anna", DOMAIN, realm=DOMAIN, password="x", extension="1234", aliases=("j.smith",))
    catch_up(store, [sip])
    assert select(path, ALIASES) == [
        ("1234", DOMAIN, "anna", DOMAIN),
        ("boss", DOMAIN, "joe", DOMAIN),
        ("j.smith", DOMAIN, "anna", DOMAIN),
    ]
    store.set_state("anna", DOMAIN, State.DISABLED)
    store.delete("joe", DOMAIN)
    catch_up(store, [sip])
    assert select(path, ALIASES) == []


def test_aliases_made_by_hand_are_drift(store: AccountStore, sip: SipProjection) -> None:
    project(store, [sip])
    with closing(sqlite3.connect(sip.base / SUBSCRIBERS)) as database, database:
        database.executemany(
            "INSERT INTO dbaliases (alias_username, alias_domain, username, domain)"
            " VALUES (?, ?, ?, ?)",
            [("7", DOMAIN, "joe", DOMAIN), ("8", DOMAIN, "ghost", DOMAIN)],
        )
    changes = diff(store, sip)
    assert (set(changes.write), changes.foreign) == ({"joe@falcot.com"}, {"ghost@falcot.com"})
    project(store, [sip])
    assert not diff(store, sip)


def test_a_file_without_the_table_of_aliases_gets_it(
    store: AccountStore, sip: SipProjection
) -> None:
    project(store, [sip])
    path = sip.base / SUBSCRIBERS
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE dbaliases")
        database.execute("DELETE FROM version WHERE table_name = 'dbaliases'")
    sip.prepare()
    store.set_extension("joe", DOMAIN, "1234")
    assert diff(store, sip).keys == ("joe@falcot.com",)
    project(store, [sip])
    assert select(path, ALIASES) == [("1234", DOMAIN, "joe", DOMAIN)]
    assert select(path, "SELECT table_version FROM version") == [(7,), (1,)]


def test_faults_name_the_file(store: AccountStore, sip: SipProjection) -> None:
    (sip.base / SUBSCRIBERS).write_bytes(b"no database, but longer than a header would be" * 9)
    with pytest.raises(FalcotError, match=r"subscribers\.sqlite: not kamailio's user table"):
        project(store, [sip])
    (sip.base / SUBSCRIBERS).unlink()
    (sip.schema / "auth_db-create.sql").unlink()
    with pytest.raises(FalcotError, match="kamailio-sqlite-modules"):
        project(store, [sip])
