# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP by baresip and a WebSocket library, clients that are not ours; RFC 3261, RFC 7118."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.integration import outside
from tests.integration.baresip import Phone, phone, strength
from tests.integration.conftest import DOMAIN, PASSWORD
from tests.integration.people import Person, people
from tests.lab.host import Host

ADDRESSES = ("198.51.100.19", "198.51.100.20", "2001:db8:1000:2000::19")
PACKETS = re.compile(r"^packets:\s+(\d+)\s+(\d+)")
LOW, HIGH = 440, 1000


@pytest.fixture
def two(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "alice", "bob") as made:
        yield made


def registered(line: str) -> bool:
    return "200 OK () [1 binding]" in line


def await_sound(one: Phone, hertz: int) -> float:
    """How much of the last half second is the other's tone, once there is any."""
    deadline = time.monotonic() + outside.PATIENCE
    while True:
        found = strength(one.heard(0.5), hertz)
        if found > 0.9 or time.monotonic() > deadline:
            return found
        one.program.poll(0.1)


@pytest.mark.parametrize("relayed", [False, True], ids=["direct", "through-turn"])
def test_call_over_tls_with_encrypted_sound_both_ways(
    site: Host, two: tuple[Person, ...], relayed: bool
) -> None:
    """Servers are found by SRV, nothing but the domain is given; the callee's tone differs."""
    alice, bob = two

    def media(who: Person) -> str:
        if not relayed:
            return ""
        server = 'medianat=turn;stunserver="turn:turn-server.falcot.com"'
        return f";{server};stunuser={who.name};stunpass={who.password}"

    answer = f";answermode=auto{media(bob)}"
    with (
        phone(site, bob, port=5556, hertz=HIGH, more=answer) as callee,
        phone(site, alice, port=5555, hertz=LOW, more=media(alice)) as caller,
    ):
        for one in (callee, caller):
            one.program.line(registered)
        caller.command(f"/dial sip:{bob.address}")
        for one in (caller, callee):
            one.program.line(lambda line: "SRTP is Enabled" in line)
            one.program.line(lambda line: "Call established" in line)
        assert await_sound(caller, HIGH) > 0.9
        assert await_sound(callee, LOW) > 0.9
        assert strength(caller.heard(0.5), LOW) < 0.1
        caller.command("/hangup")
        callee.program.line(lambda line: line.startswith("BYE "))
        caller.program.line(lambda line: line.startswith("CSeq:") and line.endswith("BYE"))
        for one in (caller, callee):
            found = PACKETS.match(one.program.line(lambda line: bool(PACKETS.match(line))))
            assert found and int(found[1]) > 25 and int(found[2]) > 25
        said = [*caller.quit(), *callee.quit()]
    peers = {line for line in said if line.startswith("TLS ")}
    assert peers and all("198.51.100.19:5061" in line for line in peers)
    if relayed:
        assert any(line.startswith("c=IN IP4 198.51.100.19") for line in said), said


def test_call_to_nobody_is_refused(site: Host, two: tuple[Person, ...]) -> None:
    with phone(site, two[0], port=5555) as caller:
        caller.program.line(registered)
        caller.command(f"/dial sip:nobody-at-all@{DOMAIN}")
        caller.program.line(lambda line: line.startswith("SIP/2.0 404"))


def test_wrong_password_is_refused(site: Host, two: tuple[Person, ...]) -> None:
    """Over IPv6: baresip tries until the server has enough of it, and of its address."""
    impostor = Person(name=two[0].name, password="not the password")
    with phone(site, impostor, port=5555, family=6) as one:
        one.program.line(lambda line: line.startswith("Authorization: Digest"))
        one.program.line(lambda line: line.startswith("SIP/2.0 4"))
        said = one.quit()
    assert not [line for line in said if line.startswith("SIP/2.0 2")]


def test_caller_without_an_account_reaches_nobody(site: Host, two: tuple[Person, ...]) -> None:
    stranger = Person(name="stranger", password="anything")
    with phone(site, stranger, port=5557, family=6, interval=0) as caller:
        caller.program.line(lambda line: "baresip is ready" in line)
        caller.command(f"/dial sip:{two[1].address}")
        caller.program.line(lambda line: line.startswith("Proxy-Authorization: Digest"))
        caller.program.line(lambda line: line.startswith("SIP/2.0 4"))
        said = caller.quit()
    assert not [line for line in said if line.startswith(("SIP/2.0 1", "SIP/2.0 2"))]


def over_websocket(site: Host, **different: str) -> dict[str, object]:
    task = {
        "uri": f"wss://{DOMAIN}:8443/ws",
        "ca": outside.trust(site),
        "origin": f"https://{DOMAIN}",
        "subprotocol": "sip",
        "domain": DOMAIN,
        "user": "admin",
        "password": PASSWORD,
        "greeting": "good morning",
    }
    program = f"{outside.PLACE}/sip_websocket.py"
    done = outside.run(
        site, "python3", program, input=json.dumps({**task, **different}), check=True
    )
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("name", [DOMAIN, "sip-proxy.falcot.com"])
@pytest.mark.parametrize("origin", [f"https://{DOMAIN}", ""], ids=["page", "program"])
def test_websocket_client_registers_and_is_reached(site: Host, name: str, origin: str) -> None:
    assert over_websocket(site, uri=f"wss://{name}:8443/ws", origin=origin) == {
        "subprotocol": "sip",
        "register": [401, 200],
        "bound": True,
        "message": [407, 200],
        "greetings": ["good morning"],
        "unregister": 200,
    }


def test_websocket_client_with_a_wrong_password_is_refused(site: Host) -> None:
    told = over_websocket(site, password="not the password")
    assert told == {"subprotocol": "sip", "register": [401, 401], "bound": False}


@pytest.mark.parametrize(
    ("different", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://falcot.com"}, 403),
        ({"origin": "https://falcot.com.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"subprotocol": "xmpp"}, 400),
        ({"subprotocol": ""}, 400),
        ({"uri": "wss://falcot.com:8443/"}, 404),
    ],
)
def test_websocket_handshake_is_refused(site: Host, different: dict[str, str], status: int) -> None:
    told = over_websocket(site, **different)
    assert set(told) == {"refused"}
    assert f"HTTP {status}" in str(told["refused"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_listens_on_5060(site: Host, address: str) -> None:
    script = (
        "import socket, sys\n"
        "family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n"
        "for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n"
        "    with socket.socket(family, kind) as sock:\n"
        "        sock.settimeout(10)\n"
        "        try:\n"
        "            sock.connect((sys.argv[1], 5060))\n"
        "            sock.send(b'OPTIONS')\n"
        "            sock.recv(100)\n"
        "        except ConnectionRefusedError:\n"
        "            print('refused')\n"
    )
    done = outside.run(site, "python3", "-c", script, address, check=True)
    assert done.stdout.split() == ["refused", "refused"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sipsak_finds_nothing_on_5060(site: Host, transport: str) -> None:
    options = ("-H", "198.51.100.1", "-E", transport, "-s", f"sip:admin@{ADDRESSES[0]}:5060")
    done = outside.run(site, "sipsak", *options)
    assert done.returncode != 0
    assert "Connection refused" in done.stderr, done.stdout + done.stderr
