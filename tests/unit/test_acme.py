# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc import acme, paths
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put
from tests.unit.test_derive import site
from tests.unit.test_material import DAY, NOW
from tests.unit.test_sources import NAMES, issued

SERVER = "https://ca.example.org/directory"
TEXT = f'certificate = {{ source = "acme", acme-server = "{SERVER}" }}\n{FALCOT}'


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def due(host: FakeHost, of: Site | None = None, now: datetime.datetime = NOW) -> str:
    return acme.why_due(host, of or site(TEXT), now)


def test_when_it_is_time(host: FakeHost) -> None:
    assert "no certificate yet" in due(host)
    issued(host, *NAMES)
    assert due(host) == due(host, now=NOW + 59 * DAY) == ""
    assert "a third" in due(host, now=NOW + 61 * DAY)
    assert "names" in due(host, site(TEXT + '[[domain]]\nname = "example.net"\n'))
    put(host.root, acme.LAST, '{"when": 1, "server": "https://other.example/", "error": ""}')
    assert "another CA" in due(host)


def test_certbot_is_called_with_places_of_our_own() -> None:
    argv = acme.command(site(TEXT))
    assert argv[:2] == ("/usr/bin/certbot", "certonly")
    pairs = set(itertools.pairwise(argv))
    assert {
        ("--server", SERVER),
        ("--config-dir", "/var/lib/falcot-rtc/acme/config"),
        ("--webroot-path", "/var/lib/falcot-rtc/acme/webroot"),
        ("--deploy-hook", "/usr/bin/falcot-rtc cert renew --deploy"),
    } <= pairs
    assert {b for a, b in pairs if a == "--domain"} == set(tls.names(site(TEXT).settings))
    assert "--register-unsafely-without-email" in argv
    of = site(TEXT)
    given = replace(of.settings.certificate, acme_email="me@falcot.com")
    of = replace(of, settings=replace(of.settings, certificate=given))
    argv = acme.command(of)
    assert ("--email", "me@falcot.com") in set(itertools.pairwise(argv))
    assert "--register-unsafely-without-email" not in argv


def test_without_certbot(host: FakeHost) -> None:
    with pytest.raises(UsageError, match="certbot is not installed") as caught:
        acme.request(host, site(TEXT), NOW)
    assert caught.value.hint == "apt install certbot"
    assert acme.last(host) is None


class Certbot(FakeHost):
    """A host whose certbot fails as it does, or not."""

    code = 1

    def _answer(self, argv: tuple[str, ...]) -> tuple[int, str]:
        if argv[0] == acme.CERTBOT:
            return self.code, "Some challenges have failed."
        return super()._answer(argv)


def test_what_the_ca_refused_is_kept(tmp_path: Path) -> None:
    fresh(tmp_path)
    host = Certbot(tmp_path)
    put(tmp_path, acme.CERTBOT, "")
    with pytest.raises(FalcotError, match=f"{SERVER} issued none: Some challenges have failed"):
        acme.request(host, site(TEXT), NOW)
    log = "x\n  Detail: no A record for falcot.com\n  Detail: no A record for falcot.com\n"
    put(tmp_path, f"{paths.ACME}/logs/letsencrypt.log", log)
    with pytest.raises(FalcotError, match=r"issued none: no A record for falcot\.com"):
        acme.request(host, site(TEXT), NOW)
    found = acme.last(host)
    assert found is not None
    assert (found.server, found.error) == (SERVER, "no A record for falcot.com")
    assert host.at(f"{paths.ACME}/config").stat().st_mode & 0o777 == 0o700
    host.code = 0
    acme.request(host, site(TEXT), NOW)
    assert acme.last(host) == acme.Attempt(when=int(NOW.timestamp()), server=SERVER, error="")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"when": "x"}'])
def test_a_damaged_memory_is_none(host: FakeHost, text: str) -> None:
    put(host.root, acme.LAST, text)
    assert acme.last(host) is None


def test_old_phones_ask_for_an_rsa_key(host: FakeHost) -> None:
    old = site(TEXT, tls="old-phones = true")
    pairs = set(itertools.pairwise(acme.command(old)))
    assert ("--key-type", "rsa") in pairs
    assert ("--key-type", "ecdsa") in set(itertools.pairwise(acme.command(site(TEXT))))
    issued(host, *NAMES)
    assert due(host) == ""
    assert "another kind" in due(host, old)


BY_DNS = TEXT.replace('"acme",', '"acme", acme-challenge = "dns-01",')


def test_the_challenge_by_dns(tmp_path: Path) -> None:
    tuned = 'update-key = "/etc/falcot-rtc/update.key"'
    argv = acme.command(site(BY_DNS, dns=tuned))
    pairs = set(itertools.pairwise(argv))
    assert "--manual" in argv and "--webroot" not in argv
    assert ("--preferred-challenges", "dns") in pairs
    fresh(tmp_path)
    host = Certbot(tmp_path)
    put(tmp_path, acme.CERTBOT, "")
    with pytest.raises(UsageError, match="needs a key for dynamic updates"):
        acme.request(host, site(BY_DNS), NOW)
    log = " dns challenge: no such key\n  Detail: NXDOMAIN looking up TXT\n"
    put(tmp_path, f"{paths.ACME}/logs/letsencrypt.log", log)
    with pytest.raises(FalcotError, match=r"issued none: dns challenge: no such key") as caught:
        acme.request(host, site(BY_DNS, dns=tuned), NOW)
    assert "dns update" in caught.value.hint
    assert not host.exists(paths.ACME_WEBROOT)
