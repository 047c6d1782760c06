# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.accounts import xmpp_data
from tests.unit.fake_host import FakeHost, fresh, put

DATA = "/var/lib/prosody/falcot%2ecom"
pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    for file in ("roster/j%2esmith.dat", "roster/joe.dat", "archive/joe.list", "archive/joe.lidx"):
        put(host.root, f"{DATA}/{file}", file)
    put(host.root, f"{DATA}/accounts/joe.dat", "hash")
    put(host.root, f"{DATA}/archive/joey.list", "somebody else's")
    return host


def test_nothing_is_left_for_a_later_joe(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    xmpp_data.forget(host, site, "falcot.com", "joe")
    assert host.names(f"{DATA}/roster") == ["j%2esmith.dat"]
    assert host.names(f"{DATA}/archive") == ["joey.list"]
    # The account itself is the projection's.
    assert host.names(f"{DATA}/accounts") == ["joe.dat"]


def test_a_new_name_takes_everything_along(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    xmpp_data.rename(host, site, "falcot.com", "joe", "j.smith")
    assert host.text(f"{DATA}/roster/j%2esmith.dat") == "roster/joe.dat"
    assert host.names(f"{DATA}/archive") == ["j%2esmith.lidx", "j%2esmith.list", "joey.list"]


def test_a_domain_without_data_is_fine(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    xmpp_data.forget(host, site, "other.example", "joe")
