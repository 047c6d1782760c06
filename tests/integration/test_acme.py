# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACME against pebble, Debian's package of the test CA: not ready, issued, renewed; live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.baresip import phone
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import assert_fine, check, invocations, until
from tests.integration.pebble import SERVER, issuing, started
from tests.integration.people import people
from tests.integration.test_bulk import chatting
from tests.integration.test_certificates import fingerprints, quiet, status
from tests.integration.test_credentials import echo
from tests.integration.test_sessions import echoes, turn
from tests.integration.test_sip_clients import HIGH, LOW, PACKETS, await_sound, registered
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6

ZONE = f"""\
$ORIGIN acme.example.
$TTL 60
@ SOA ns hostmaster 1 60 60 3600 60
@ NS ns
ns A {CLIENT_IPV4[0]}
ca A {CLIENT_IPV4[0]}
ca AAAA {CLIENT_IPV6[0]}
"""


def zones(host: Host) -> dict[str, str]:
    shown: str = host.run(["falcot-rtc", "dns", "show"]).stdout
    return {DOMAIN: shown, "acme.example": ZONE}


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("acme", release, installed, archive, extra_packages=("certbot",)) as host:
        quiet(host)
        # The DNS is not ready: nobody knows the site's names yet.
        host.serve({"acme.example": ZONE})
        with issuing(host, CLIENT_IPV4[0]):
            yield host


def test_the_own_ca_stands_in_until_certbot_is_there(host: Host) -> None:
    (own,) = fingerprints(host)
    for key, value in {
        "certificate.acme-server": SERVER,
        "certificate.acme-email": f"hostmaster@{DOMAIN}",
        "certificate.source": "acme",
    }.items():
        host.run(["falcot-rtc", "config", "set", key, value])
    host.run(["falcot-rtc", "apply"])
    done = host.run(["falcot-rtc", "cert", "renew"], check=False)
    assert done.returncode == 2
    assert "apt install certbot" in done.stderr
    assert fingerprints(host) == {own}


def test_the_own_ca_stands_in_until_the_dns_is_ready(host: Host) -> None:
    (own,) = fingerprints(host)
    host.install("certbot")
    done = host.run(["falcot-rtc", "cert", "renew", "--due"], check=False)
    assert done.returncode == 1
    assert f"{SERVER} issued none" in done.stderr
    assert fingerprints(host) == {own}
    assert SERVER in status(host)["waiting"]
    code, results = check(host)
    assert results["host.certificate"]["status"] == "warn"
    assert code == 0


def test_it_is_issued_and_renewed_while_people_talk(host: Host) -> None:
    """By the unit that the timer starts; call, chat and relay go on, as do the processes."""
    host.serve(zones(host))
    (own,), running = fingerprints(host), invocations(host)
    with ExitStack() as going, people(host, *"abcde") as (alice, bob, carol, dave, eve):
        chat = going.enter_context(chatting(host, carol, dave))
        callee = going.enter_context(
            phone(host, bob, port=5566, hertz=HIGH, more=";answermode=auto")
        )
        caller = going.enter_context(phone(host, alice, port=5565, hertz=LOW))
        for one in (callee, caller):
            one.program.line(registered)
        caller.command(f"/dial sip:{bob.address}")
        for one in (caller, callee):
            one.program.line(lambda line: "Call established" in line)
        going.enter_context(echo(host))
        relay = going.enter_context(turn(host, eve.name, eve.password))
        assert relay.ask("allocate") is True

        def undisturbed() -> None:
            assert echoes(relay)
            assert await_sound(caller, HIGH) > 0.9
            assert await_sound(callee, LOW) > 0.9

        undisturbed()
        assert until(lambda: started(host), lambda code: code == 0) == 0
        (issued,) = fingerprints(host)
        assert issued != own
        undisturbed()
        again = lambda: host.run(["falcot-rtc", "cert", "renew"], check=False).returncode  # noqa: E731
        assert until(again, lambda code: code == 0) == 0
        (renewed,) = fingerprints(host)
        assert renewed not in (own, issued)
        undisturbed()
        caller.command("/hangup")
        for one in (caller, callee):
            found = PACKETS.match(one.program.line(lambda line: bool(PACKETS.match(line))))
            assert found and int(found[1]) > 25 and int(found[2]) > 25
        told = json.loads(chat.end()[-1])
    assert told["messages"] > 20 and told["lost"] == 0
    assert invocations(host) == running
    state = status(host)
    assert "Pebble" in state["issuer"] and not state["own_ca"] and not state["waiting"]
    assert {row["served"] for row in state["listeners"]} == {renewed}
    # Its TLSA records follow the key.
    host.serve(zones(host))
    assert_fine(host)


def test_nothing_is_asked_before_it_is_time(host: Host) -> None:
    if status(host)["own_ca"]:  # as when the test before this one stopped early
        assert until(lambda: started(host), lambda code: code == 0) == 0
    before = host.read("/var/lib/falcot-rtc/acme/last.json")
    host.run(["systemctl", "start", "falcot-rtc-certificate.service"])
    assert host.read("/var/lib/falcot-rtc/acme/last.json") == before
    # certbot's own places know nothing of it.
    assert host.run(["certbot", "certificates"]).stdout.count(DOMAIN) == 0


def test_certbot_by_hand_deploys_as_well(host: Host) -> None:
    """The hook is part of what certbot remembers."""
    (before,) = fingerprints(host)
    place = "/var/lib/falcot-rtc/acme"
    host.run([
        "certbot", "renew", "--force-renewal", "--no-random-sleep-on-renew", "--config-dir",
        f"{place}/config", "--work-dir", f"{place}/work", "--logs-dir", f"{place}/logs",
    ])  # fmt: skip
    found = until(lambda: fingerprints(host), lambda seen: before not in seen)
    assert len(found) == 1 and before not in found


def test_a_purge_leaves_nothing(host: Host) -> None:
    host.apt("purge", "falcot-rtc")
    left = host.run(
        ["find", "/etc", "/var/lib", "/var/cache", "/usr/lib/systemd", "-name", "*falcot-rtc*",
         "-not", "-path", "/var/lib/dpkg/*", "-not", "-path", "*/apt/*"]
    ).stdout.split()  # fmt: skip
    assert [path for path in left if "certificate" in path or "acme" in path] == []
    assert not host.exists("/var/lib/falcot-rtc")
    assert not host.exists("/etc/falcot-rtc")
