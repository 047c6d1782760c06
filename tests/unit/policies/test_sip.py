# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import pytest

from falcot_rtc.policies import sip
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site

CFG = "sip/kamailio.cfg"


def listeners(text: str = FALCOT) -> list[str]:
    rows = content(CFG, site(text)).splitlines()
    return [row.split()[0] for row in rows if row.startswith("listen=")]


def test_only_tls_listens_unless_tcp_is_asked_for() -> None:
    tls = [
        "listen=tls:198.51.100.19:5061",
        "listen=tls:[2001:db8:1000:2000::19]:5061",
        "listen=tls:198.51.100.19:8443",
        "listen=tls:[2001:db8:1000:2000::19]:8443",
    ]
    assert listeners() == tls
    assert listeners("sip.internal-tcp = true\n" + FALCOT) == [
        *tls, "listen=tcp:198.51.100.19:5060",
    ]  # fmt: skip


def test_the_internal_listener_is_not_public() -> None:
    (endpoint,) = site("sip.internal-tcp = true\n" + FALCOT).purpose("sip-tcp")
    assert (endpoint.reach, endpoint.port, endpoint.family) == ("internal", 5060, "ipv4")


def test_the_tls_module_comes_first() -> None:
    rows = content(CFG).splitlines()
    modules = [row for row in rows if row.startswith("loadmodule")]
    assert '"tls.so"' in modules[0]
    # A WebSocket's upgrade has no Content-Length.
    assert "tcp_accept_no_cl=yes" in rows


def test_behind_nat_the_public_address_is_advertised() -> None:
    text = FALCOT.replace('"198.51.100.19"', '"10.0.0.19"\npublic = "198.51.100.19"', 1)
    cfg = content(CFG, site(text))
    assert "listen=tls:10.0.0.19:5061 advertise 198.51.100.19:5061" in cfg
    assert "advertise" not in content(CFG)


@pytest.mark.parametrize("text", [FALCOT, FALCOT + '[[domain]]\nname = "example.net"\n'])
def test_other_domains_come_back_by_a_name_that_the_certificate_has(text: str) -> None:
    cfg = content(CFG, site(text))
    assert 'record_route_preset("sip-proxy.falcot.com:5061;transport=tls")' in cfg
    assert 'alias="sip-proxy.falcot.com"' in cfg


def test_every_domain_is_ours() -> None:
    cfg = content(CFG, site(FALCOT + '[[domain]]\nname = "example.net"\n'))
    assert 'falcot.domains = "falcot.com,example.net"' in cfg


def test_federation_can_be_switched_off() -> None:
    assert content(CFG, site(sip="federation = false")) != content(CFG)


def test_overlays_come_last() -> None:
    found = replace(
        site(), overlays={"kamailio": {"a.cfg": "debug=3", "b.cfg": "log_stderror=yes"}}
    )
    rows = content(CFG, found).rstrip().splitlines()
    assert "# /etc/falcot-rtc/local.d/kamailio/a.cfg" in rows
    assert rows.index("debug=3") < rows.index("log_stderror=yes") >= len(rows) - 2


def test_client_certificates_are_not_asked_for() -> None:
    server, client = content("sip/tls.cfg").split("[client:default]")
    assert "require_certificate = no" in server
    assert "require_certificate = yes" in client
    assert "verify_certificate = yes" in client


def test_records() -> None:
    """RFC 3263 §4.1: the TLS service and its NAPTR, and nothing for UDP or TCP."""
    mine = {r for r in records() if "sip" in r[0] + r[2].lower()}
    assert mine == {
        ("sip-proxy.falcot.com.", "A", "198.51.100.19"),
        ("sip-proxy.falcot.com.", "AAAA", "2001:db8:1000:2000::19"),
        ("_sips._tcp.falcot.com.", "SRV", "0 1 5061 sip-proxy.falcot.com."),
        ("falcot.com.", "NAPTR", '10 0 "s" "SIPS+D2T" "" _sips._tcp.falcot.com.'),
    }


def test_the_unit_that_is_held() -> None:
    assert sip.KAMAILIO.held == ("kamailio.service",)
