# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply, jails
from falcot_rtc.policies import jail
from tests.unit.fake_host import FakeHost, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
EVERY = "falcot-rtc-sip, falcot-rtc-turn, falcot-rtc-web, falcot-rtc-xmpp, sshd"


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    found = fresh(tmp_path)
    apply.apply(found, report=lambda line: None)
    return found


def judged(host: FakeHost) -> tuple[str, str]:
    found = jails.judge(host, apply.read_site(host)[0])
    return found.status, found.detail


def test_without_fail2ban_people_are_told(host: FakeHost) -> None:
    assert judged(host) == ("warn", "fail2ban is not installed")


def test_every_jail_is_there(host: FakeHost) -> None:
    put(host.root, jail.CLIENT, "")
    host.system.jails = EVERY
    assert judged(host) == ("ok", "")


def test_a_jail_that_is_missing_is_named(host: FakeHost) -> None:
    put(host.root, jail.CLIENT, "")
    host.system.jails = EVERY.replace("falcot-rtc-sip, ", "")
    assert judged(host) == ("warn", "fail2ban has no jail falcot-rtc-sip")


def test_one_that_does_not_run(host: FakeHost) -> None:
    put(host.root, jail.CLIENT, "")
    assert judged(host) == ("warn", "fail2ban does not run")
