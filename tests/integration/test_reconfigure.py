# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""dpkg-reconfigure with other answers on a real host: every service really changes, and back."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc import certificates
from tests.integration.conftest import DOMAIN, PRESEED, booted
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    STOCK,
    active,
    assert_fine,
    declared,
    invocations,
    listeners,
    own_lines,
    units,
)
from tests.lab.host import Host

SPARE_IPV6 = "2001:db8:1000:2000::21"
ADMIN_DATA = "/var/lib/prosody/falcot%2ecom/accounts"
CHAIN, KEY = "/etc/ssl/certs/site.pem", "/etc/ssl/private/site.key"
TLS_PORTS = (443, 5061, 5223, 5270, 5281, 5349, 8443)


def reconfigure(host: Host, **answers: str) -> list[str]:
    """Answer anew by preseed; what falcot-rtc said."""
    kinds = dict(re.findall(r"(?m)^falcot-rtc falcot-rtc/(\S+) (\S+)", PRESEED))
    kinds |= {"port443": "boolean", "port443-roles": "multiselect"}
    rows = [
        f"falcot-rtc falcot-rtc/{name} {kinds.get(name, 'string')} {answers[name]}\n"
        for name in answers
    ]
    host.preseed("".join(rows))
    done = host.run(["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"])
    return own_lines(done.stdout + done.stderr)


def ports_of(host: Host, address: str) -> set[tuple[str, int]]:
    return {(protocol, port) for protocol, at, port in listeners(host) if at == address}


@pytest.fixture(scope="module")
def changed(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site that the tests of this section change and bring back."""
    with booted("changed", release, installed, archive) as host:
        yield host


def test_services_go_and_come_back(changed: Host) -> None:
    reconfigure(changed, services="turn, web")
    assert active(changed, (*DAEMONS, SOCKET)) == {
        "coturn.service",
        "apache2@falcot-rtc.service",
        SOCKET,
    }
    gone = units(changed, ["kamailio.service", "prosody.service"], "ActiveState", "UnitFileState")
    assert set(gone.values()) == {("inactive", "disabled")}
    assert not changed.exists("/etc/systemd/system/kamailio.service.d/50-falcot-rtc.conf")
    assert not changed.exists(f"/etc/prosody/conf.d/{DOMAIN}.cfg.lua")
    assert not changed.exists(f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua")
    assert not changed.exists("/etc/falcot-rtc/current/sip")
    assert {port for _, _, port in listeners(changed)} & {5061, 8443, 5222, 5269} == set()
    assert_fine(changed)

    reconfigure(changed, services="turn, sip, xmpp, web")
    assert active(changed, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
    assert set(units(changed, DAEMONS, "UnitFileState").values()) == {("enabled",)}
    assert changed.exists(f"/etc/prosody/conf.d/{DOMAIN}.cfg.lua")
    assert_fine(changed)


def test_services_that_were_dropped_stay_off_after_a_reboot(changed: Host) -> None:
    reconfigure(changed, services="turn, web")
    changed.reboot()
    assert active(changed, STOCK) == {"coturn.service"}
    assert_fine(changed)
    reconfigure(changed, services="turn, sip, xmpp, web")
    assert_fine(changed)


def test_another_address_moves_every_listener(changed: Host) -> None:
    (old,) = {row["address"] for row in declared(changed) if row["family"] == "ipv6"}
    before = ports_of(changed, old)
    assert len(before) > 10
    kept = invocations(changed)
    reconfigure(changed, ipv6=SPARE_IPV6)
    declared_ports = {(row["protocol"], row["port"]) for row in declared(changed)
                      if row["address"] == SPARE_IPV6 and row["last_port"] is None}  # fmt: skip
    assert declared_ports <= ports_of(changed, SPARE_IPV6)
    assert ports_of(changed, old) == set()
    assert SPARE_IPV6 in changed.run(["falcot-rtc", "dns", "show"]).stdout
    assert old not in changed.run(["falcot-rtc", "dns", "show"]).stdout
    assert all(invocations(changed)[unit] != kept[unit] for unit in DAEMONS)
    assert changed.run(
        ["grep", "--recursive", "--files-with-matches", "--fixed-strings", old,
         "/etc/falcot-rtc/current/", "/etc/systemd/system"], check=False,
    ).stdout == ""  # fmt: skip
    assert_fine(changed)

    reconfigure(changed, ipv6=old)
    assert ports_of(changed, SPARE_IPV6) == set()
    assert_fine(changed)


def test_another_administrator_has_an_account_and_the_role(changed: Host) -> None:
    reconfigure(changed, admin="rhertzog", **{"admin-password": "another horse, another battery"})
    settings = changed.read("/etc/falcot-rtc/settings.toml")
    assert 'admin = "rhertzog"' in settings
    prosody = changed.read(f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua")
    assert f"rhertzog@{DOMAIN}" in prosody
    assert f'"admin@{DOMAIN}"' not in prosody
    # The former administrator is still a person with an account.
    names = set(changed.run(["ls", ADMIN_DATA]).stdout.split())
    assert {"admin.dat", "rhertzog.dat"} <= names
    assert "another horse" not in changed.read("/var/cache/debconf/passwords.dat")
    assert_fine(changed)
    reconfigure(changed, admin="admin")
    assert_fine(changed)


def test_the_same_answers_change_nothing(changed: Host) -> None:
    before, link = invocations(changed), changed.run(["readlink", "/etc/falcot-rtc/current"])
    assert reconfigure(changed) == []
    assert invocations(changed) == before
    assert changed.run(["readlink", "/etc/falcot-rtc/current"]).stdout == link.stdout


def served(host: Host, port: int) -> str:
    """The fingerprint of the certificate that a port shows to a client."""
    address = next(row["address"] for row in declared(host) if row["port"] == port)
    connect = ("openssl", "s_client", "-connect", f"{address}:{port}", "-servername", DOMAIN)
    return certificates.fingerprint(host.client(connect, input="", check=False).stdout.encode())


def test_files_of_the_administrator_are_served_on_every_port(changed: Host) -> None:
    now = datetime.datetime.now(datetime.UTC)
    own = changed.read("/var/lib/falcot-rtc/tls/site/fullchain.pem").encode()
    ca = certificates.new_ca("another.example", now)
    pair = certificates.issue(ca, certificates.names_of(own), 90, now)
    partial = certificates.issue(ca, (DOMAIN,), 90, now)
    changed.push("/usr/local/share/ca-certificates/another.crt", ca.chain)
    changed.run(["update-ca-certificates"])
    answers = {"certificate": "existing", "certificate-path": CHAIN, "key-path": KEY}

    changed.push(CHAIN, partial.chain)
    changed.push(KEY, partial.key, mode=0o600)
    (refusal,) = [line for line in reconfigure(changed, **answers) if "certificate" in line]
    assert f"sip-proxy.{DOMAIN}" in refusal
    assert {served(changed, port) for port in TLS_PORTS} == {certificates.fingerprint(own)}

    changed.push(CHAIN, pair.chain)
    changed.push(KEY, pair.key, mode=0o600)
    reconfigure(changed, **answers)
    assert {served(changed, port) for port in TLS_PORTS} == {certificates.fingerprint(pair.chain)}
    assert_fine(changed)

    reconfigure(changed, certificate="own-ca")
    assert certificates.fingerprint(pair.chain) not in {served(changed, p) for p in TLS_PORTS}
    assert_fine(changed)
