# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACME by the DNS: pebble asks BIND, which takes updates; and TLSA records around a renewal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import bind
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import assert_fine, invocations, listeners, until
from tests.integration.pebble import API, SERVER, issuing, started
from tests.integration.test_certificates import fingerprints, quiet, status
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4

KEY = "/etc/falcot-rtc/update.key"
SIP = f"_5061._tcp.sip-proxy.{DOMAIN}"
DROPIN = "/etc/systemd/system/kamailio.service.d/99-deaf.conf"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site without a web server, whose zone is at BIND and can be updated."""
    with (
        booted("acmedns", release, installed, archive, extra_packages=("certbot",)) as host,
        bind.primary(host) as key,
        issuing(host, bind.ADDRESS),
    ):
        quiet(host)
        host.push("/etc/resolv.conf", f"nameserver {bind.ADDRESS}\n")
        host.push("/etc/hosts", f"{host.read('/etc/hosts')}{CLIENT_IPV4[0]} {API}\n")
        host.push(KEY, key, mode=0o600)
        host.install("certbot")
        host.run([
            "falcot-rtc", "config", "set", "services", "turn, sip, xmpp", "certificate.acme-server",
            SERVER, "certificate.acme-challenge", "dns-01", "certificate.source", "acme",
        ])  # fmt: skip
        host.run(["falcot-rtc", "apply"])
        yield host


def tlsa(host: Host) -> set[str]:
    """The published pins of the SIP proxy, as we write them."""
    found = (line.lower().split() for line in bind.ask(host, SIP, "TLSA"))
    return {
        f"{usage} {selector} {kind} {''.join(digest)}" for usage, selector, kind, *digest in found
    }


def wanted(host: Host) -> set[str]:
    """Those of the certificate in service."""
    shown = host.run(["falcot-rtc", "dns", "show", "--format", "nsupdate"]).stdout.splitlines()
    start = f"update add {SIP}. "
    return {
        line.partition(" TLSA ")[2] for line in shown if line.startswith(start) and "TLSA" in line
    }


def test_without_a_key_it_says_what_is_missing(host: Host) -> None:
    (own,) = fingerprints(host)
    done = host.run(["falcot-rtc", "cert", "renew"], check=False)
    assert done.returncode == 2
    assert "update-key" in done.stderr
    assert fingerprints(host) == {own}


def test_a_key_that_is_not_accepted(host: Host) -> None:
    stranger = host.read(KEY).replace("falcot-rtc", "stranger")
    host.push("/etc/falcot-rtc/stranger.key", stranger, mode=0o600)
    tune(host, "/etc/falcot-rtc/stranger.key")
    done = host.run(["falcot-rtc", "cert", "renew"], check=False)
    assert done.returncode == 1
    assert "issued none: dns challenge: dns update: " in done.stderr
    assert "dns challenge" in status(host)["waiting"]


def tune(host: Host, key: str) -> None:
    text = f'update-key = "{key}"\nupdate-server = "{bind.ADDRESS}"\n'
    host.push("/etc/falcot-rtc/policy.d/dns.toml", text)


def test_it_is_issued_without_a_web_server(host: Host) -> None:
    tune(host, KEY)
    host.run(["falcot-rtc", "dns", "update"])
    # What the CA looks for may stand elsewhere.
    elsewhere = f"challenges.{DOMAIN}."
    bind.change(host, f"update add _acme-challenge.sip-proxy.{DOMAIN}. 60 CNAME {elsewhere}")
    (own,), running = fingerprints(host), invocations(host)
    assert until(lambda: started(host), lambda code: code == 0) == 0
    (issued,) = fingerprints(host)
    assert issued != own
    assert invocations(host) == running
    state = status(host)
    assert "Pebble" in state["issuer"] and not state["waiting"]
    # What the CA looked for is gone again.
    for name in state["names"]:
        assert bind.ask(host, f"_acme-challenge.{name}", "TXT") <= {elsewhere}
    assert bind.ask(host, elsewhere, "TXT") == set()
    # No web server: nothing listens on its ports.
    assert not {port for _, _, port in listeners(host)} & {80, 443}
    # The records followed by themselves.
    assert tlsa(host) == wanted(host)
    assert_fine(host)


def test_new_keys_are_published_before_they_are_served(host: Host) -> None:
    """A service that does not take the certificate up leaves old and new side by side."""
    before, (old,) = tlsa(host), fingerprints(host)
    host.push(DROPIN, "[Service]\nExecReload=\nExecReload=/bin/false\n")
    host.run(["systemctl", "daemon-reload"])
    done = host.run(["falcot-rtc", "cert", "renew"], check=False)
    assert done.returncode == 1 and "the one before is back" in done.stderr, done.stderr
    assert fingerprints(host) == {old}
    both = tlsa(host)
    assert both > before
    host.run(["rm", DROPIN])
    host.run(["systemctl", "daemon-reload"])
    host.run(["falcot-rtc", "cert", "renew", "--deploy"])
    assert old not in fingerprints(host)
    assert tlsa(host) == wanted(host)
    assert tlsa(host) < both
    assert_fine(host)
