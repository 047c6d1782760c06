# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP on port 443: one socket has TLS and WebSocket."""

import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.policies import sip_ports
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site
from tests.unit.test_port443 import four, six

ONLY_SIP = 'port443.enabled = true\nport443.roles = ["sip"]\n'
ON = ONLY_SIP + four("sip")
CFG = "sip/kamailio.cfg"


def rows(text: str) -> list[tuple[str, str, int]]:
    return [(one.kind, one.host, one.port) for one in sip_ports.listeners(site(text))]


def test_one_socket_has_both() -> None:
    assert rows(ON + FALCOT) == [
        ("tls", "198.51.100.19", 5061),
        ("tls", "[2001:db8:1000:2000::19]", 5061),
        ("tls", "198.51.100.22", 5061),
        ("wss", "198.51.100.19", 8443),
        ("wss", "[2001:db8:1000:2000::19]", 8443),
        ("wss", "198.51.100.22", 8443),
        ("any", "198.51.100.22", 443),
    ]
    assert 'listen=tls:198.51.100.22:443 name "any7"\n' in content(CFG, site(ON + FALCOT))


def test_alone_it_is_the_only_one_but_for_the_own_network() -> None:
    text = "port443.ordinary-ports = false\nsip.internal-tcp = true\n" + ON + FALCOT
    assert rows(text) == [("tcp", "198.51.100.19", 5060), ("any", "198.51.100.22", 443)]
    assert 'record_route_preset("sip-proxy.falcot.com:443;transport=tls")' in content(
        CFG, site(text)
    )


def test_the_main_address_is_free_where_the_web_has_another() -> None:
    own = ON.replace("198.51.100.22", "198.51.100.19").replace('["sip"]', '["sip", "web"]')
    with pytest.raises(UsageError, match=r"sip-tls-ipv4-443 and web-https-ipv4 both claim tcp"):
        site(own + FALCOT)
    assert rows(own + four("web") + FALCOT)[-1] == ("any", "198.51.100.19", 443)
    assert len(rows(own + four("web") + FALCOT)) == 5


def test_records_lead_there_in_the_families_that_it_has() -> None:
    found = records(site(ON + FALCOT))
    assert {r for r in found if r[0].startswith(("sip-proxy", "_sips"))} == {
        ("sip-proxy.falcot.com.", "A", "198.51.100.22"),
        ("_sips._tcp.falcot.com.", "SRV", "0 1 443 sip-proxy.falcot.com."),
        ("_sips._tcp.falcot.com.", "SRV", "1 1 5061 sip-proxy.falcot.com."),
    }
    both = records(site(ON + six("sip") + FALCOT))
    assert ("sip-proxy.falcot.com.", "AAAA", "2001:db8:1000:2000::22") in both
    assert ("sip-proxy.falcot.com.", "AAAA", "2001:db8:1000:2000::19") not in both
