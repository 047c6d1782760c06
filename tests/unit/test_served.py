# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import apply, certificates, served, sources
from falcot_rtc.errors import FalcotError
from falcot_rtc.policy import Site
from tests.unit.fake_host import FakeHost, again, fresh

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    apply.apply(made, report=lambda _: None)
    return again(made)


def site(host: FakeHost) -> Site:
    return apply.read_site(host)[0]


def fingerprint(host: FakeHost) -> str:
    return certificates.fingerprint(host.read(sources.SITE_CHAIN) or b"")


def test_ports_with_tls(host: FakeHost) -> None:
    found = {(e.purpose, e.port) for e in served.with_tls(site(host).endpoints)}
    assert found == {
        ("turn-tls", 5349),
        ("sip-tls", 5061),
        ("sip-wss", 8443),
        ("xmpp-client", 5222),
        ("xmpp-client-tls", 5223),
        ("xmpp-server", 5269),
        ("xmpp-server-tls", 5270),
        ("xmpp-https", 5281),
        ("web-https", 443),
    }


def test_every_port_is_asked(host: FakeHost) -> None:
    endpoints = served.with_tls(site(host).endpoints)
    seen = served.look(host, site(host), endpoints)
    assert [s.endpoint for s in seen] == endpoints
    assert {s.fingerprint for s in seen} == {fingerprint(host)}
    assert served.await_everywhere(host, site(host), fingerprint(host)) == len(endpoints) > 15


def test_who_serves_another_is_named(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "DEADLINE", 0.0)
    kamailio = host.system.units["kamailio.service"]
    now = certificates.bundle.begins(certificates.leaf(kamailio.certificate))
    ca = certificates.new_ca("other", now)
    kamailio.certificate = certificates.issue(ca, ("falcot.com",), 9, now).chain
    with pytest.raises(FalcotError, match=r"kamailio has not taken up .* shows .*4 of "):
        served.await_everywhere(host, site(host), fingerprint(host))


def test_a_service_that_is_stopped_is_not_waited_for(host: FakeHost) -> None:
    every = served.await_everywhere(host, site(host), fingerprint(host))
    host.system.units["kamailio.service"].active = False
    assert served.await_everywhere(host, site(host), fingerprint(host)) == every - 4
    seen = served.look(host, site(host), site(host).purpose("sip-tls"))
    assert {s.error for s in seen} == {
        "198.51.100.19 port 5061: connection refused",
        "2001:db8:1000:2000::19 port 5061: connection refused",
    }
    assert {s.fingerprint for s in seen} == {""}
