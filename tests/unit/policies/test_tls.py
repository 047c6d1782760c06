# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import ciphers, derive, settings
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import tls
from falcot_rtc.resources import HostFile, Unit
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site

TWO = FALCOT + '[[domain]]\nname = "example.net"\n'


def test_the_bare_domains_come_first() -> None:
    assert tls.names(settings.parse(TWO)) == (
        "falcot.com",
        "example.net",
        "server1.falcot.com",
        "turn-server.falcot.com",
        "sip-proxy.falcot.com",
        "xmpp-gw.falcot.com",
        "conference.falcot.com",
        "upload.falcot.com",
        "conference.example.net",
        "upload.example.net",
    )


def test_every_name_that_clients_come_by_is_covered() -> None:
    for text in (FALCOT, TWO):
        found = site(text)
        names = tls.names(found.settings)
        for endpoint in found.endpoints:
            assert endpoint.name in names or endpoint.reach == "loopback", endpoint.id
        hosts = {r.name.rstrip(".") for r in derive.desired(found).records if r.type == "A"}
        assert hosts <= set(names)


def test_choices_are_the_settings_own() -> None:
    (source,) = (q for q in tls.QUESTIONS if q.choices)
    parse = settings.BY_PATH["certificate.source"].parse
    assert [parse(token) for token, _ in source.choices] == ["own-ca", "existing", "acme"]


@pytest.mark.parametrize("label", ["upload", "conference", "sip-proxy", "xmpp-gw", "server1"])
def test_a_domain_with_the_name_of_a_server_is_refused(label: str) -> None:
    twice = settings.parse(FALCOT + f'[[domain]]\nname = "{label}.falcot.com"\n')
    with pytest.raises(UsageError, match=rf"domain\.name: '{label}\.falcot\.com'"):
        tls.names(twice)


@pytest.mark.parametrize(
    ("source", "units"),
    [
        ("own-ca", ["falcot-rtc-certificate.timer"]),
        ("acme", ["falcot-rtc-certificate.timer"]),
        ("existing", ["falcot-rtc-certificate.timer", "falcot-rtc-certificate.path"]),
    ],
)
def test_what_renews(source: str, units: list[str]) -> None:
    given = f'certificate = {{ source = "{source}", path = "/a/chain", key = "/a/key" }}\n'
    found = tls.resources(site(given + FALCOT))
    assert [r.name for r in found if isinstance(r, Unit)] == units
    watched = [r.content for r in found if isinstance(r, HostFile)]
    for text in watched:
        assert "PathChanged=/a/chain\nPathChanged=/a/key\n" in text
    assert bool(watched) == (source == "existing")


def test_without_services_nothing_is_renewed() -> None:
    assert tls.resources(site("services = []\n" + FALCOT)) == ()


def test_old_phones_change_sip_and_turn_alone() -> None:
    modern, old = site(), site(FALCOT, tls="old-phones = true")
    for path in ("turn/turnserver.conf", "sip/tls.cfg"):
        assert "kRSA" not in content(path, modern)
        assert f"{ciphers.OLD}" in content(path, old)
    for path in ("web/apache2.conf", "xmpp/falcot-rtc.cfg.lua"):
        assert content(path, modern) == content(path, old)
