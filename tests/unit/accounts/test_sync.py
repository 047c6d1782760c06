# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from falcot_rtc import apply, paths
from falcot_rtc.accounts import sync
from falcot_rtc.policy import Site
from tests.unit.fake_host import FALCOT, FakeHost, files, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")


def quiet(line: str) -> None:
    """Takes a report."""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    found = fresh(tmp_path)
    apply.apply(found, password="first", report=quiet)
    return found


def read_site(host: FakeHost) -> Site:
    return apply.read_site(host)[0]


def ha1(host: FakeHost, name: str) -> str | None:
    with closing(sqlite3.connect(host.at(f"{paths.STATE}/sip/subscribers.sqlite"))) as database:
        row = database.execute("SELECT ha1 FROM subscriber WHERE username = ?", (name,)).fetchone()
    return row and str(row[0])


def test_one_account_in_every_service(host: FakeHost) -> None:
    # printf admin:falcot.com:first | md5sum
    assert ha1(host, "admin") == "eb59da826dd0b4ffd3425363187acb11"
    assert host.exists("/var/lib/prosody/falcot%2ecom/accounts/admin.dat")
    assert host.exists(f"{paths.STATE}/turn/users.jsonl")
    assert sync.drift(host, read_site(host)) == []
    assert sync.pending(host, read_site(host)) == ()


def test_only_the_roles_of_the_host_have_one(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings='services = ["turn"]\n' + FALCOT)
    apply.apply(host, report=quiet)
    assert [p.name for p in sync.projections(host, read_site(host))] == ["turn"]
    assert not host.exists(f"{paths.STATE}/sip")
    assert host.names("/var/lib/prosody") == []


def test_a_new_password_reaches_every_service(host: FakeHost) -> None:
    before = files(host)
    host.system.commands.clear()
    apply.apply(host, password="second", report=quiet)
    assert ha1(host, "admin") != "eb59da826dd0b4ffd3425363187acb11"
    changed = {path for path, row in files(host).items() if row != before.get(path)}
    assert changed == {
        paths.ACCOUNTS,
        f"{paths.STATE}/sip/subscribers.sqlite",
        f"{paths.STATE}/turn/users.jsonl",
        f"{paths.STATE}/phone/people.jsonl",
        "/var/lib/prosody/falcot%2ecom/accounts/admin.dat",
    }
    # Nobody's call ends for it.
    assert not [argv for argv in host.system.commands if "restart" in argv]


def test_without_a_password_an_account_keeps_its_own(host: FakeHost) -> None:
    apply.apply(host, report=quiet)
    assert ha1(host, "admin") == "eb59da826dd0b4ffd3425363187acb11"
    assert not host.exists(sync.PASSWORD_FILE)


def test_another_administrator_is_announced_and_made(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, 'admin = "joe"\n' + FALCOT)
    assert sync.pending(host, read_site(host)) == ("add the account joe@falcot.com",)
    said: list[str] = []
    apply.apply(host, report=said.append)
    assert "added the account joe@falcot.com" in said
    assert ha1(host, "joe")
    assert ha1(host, "admin")
    assert host.text(sync.PASSWORD_FILE).strip() not in "".join(said)


def test_drift_is_named_and_repaired(host: FakeHost) -> None:
    host.remove("/var/lib/prosody/falcot%2ecom/accounts/admin.dat")
    assert sync.drift(host, read_site(host)) == ["xmpp: admin@falcot.com is missing"]
    sync.project(host, read_site(host))
    assert sync.drift(host, read_site(host)) == []


def test_a_plan_makes_no_store(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    assert sync.pending(host, read_site(host)) == ("add the account admin@falcot.com",)
    assert not host.exists(paths.ACCOUNTS)
