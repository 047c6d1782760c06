# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the SIP proxy lets people of other domains do, or programs that only say so; hand-made."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN
from tests.integration.people import Person, people
from tests.integration.test_phone_desk import Guest, guest, phone
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

EVE = "eve@elsewhere.example"
TLS = f"tls://sip-proxy.{DOMAIN}:5061"
WSS = f"wss://sip-proxy.{DOMAIN}:8443/ws"
REGISTERED = ("kamcmd", "-s", "unix:/run/kamailio/kamailio_ctl", "ul.lookup", "location")


@pytest.fixture(scope="module")
def two(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "alice", "bob") as made:
        yield made


def stranger(site: Host, uri: str) -> Any:
    """A connection on which nobody proves to be anybody."""
    nobody = {"username": "", "password": "", "servers": [uri]}
    return guest(site, {"address": EVE, "sip": nobody}, uri, origin=f"https://{DOMAIN}")


def alias(site: Host, who: Person) -> str:
    """A request URI that names the connection of a phone over WebSocket, as its calls tell it."""
    shown = site.run([*REGISTERED, who.address]).stdout
    found = re.search(r"Received: sip:(\S+):(\d+);", shown)
    assert found, shown
    return f"sip:{who.name}@a.invalid;alias={found[1]}~{found[2]}~6"


def within_nothing(caller: Guest, method: str, uri: str, who: Person) -> Any:
    """A request of a dialog that never was."""
    ours = f"<sip:{HOST_IPV4[0]}:5061;transport=tls;lr>"
    to = f"<sip:{who.address}>;tag={secrets.token_hex(4)}"
    return caller.ask(method=method, uri=uri, to=to, headers=[f"Route: {ours}"])


@pytest.mark.parametrize("uri", [TLS, WSS], ids=["tls", "wss"])
def test_who_knows_a_connection_cannot_speak_to_it(
    site: Host, two: tuple[Person, ...], uri: str
) -> None:
    alice, _ = two
    with phone(site, alice, answer=True) as at_alice, stranger(site, uri) as caller:
        target = alias(site, alice)
        for method in ("MESSAGE", "INVITE", "REFER", "NOTIFY", "INFO", "UPDATE", "OPTIONS"):
            assert within_nothing(caller, method, target, alice) == [481], method
        # The end of a call finds its phone even if the proxy was restarted meanwhile.
        assert within_nothing(caller, "BYE", target, alice) == [200]
        at_alice.line(lambda line: line.startswith('"BYE '))
        assert [line.split()[0] for line in at_alice.said] == ['"registered"', '"BYE']


def test_within_a_call_its_two_ends_speak(site: Host, two: tuple[Person, ...]) -> None:
    alice, bob = two
    with (
        phone(site, alice, answer=True) as at_alice,
        phone(site, bob, answer=True) as at_bob,
        stranger(site, TLS) as caller,
    ):
        assert caller.invite(f"sip:{alice.address}") == [200]
        for method in ("INFO", "INVITE", "UPDATE"):
            assert caller.ask(within=method) == [200], method
        other = alias(site, bob)
        assert caller.ask(within="INFO", target=other) == [481]
        # Another domain's proxy opens a new connection when the old one is gone.
        caller.ask(reconnect=True)
        assert caller.ask(within="INFO") == [200]
        assert caller.ask(within="BYE") == [200]
        at_alice.line(lambda line: line.startswith('"BYE '))
        assert within_nothing(caller, "BYE", other, bob) == [200]
        at_bob.line(lambda line: line.startswith('"BYE '))
        assert [line.split()[0] for line in at_bob.said] == ['"registered"', '"BYE']


def test_who_is_called_ends_the_call(site: Host, two: tuple[Person, ...]) -> None:
    alice, _ = two
    with phone(site, alice, answer=True, hangup=True), stranger(site, TLS) as caller:
        assert caller.invite(f"sip:{alice.address}") == [200]
        caller.ask(wait="BYE")


def test_nobody_looks_like_one_of_us(site: Host, two: tuple[Person, ...]) -> None:
    """A person reads the server's name or address, or a dot, as our domain."""
    alice, _ = two
    with phone(site, alice, answer=True) as at_alice, stranger(site, TLS) as caller:
        for host in (
            f"sip-proxy.{DOMAIN}", HOST_IPV4[0], "[2001:db8:1000:2000::19]", f"{DOMAIN}.",
            f"{DOMAIN.upper()}.", f"{HOST_IPV4[0]}:5061", f"sip-proxy.{DOMAIN}:9",
        ):  # fmt: skip
            sender = {"from": f"<sip:boss@{host}>"}
            told = caller.ask(method="MESSAGE", uri=f"sip:{alice.address}", **sender)
            assert told == [403], host
        assert caller.ask(method="MESSAGE", uri=f"sip:{alice.address}") == [200]
        at_alice.line(lambda line: line.startswith('"MESSAGE '))
        assert len(at_alice.said) == 2


def test_an_answer_to_nothing_goes_nowhere(site: Host) -> None:
    """It names where it wants to go: over a new connection, in clear text, to any address."""
    task = {"server": HOST_IPV4[0], "port": 5061, "name": DOMAIN, "ca": outside.trust(site)}
    program = f"{outside.PLACE}/sip_stray_reply.py"
    done = outside.run(site, "python3", program, input=json.dumps(task), check=True)
    assert json.loads(done.stdout) == {"options": 200, "connected": []}
