# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import logging
from ipaddress import ip_address
from pathlib import Path

import pytest

from falcot_rtc import apply, audit, paths
from falcot_rtc.accounts import proof, sync
from falcot_rtc.accounts.account import State
from falcot_rtc.password_page.desk import Desk, managed
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.policy import Site
from tests.unit.fake_host import FakeHost, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile", "notes")
OLD, NEW = "correct horse", "battery staple"
HERE = ip_address("198.51.100.1")


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(audit, "note", found.append)
    return found


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    site, _ = apply.read_site(host)
    with sync.open_store(host) as store:
        for name in ("joe", "gone"):
            store.add(name, "falcot.com", realm="falcot.com", password=OLD, kind=sync.kind(site))
        store.set_state("gone", "falcot.com", State.DISABLED)
    sync.project(host, site)
    return host


@pytest.fixture
def site(host: FakeHost) -> Site:
    return apply.read_site(host)[0]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def form(user: str = "joe", old: str = OLD, new: str = NEW) -> Form:
    return Form(user=user, old=old, new=new, again=new)


def knows(host: FakeHost, password: str) -> bool:
    """Whether joe logs in with it, in a host whose services all agree."""
    site, _ = apply.read_site(host)
    assert sync.drift(host, site) == []
    with sync.open_store(host) as store:
        return proof.proves(password, store.get("joe", "falcot.com"), sync.kind(site))


@pytest.mark.parametrize("user", ["joe", "joe@falcot.com", " Joe@Falcot.COM. "])
def test_a_change(host: FakeHost, site: Site, notes: list[str], user: str) -> None:
    desk = Desk(host)
    assert desk.answer(form(user), HERE, site) == Answer(outcome=Outcome.DONE)
    assert knows(host, NEW) and not knows(host, OLD)
    assert notes == ["new password for joe@falcot.com (by its owner, from 198.51.100.1)"]
    assert desk.may_close()


@pytest.mark.parametrize(
    ("user", "old", "logged"),
    [
        ("joe", "wrong", "joe@falcot.com"),
        ("nobody", OLD, "nobody@falcot.com"),
        ("gone", OLD, "gone@falcot.com"),
        ("joe@example.org", OLD, "joe@example.org"),
        ("falcot-rtc-check-0123456789ab", OLD, "falcot-rtc-check-0123456789ab@falcot.com"),
        ("joe\n x", OLD, "joe%0A%20x@falcot.com"),
    ],
)
def test_refusals_are_alike_and_logged_for_the_jail(
    host: FakeHost, site: Site, caplog: pytest.LogCaptureFixture,
    user: str, old: str, logged: str,
) -> None:  # fmt: skip
    found = Desk(host).answer(form(user, old), HERE, site)
    assert found == Answer(outcome=Outcome.WRONG)
    (row,) = caplog.record_tuples
    assert row == (
        "password-page",
        logging.WARNING,
        f"falcot-rtc: login failed from 198.51.100.1 user {logged}",
    )
    assert knows(host, OLD)


@pytest.mark.parametrize(
    ("new", "outcome"),
    [
        ("short", Outcome.WEAK),
        ("x" * 129, Outcome.LONG),
        ("with\x07bell and whistle", Outcome.UNTYPABLE),
        ("private \ue000 character", Outcome.UNTYPABLE),
        # The same to every server (RFC 4013): a soft hyphen is nothing.
        ("correct\u00ad horse", Outcome.SAME),
    ],
)
def test_new_passwords_that_can_not_be(
    host: FakeHost, site: Site, new: str, outcome: Outcome
) -> None:
    desk = Desk(host)
    assert desk.answer(form(new=new), HERE, site) == Answer(outcome=outcome)
    assert knows(host, OLD)
    # Only who knows the old password learns that.
    assert desk.answer(form(old="wrong", new=new), HERE, site).outcome is Outcome.WRONG


def test_guessing_takes_longer_each_time(host: FakeHost, site: Site) -> None:
    clock = Clock()
    desk = Desk(host, clock)
    for _ in range(5):
        assert desk.answer(form(old="wrong"), HERE, site).outcome is Outcome.WRONG
    assert desk.answer(form(), HERE, site) == Answer(outcome=Outcome.LIMITED, seconds=2)
    assert not desk.may_close()
    clock.now += 2
    assert desk.answer(form(), HERE, site).outcome is Outcome.DONE


def test_nobody_is_told_by_the_limit_who_exists(host: FakeHost, site: Site) -> None:
    for name in ("joe", "nobody", "gone", "joe@example.org"):
        desk = Desk(host, Clock())
        found = [desk.answer(form(name, "wrong"), ip_address(n), site) for n in range(9)]
        assert [one.outcome for one in found] == [Outcome.WRONG] * 6 + [Outcome.LIMITED] * 3


def test_a_limited_address_is_logged_and_a_bystander_is_not(
    host: FakeHost, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(host, Clock())
    for number in range(6):
        desk.answer(form(old="wrong"), ip_address(number), site)
    caplog.clear()
    assert desk.answer(form(), HERE, site) == Answer(outcome=Outcome.LIMITED, seconds=2)
    assert caplog.records == []
    for number in range(6):
        desk.answer(form(f"somebody{number}", "wrong"), HERE, site)
    assert len(caplog.records) == 6


def test_checks_accounts_are_no_way_around_the_limit_nor_counted(
    host: FakeHost, site: Site
) -> None:
    desk = Desk(host, Clock())
    for _ in range(20):
        found = desk.answer(form("falcot-rtc-check-0123456789ab"), HERE, site)
        assert found.outcome is Outcome.WRONG
    assert desk.may_close()


def test_busy_while_another_writer_is_at_work(host: FakeHost, site: Site) -> None:
    with FakeHost(host.root, host.system).lock():
        assert Desk(host).answer(form(), HERE, site).outcome is Outcome.BUSY
    assert knows(host, OLD)


def test_a_projection_that_can_not_be_written(host: FakeHost, site: Site) -> None:
    """It is said to be uncertain, and completed by the next start."""
    accounts = host.root / "var/lib/prosody/falcot%2ecom/accounts"
    aside = accounts.with_name("aside")
    accounts.rename(aside)
    accounts.write_text("in the way")
    assert Desk(host).answer(form(), HERE, site).outcome is Outcome.UNCERTAIN
    accounts.unlink()
    aside.rename(accounts)
    Desk(host).catch_up()
    assert knows(host, NEW)


def test_a_host_that_is_not_ours(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, "version = 1\nmanage = false\n")
    assert managed(host) is None
    Desk(host).catch_up()
