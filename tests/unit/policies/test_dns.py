# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json

import dns.zone
import pytest

from falcot_rtc import derive
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import dns as policy
from falcot_rtc.resources import DnsRecord, TreeFile
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
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


OTHER = FALCOT + '[[domain]]\nname = "Müller.example"\n'
CA_PIN = "2 1 1 " + "ab" * 32


def test_keys_are_named_where_clients_arrive() -> None:
    found = policy.tlsa(site(OTHER), (CA_PIN,))
    assert {(r.name, r.data) for r in found} == {
        (name, CA_PIN)
        for name in (
            "_5349._tcp.turn-server.falcot.com.",
            "_5061._tcp.sip-proxy.falcot.com.",
            "_8443._tcp.sip-proxy.falcot.com.",
            "_5222._tcp.xmpp-gw.falcot.com.",
            "_5223._tcp.xmpp-gw.falcot.com.",
            "_5269._tcp.xmpp-gw.falcot.com.",
            "_5270._tcp.xmpp-gw.falcot.com.",
            "_5281._tcp.upload.falcot.com.",
            "_5281._tcp.upload.xn--mller-kva.example.",
            "_443._tcp.falcot.com.",
            "_443._tcp.xn--mller-kva.example.",
        )
    }
    assert policy.tlsa(site(OTHER, dns="tlsa = false"), (CA_PIN,)) == ()


def test_only_the_named_authorities_may_issue() -> None:
    assert not [row for row in records() if row[1] == "CAA"]
    found = records(site(OTHER, dns='caa = ["letsencrypt.org"]'))
    assert {row for row in found if row[1] == "CAA"} == {
        ("falcot.com.", "CAA", '0 issue "letsencrypt.org"'),
        ("xn--mller-kva.example.", "CAA", '0 issue "letsencrypt.org"'),
    }


def test_tunables_reach_the_records() -> None:
    tuned = "ttl = 7200\naddress-ttl = 300\nturn-priority = 7\nturn-weight = 3\n"
    text = content("dns/falcot.com.zone", site(dns=tuned + 'name-servers = ["ns.example.net"]\n'))
    zone = dns.zone.from_text(text, origin="falcot.com", relativize=False)
    turn = zone.find_rdataset("_turns._tcp.falcot.com.", "SRV")
    assert (turn.ttl, str(turn[0])) == (7200, "7 3 5349 turn-server.falcot.com.")
    assert zone.find_rdataset("turn-server.falcot.com.", "A").ttl == 300
    assert str(zone.find_rdataset("falcot.com.", "NS")[0]) == "ns.example.net."


def test_what_does_not_listen_is_not_announced() -> None:
    found = records(site('services = ["xmpp"]\nsip.internal-tcp = true\n' + FALCOT))
    assert {row[1] for row in found} == {"A", "AAAA", "SRV"}
    assert {row[0].partition(".")[0] for row in found if row[1] == "SRV"} == {
        "_xmpp-client", "_xmpps-client", "_xmpp-server", "_xmpps-server",
    }  # fmt: skip
    internal = records(site("sip.internal-tcp = true\n" + FALCOT))
    assert not [row for row in internal if "5060" in row[2] or row[0].startswith("_sip.")]


@pytest.mark.parametrize("name", ["ns1", "", "a b.example", 'x"; .example'])
def test_a_name_server_is_a_full_name(name: str) -> None:
    with pytest.raises(UsageError, match="name-servers"):
        site(dns=f"name-servers = [{json.dumps(name)}]")


ACME = 'certificate = { source = "acme" }\n' + FALCOT
LETS_ENCRYPT = ("falcot.com.", "CAA", '0 issue "letsencrypt.org"')


@pytest.mark.parametrize(
    ("text", "tuned", "authorities"),
    [
        (ACME, "", {LETS_ENCRYPT}),
        (ACME, "caa-of-acme = false", set()),
        (ACME, 'caa = ["ca.example"]', {("falcot.com.", "CAA", '0 issue "ca.example"')}),
        (ACME.replace('"acme"', '"acme", acme-server = "https://ca.example.net/dir"'), "", set()),
        (FALCOT, "", set()),
    ],
)
def test_the_authority_that_is_asked_may_issue(
    text: str, tuned: str, authorities: set[tuple[str, str, str]]
) -> None:
    assert {row for row in records(site(text, dns=tuned)) if row[1] == "CAA"} == authorities
