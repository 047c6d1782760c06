# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import dns.zone

from falcot_rtc import derive
from falcot_rtc.policies import dns as policy
from falcot_rtc.resources import DnsRecord, TreeFile
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site

NESTED = FALCOT + '[[domain]]\nname = "sales.falcot.com"\n[[domain]]\nname = "example.net"\n'


def test_each_domain_has_its_own_zone_and_no_others_names() -> None:
    found = derive.desired(site(NESTED))
    zones = {file.path for file in found.of(TreeFile) if file.path.startswith("dns/")}
    assert zones == {f"dns/{d}.zone" for d in ("falcot.com", "sales.falcot.com", "example.net")}
    outer = policy.zone_records(found.site, found.records, "falcot.com")
    assert not [record for record in outer if "sales" in record.name]
    inner = policy.zone_records(found.site, found.records, "sales.falcot.com")
    assert {record.name for record in inner} >= {
        "sales.falcot.com.",
        "_sips._tcp.sales.falcot.com.",
        "conference.sales.falcot.com.",
    }


def test_no_record_stands_twice() -> None:
    found = derive.desired(site(NESTED))
    rows = policy.zone_records(found.site, found.records * 2, "falcot.com")
    assert len(rows) == len(set(rows))


def test_a_name_that_only_ends_alike_is_another() -> None:
    found = site()
    stranger = DnsRecord(name="notfalcot.com.", type="A", data="198.51.100.1")
    assert policy.zone_records(found, (stranger,), "falcot.com") == []


def test_another_implementation_reads_the_zone() -> None:
    for domain in ("falcot.com", "sales.falcot.com", "example.net"):
        text = content(f"dns/{domain}.zone", site(NESTED))
        zone = dns.zone.from_text(text, origin=domain, relativize=False)
        (turn,) = zone.find_rdataset(f"_turn._udp.{domain}.", "SRV")
        assert str(turn) == "0 1 3478 turn-server.falcot.com."
        assert len(zone.find_rdataset(f"{domain}.", "NAPTR")) == 4
        (soa,) = zone.find_rdataset(f"{domain}.", "SOA")
        assert str(soa.mname) == "server1.falcot.com."
