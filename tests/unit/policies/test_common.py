# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import settings
from falcot_rtc.policies import common
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site

NAT = FALCOT.replace('bind = "198.51.100.19"', 'bind = "10.0.0.19"\npublic = "198.51.100.19"')


def test_one_listener_on_each_address_of_the_families() -> None:
    chosen = settings.parse(NAT)
    rows = common.listen(
        chosen, role="x", purpose="x-tls", port=1, daemon="d", families=common.EVERY, label="x"
    )
    assert [(e.id, e.address, e.public, e.name) for e in rows] == [
        ("x-tls-ipv4", "10.0.0.19", "198.51.100.19", "x.falcot.com"),
        ("x-tls-ipv4-alternate", "198.51.100.20", "198.51.100.20", "x.falcot.com"),
        ("x-tls-ipv6", "2001:db8:1000:2000::19", "2001:db8:1000:2000::19", "x.falcot.com"),
    ]
    main = common.listen(chosen, role="x", purpose="x", port=1, daemon="d")
    assert [(e.family, e.name) for e in main] == [("ipv4", "falcot.com"), ("ipv6", "falcot.com")]


def test_records_have_the_public_address() -> None:
    rows = common.host_records(site(NAT), "x.falcot.com")
    assert [(r.name, r.type, r.data) for r in rows] == [
        ("x.falcot.com.", "A", "198.51.100.19"),
        ("x.falcot.com.", "AAAA", "2001:db8:1000:2000::19"),
    ]


def test_srv_records_stand_in_every_domain_and_point_to_one_server() -> None:
    text = FALCOT + '[[domain]]\nname = "example.net"\n'
    two = site(text, dns="sip-priority = 1\nsip-weight = 2")
    rows = common.srv(two, "_x._tcp", two.purpose("sip-tls"))
    assert [(r.name, r.data) for r in rows] == [
        ("_x._tcp.falcot.com.", "1 2 5061 sip-proxy.falcot.com."),
        ("_x._tcp.example.net.", "1 2 5061 sip-proxy.falcot.com."),
    ]
    assert common.srv(two, "_x._tcp", ()) == ()


@pytest.mark.parametrize(
    ("unit", "files"),
    [
        ("coturn", ("etc/falcot-rtc/current/turn/turnserver.conf", "coturn/key.pem")),
        ("kamailio", ("etc/falcot-rtc/current/sip/kamailio.cfg", "kamailio/key.pem")),
        ("prosody", ("etc/falcot-rtc/current/xmpp/falcot-rtc.cfg.lua", "prosody/falcot.com.key")),
        ("apache2@falcot-rtc", ("etc/falcot-rtc/current/web/apache2.conf",)),
    ],
)
def test_a_drop_in_fails_closed(unit: str, files: tuple[str, ...]) -> None:
    text = content(f"/etc/systemd/system/{unit}.service.d/50-falcot-rtc.conf")
    for file in files:
        # No '-' in front of it: a test that fails keeps the service from starting.
        path = f"/{file}" if file.startswith("etc") else f"/var/lib/falcot-rtc/tls/{file}"
        assert f"ExecStartPre=/usr/bin/head --bytes=0 {path}\n" in text
