# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.errors import FalcotError
from falcot_rtc.zone import memory, records, update
from falcot_rtc.zone.records import Row
from falcot_rtc.zone.servers import Server
from tests.unit.fake_host import FakeHost, fresh, put
from tests.unit.zone.name_server import ADDRESS, Zones, serving

pytestmark = pytest.mark.usefixtures("network", "volatile")

BARE = """\
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
server1 3600 IN A 198.51.100.19
conference 300 IN A 198.51.100.19
old IN A 198.51.100.19
"""
OLD = Row(name="old.falcot.com.", type="A", data="198.51.100.19")
GONE = Row(name="gone.falcot.com.", type="A", data="198.51.100.19")


def applied(root: Path) -> FakeHost:
    host = fresh(root)
    apply.apply(host)
    return host


def test_exactly_what_differs_is_sent(tmp_path: Path) -> None:
    host = applied(tmp_path)
    site, _ = apply.read_site(host)
    memory.save(host, "falcot.com.", {OLD, GONE})
    with serving(Zones({"falcot.com": BARE})) as port:
        (change,) = update.plan(host, site, Server(name="", address=ADDRESS, port=port))
    assert change.zone == "falcot.com."
    # What is gone already needs no deletion, and what is there no addition, unless its TTL differs.
    assert change.delete == (OLD,)
    added = {row.name: ttl for row, ttl in change.add if row.type == "A"}
    assert "server1.falcot.com." not in added and added["conference.falcot.com."] == 3600
    assert change.lines[0] == "update delete old.falcot.com. A 198.51.100.19"
    turn = "update add _turn._udp.falcot.com. 3600 SRV 0 1 3478 turn-server.falcot.com."
    assert turn in change.lines
    assert change.wanted == records.rows(records.wanted(host, site))


def test_a_domain_below_another_is_part_of_its_zone(tmp_path: Path) -> None:
    host = applied(tmp_path)
    put(tmp_path, "/etc/falcot-rtc/settings.toml", host.text("/etc/falcot-rtc/settings.toml")
        + '[[domain]]\nname = "sales.falcot.com"\n')  # fmt: skip
    site, _ = apply.read_site(host)
    with serving(Zones({"falcot.com": BARE})) as port:
        (change,) = update.plan(host, site, Server(name="", address=ADDRESS, port=port))
    assert {row.name for row, _ in change.add} >= {
        "_sips._tcp.falcot.com.", "_sips._tcp.sales.falcot.com.",
    }  # fmt: skip


def test_a_server_without_the_zone_is_named(tmp_path: Path) -> None:
    host = applied(tmp_path)
    site, _ = apply.read_site(host)
    with serving(Zones({"example.net": BARE})) as port:
        with pytest.raises(
            FalcotError, match=r"127\.0\.0\.1 has no zone for falcot\.com"
        ) as caught:
            update.plan(host, site, Server(name="", address=ADDRESS, port=port))
    assert "--server" in caught.value.hint


def test_what_is_sent_is_remembered_first(tmp_path: Path) -> None:
    host = applied(tmp_path)
    memory.save(host, "falcot.com.", {OLD})
    change = update.Change(
        zone="falcot.com.",
        server=Server(name="", address=ADDRESS, port=1),
        add=((GONE, 60),),
        delete=(OLD,),
        wanted=frozenset({GONE}),
    )
    with pytest.raises(FalcotError, match=r"zone falcot\.com: "):
        update.send(host, change, None)
    assert memory.load(host) == {"falcot.com.": {OLD, GONE}}
