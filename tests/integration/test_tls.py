# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each port offers, judged by testssl.sh; and what old phones get when they are let in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import assert_fine
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

ADDRESS = HOST_IPV4[0]
# By hand: every port that speaks TLS, and how it begins.
PORTS = {
    443: (), 5061: (), 8443: (), 5349: (), 5223: (), 5270: (), 5281: (),
    5222: ("--starttls", "xmpp", "--xmpphost", DOMAIN),
    5269: ("--starttls", "xmpp-server", "--xmpphost", DOMAIN),
}  # fmt: skip
NAMES = {5061: f"sip-proxy.{DOMAIN}", 8443: f"sip-proxy.{DOMAIN}", 5349: f"turn-server.{DOMAIN}"}
# Protocols, ciphers by strength, forward secrecy, vulnerabilities.
SECTIONS = ("--protocols", "--std", "--fs", "--vulnerable")
BY_LAYER = {"SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3"}
FINE = {"OK", "INFO", "LOW", "DEBUG"}
# About the client's own OpenSSL: it can't do GOST.
NOT_OF_THE_HOST = {"engine_problem"}


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("tls", release, installed, archive) as host:
        yield host


def judged(host: Host, port: int, *sections: str) -> dict[str, tuple[str, str]]:
    """Severity and finding by testssl's name of it."""
    options = ("--quiet", "--color", "0", "--warnings", "batch", "--nodns", "min", "--ip", ADDRESS)
    file = f"/tmp/testssl-{port}.json"
    place = outside.root(host) / file.strip("/")
    place.unlink(missing_ok=True)
    argv = ("testssl", *options, *sections, "--jsonfile", file, *PORTS[port])
    done = outside.run(host, *argv, f"{NAMES.get(port, DOMAIN)}:{port}", timeout=600)
    assert place.exists(), done.stdout + done.stderr
    return {row["id"]: (row["severity"], row["finding"]) for row in json.loads(place.read_text())}


# Four minutes: about 50 s a port.
@pytest.mark.slow
def test_testssl_finds_nothing_worse_than_low(host: Host) -> None:
    with ThreadPoolExecutor(max_workers=2) as two:
        found = dict(two.map(lambda port: (port, judged(host, port, *SECTIONS)), PORTS))
    for port, rows in found.items():
        assert {*BY_LAYER, "cipherlist_NULL", "FS", "heartbleed", "ROBOT"} <= rows.keys(), port
    worse = {
        (port, name): row
        for port, rows in found.items()
        for name, row in rows.items()
        if row[0] not in FINE and name not in NOT_OF_THE_HOST
    }
    assert worse == {}


def offers(host: Host, port: int, *how: str) -> bool:
    """Whether a client that knows nothing else gets in."""
    starttls = ("-starttls", "xmpp", "-xmpphost", DOMAIN) if port == 5222 else ()
    name = ("-servername", NAMES.get(port, DOMAIN))
    command = ("openssl", "s_client", "-connect", f"{ADDRESS}:{port}", *name, *starttls, *how)
    said = outside.run(host, *command, input="").stdout
    return "Cipher is " in said and "Cipher is (NONE)" not in said


CBC = ("-tls1_2", "-cipher", "ECDHE+AES+SHA:@SECLEVEL=2")
BY_RSA = ("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=2")
BEFORE = ("-tls1", "-cipher", "ALL:@SECLEVEL=0")


def test_old_phones_are_let_in_on_request(host: Host) -> None:
    phones, others = (5061, 8443, 5349), (443, 5223)
    for port in (*phones, *others):
        assert offers(host, port, "-tls1_2")
        assert not offers(host, port, *BY_RSA)
    host.push("/etc/falcot-rtc/policy.d/tls.toml", "old-phones = true\n")
    host.run(["falcot-rtc", "apply"])
    for port in phones:
        assert offers(host, port, *CBC) and offers(host, port, *BY_RSA), port
        # coturn 4.6.1 has no TLS 1.3.
        assert offers(host, port, "-tls1_3") is (port != 5349)
    for port in (*phones, *others):
        assert not offers(host, port, *BEFORE), port
    assert not offers(host, 443, *CBC) and not offers(host, 443, *BY_RSA)
    host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
    assert_fine(host)
    # The judge of the test above sees the difference.
    assert judged(host, 5061, "--std")["cipherlist_OBSOLETED"][0] not in {"OK", "INFO"}
    host.push("/etc/falcot-rtc/policy.d/tls.toml", "")
    host.run(["falcot-rtc", "apply"])
    for port in phones:
        assert not offers(host, port, *CBC) and not offers(host, port, *BY_RSA), port
