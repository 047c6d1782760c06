# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where prosody does not run; where it does: tests/integration/test_users.py."""

from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.accounts import xmpp_contacts
from falcot_rtc.accounts.xmpp_contacts import Followed
from tests.unit.fake_host import FakeHost, fresh, put

DATA = "/var/lib/prosody/falcot%2ecom"
ROOMS = "/var/lib/prosody/conference%2efalcot%2ecom/config"
JANE = 'return { ["joe@falcot.com"] = { ["ask"] = "subscribe"; }; ["joey@falcot.com"] = {}; };\n'
JIM = 'return { ["jane@falcot.com"] = {}; ["eve@far.example"] = {}; ["far.example"] = {}; };\n'
ROOM = 'return { ["_affiliations"] = { ["joe@falcot.com"] = "owner"; }; };\n'
OTHER = 'return { ["_affiliations"] = { ["xjoe@falcot.com"] = "owner"; }; };\n'

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    put(host.root, f"{DATA}/roster/jane.dat", JANE)
    put(host.root, f"{DATA}/roster/jim.dat", JIM)
    put(host.root, f"{ROOMS}/room.dat", ROOM)
    put(host.root, f"{ROOMS}/other.dat", OTHER)
    return host


def test_lists_and_rooms_know_the_new_name(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    said = xmpp_contacts.follow(host, site, "falcot.com", "joe", "jim")
    assert said == Followed(lists=1, rooms=1, elsewhere=1)
    assert host.text(f"{DATA}/roster/jane.dat") == JANE.replace("joe@", "jim@")
    assert host.text(f"{ROOMS}/room.dat") == ROOM.replace("joe@", "jim@")
    assert host.text(f"{ROOMS}/other.dat") == OTHER
    assert host.text(f"{DATA}/roster/jim.dat") == JIM
    assert xmpp_contacts.follow(host, site, "falcot.com", "joe", "jim") == Followed(elsewhere=1)


def test_nobody_has_contacts(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    site, _ = apply.read_site(host)
    assert xmpp_contacts.follow(host, site, "falcot.com", "joe", "jim") == Followed()
