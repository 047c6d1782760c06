# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start page by curl and by a browser from the other end of the wire."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration import outside
from tests.lab.cache import REPOSITORY
from tests.lab.command import run
from tests.lab.host import Host

ADDRESSES = ("198.51.100.19", "2001:db8:1000:2000::19")
START = "https://falcot.com/"
TITLES = {"en": "Talk with falcot.com", "de": "Sprechen mit falcot.com"}
ARTEFACTS = REPOSITORY / "artefacts"


def curl(site: Host, *options: str) -> tuple[int, dict[str, str], str]:
    """Status, headers in lower case, body; redirects are not followed."""
    verified = ("curl", "--silent", "--show-error", "--include", "--cacert", outside.trust(site))
    said = outside.run(site, *verified, *options, check=True).stdout
    head, _, body = said.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.splitlines()
    headers = {key.lower(): text for key, _, text in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_start_page_is_verified_and_says_how_to_connect(
    site: Host, address: str, version: str
) -> None:
    place = f"[{address}]" if ":" in address else address
    status, headers, body = curl(site, version, "--resolve", f"falcot.com:443:{place}", START)
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    for told in (
        "your-name@falcot.com",
        "xmpp-gw.falcot.com",
        "5222",
        "sip-proxy.falcot.com:5061",
        "wss://sip-proxy.falcot.com:8443/ws",
        "turn-server.falcot.com:3478",
        "falcot-rtc-ca.crt",
    ):
        assert told in body, told


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.3", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_start_page_speaks_the_language_that_was_asked_for(
    site: Host, asked: str, language: str
) -> None:
    status, headers, body = curl(site, "-H", f"Accept-Language: {asked}", START)
    assert status == 200
    assert headers["content-language"] == language
    assert "accept-language" in headers["vary"]
    assert f"<title>{TITLES[language]}</title>" in body
    assert f'<html lang="{language}">' in body


def test_ca_that_is_offered_is_the_host_s(site: Host) -> None:
    status, headers, body = curl(site, f"{START}falcot-rtc-ca.crt")
    assert status == 200
    assert headers["content-type"].partition(";")[0] == "application/x-x509-ca-cert"
    assert body == site.read("/etc/falcot-rtc/ca/ca.crt")
    assert "PRIVATE KEY" not in body


def test_site_is_not_trusted_without_its_ca(site: Host) -> None:
    done = outside.run(site, "curl", "--silent", "--show-error", START)
    assert done.returncode == 60  # curl(1): peer certificate cannot be authenticated
    assert done.stdout == ""


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", ["falcot.com", "sip-proxy.falcot.com", "evil.example"])
def test_http_leads_to_https(site: Host, address: str, name: str) -> None:
    place = f"[{address}]" if ":" in address else address
    resolved = ("--resolve", f"{name}:80:{place}")
    status, headers, _ = curl(site, *resolved, f"http://{name}/page?a=b")
    assert status == 301
    assert headers["location"] == "https://falcot.com/page?a=b"


def test_answers_carry_the_headers_that_protect_readers(site: Host) -> None:
    for path in ("", "style.css", "not-there"):
        _, headers, _ = curl(site, f"{START}{path}")
        assert int(headers["strict-transport-security"].removeprefix("max-age=")) >= 15768000
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["server"] == "Apache"


@pytest.mark.parametrize(("version", "spoken"), [("1.0", 0), ("1.1", 0), ("1.2", 1), ("1.3", 1)])
def test_only_present_versions_of_tls_are_spoken(site: Host, version: str, spoken: int) -> None:
    # Level 0 lets this client offer the old versions at all.
    only = ("--tlsv" + version, "--tls-max", version, "--ciphers", "DEFAULT@SECLEVEL=0")
    trust = ("--cacert", outside.trust(site))
    done = outside.run(site, "curl", "--silent", "--show-error", *trust, *only, START)
    assert bool(spoken) == (done.returncode == 0), done.stderr
    assert spoken or "alert protocol version" in done.stderr, done.stderr


@pytest.mark.parametrize("path", ["/icons/", "/manual/", "/server-status", "/cgi-bin/", "/~root/"])
def test_there_is_nothing_else_of_apache(site: Host, path: str) -> None:
    status, _, body = curl(site, f"https://falcot.com{path}")
    assert status == 404
    assert "Index of" not in body


@pytest.mark.parametrize(
    "path", ["/../apache2.conf", "/%2e%2e/apache2.conf", "/..%2fapache2.conf", "/.%2e/envvars"]
)
def test_configuration_beside_the_pages_is_out_of_reach(site: Host, path: str) -> None:
    status, _, body = curl(site, "--path-as-is", f"https://falcot.com{path}")
    assert status in (400, 403, 404)
    assert "SSLEngine" not in body and "APACHE_RUN_USER" not in body


def test_other_names_show_the_same_page_and_no_other_site(site: Host) -> None:
    _, _, usual = curl(site, START)
    to = ("--connect-to", "::falcot.com:443", "--insecure")
    for name in ("sip-proxy.falcot.com", "evil.example", "198.51.100.19"):
        status, _, body = curl(site, *to, f"https://{name}/")
        assert (status, body) == (200, usual), name


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PATCH"])
def test_pages_are_only_read(site: Host, method: str) -> None:
    status, _, _ = curl(site, "--request", method, "--data", "x", f"{START}style.css")
    assert status == 405


@pytest.mark.parametrize("language", TITLES)
def test_browser_shows_the_page(site: Host, tmp_path: Path, language: str) -> None:
    """Chromium trusts the CA from its own store; pictures for people are in artefacts/."""
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    authority = tmp_path / "ca.crt"
    authority.write_text(site.read(outside.PUBLIC_CA), encoding="utf-8")
    database = ("-d", f"sql:{store}")
    run(["certutil", *database, "-N", "--empty-password"])
    run(["certutil", *database, "-A", "-t", "C,,", "-n", "falcot", "-i", authority])
    ARTEFACTS.mkdir(exist_ok=True)
    for name, size in (("wide", "1280,1400"), ("phone", "500,1800")):
        picture = ARTEFACTS / f"start-page-{language}-{name}.png"
        picture.unlink(missing_ok=True)
        done = site.client(
            [
                *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
                *(f"--accept-lang={language}", f"--screenshot={picture}", f"--window-size={size}"),
                *(f"--user-data-dir={tmp_path / 'profile'}", START),
            ],
            env={"HOME": os.fspath(tmp_path), "XDG_RUNTIME_DIR": os.fspath(tmp_path)},
            timeout=120,
        )
        assert f"<title>{TITLES[language]}</title>" in done.stdout, done.stderr
        assert picture.read_bytes().startswith(b"\x89PNG")
