# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply
from falcot_rtc.policies import dns as policy
from falcot_rtc.zone import check, records, servers
from tests.unit.fake_host import FakeHost, fresh, put
from tests.unit.zone.name_server import ADDRESS, Zones, serving

pytestmark = pytest.mark.usefixtures("network", "volatile")

OWN_SERVER = 'name-servers = ["ns.falcot.com"]\n'


def applied(root: Path) -> FakeHost:
    host = fresh(root)
    put(root, "/etc/falcot-rtc/policy.d/dns.toml", OWN_SERVER)
    put(root, servers.RESOLV_CONF, f"nameserver {ADDRESS}\n")
    apply.apply(host)
    return host


def verdict(host: FakeHost, text: str) -> check.Verdict:
    site, _ = apply.read_site(host)
    with serving(Zones({"falcot.com": text})) as port:
        return check.judge(host, site, "falcot.com", port=port)


def zone(host: FakeHost) -> str:
    site, _ = apply.read_site(host)
    text = policy.zone(site, records.wanted(host, site), "falcot.com")
    return text + "ns IN A 127.0.0.1\n"


def test_the_rendered_zone_is_right(tmp_path: Path) -> None:
    host = applied(tmp_path)
    found = verdict(host, zone(host))
    assert found.findings == ()
    assert (found.status, found.zone) == ("ok", "falcot.com")
    assert found.servers == ("ns.falcot.com (127.0.0.1)",)


def test_faults_of_a_zone(tmp_path: Path) -> None:
    host = applied(tmp_path)
    text = zone(host).replace("5061 sip-proxy", "5060 sip-proxy")
    text = text.replace("conference               IN A     198.51.100.19\n", "")
    found = verdict(host, text + "_sip._udp IN SRV 0 1 5060 sip-proxy.falcot.com.\n")
    assert [(f.status, f.action, f.record) for f in found.findings] == [
        ("fail", "delete", "_sip._udp.falcot.com. SRV 0 1 5060 sip-proxy.falcot.com."),
        ("fail", "change", "_sips._tcp.falcot.com. SRV 0 1 5060 sip-proxy.falcot.com."),
        ("fail", "add", "conference.falcot.com. A 198.51.100.19"),
    ]


def test_an_empty_zone_is_one_warning(tmp_path: Path) -> None:
    host = applied(tmp_path)
    soa = "$TTL 60\n@ IN SOA ns hostmaster 1 60 60 60 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
    found = verdict(host, soa)
    assert [f.status for f in found.findings] == ["warn"]
    assert "none of its" in found.findings[0].why


def test_a_host_without_a_resolver_is_one_warning(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    apply.apply(host)
    site, _ = apply.read_site(host)
    (finding,) = check.judge(host, site, "falcot.com").findings
    assert finding.status == "warn" and "names no name server" in finding.why


def test_a_name_server_without_an_address_is_named(tmp_path: Path) -> None:
    host = applied(tmp_path)
    found = verdict(host, zone(host) + "@ IN NS gone.falcot.com.\n")
    (finding,) = found.findings
    assert (finding.status, finding.record) == ("warn", "gone.falcot.com. NS")
