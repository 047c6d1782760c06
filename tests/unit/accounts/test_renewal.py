# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.accounts import hashes, renewal, sync
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FakeHost, fresh

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    return host


def test_every_service_knows_it_and_the_generated_one_is_gone(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    assert host.exists(sync.PASSWORD_FILE)
    with host.lock():
        made = renewal.renew(host, site, "admin", "falcot.com", "correct horse")
    assert made.ha1 == hashes.ha1("admin", "falcot.com", "correct horse")
    assert sync.drift(host, site) == []
    assert not host.exists(sync.PASSWORD_FILE)


def test_nobody_s(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    with host.lock(), pytest.raises(UsageError, match="there is no nobody@"):
        renewal.renew(host, site, "nobody", "falcot.com", "correct horse")
    assert host.exists(sync.PASSWORD_FILE)
