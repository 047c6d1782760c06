# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does right now is seen, and ends at once for a disabled person and for nobody else;
baresip, a WebSocket library, slixmpp and our TURN client on the wire."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.baresip import Phone, phone, strength
from tests.integration.conftest import DOMAIN
from tests.integration.observe import until
from tests.integration.people import Person, people
from tests.lab.cache import REPOSITORY
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, HOST_IPV4

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

CHECKOUT = "/srv/checkout"
ECHO_PORT = 9998


def on_host(site: Host, verb: str, who: Person) -> str:
    return site.run(["falcot-rtc", "user", verb, who.name]).stdout


def disable(site: Host, who: Person) -> dict[str, int]:
    """How many sessions that ended, by service."""
    ended = re.findall(r"(\d+) of (\w+)", on_host(site, "disable", who))
    return {"sip": 0, "xmpp": 0, "turn": 0} | {service: int(count) for count, service in ended}


def show(site: Host, who: Person) -> dict[str, Any]:
    told = json.loads(site.run(["falcot-rtc", "user", "show", "--json", who.name]).stdout)
    return dict(told)


def seen(site: Host, who: Person) -> list[dict[str, Any]]:
    return list(show(site, who)["sessions"])


def kinds(sessions: list[dict[str, Any]]) -> list[str]:
    return [one["kind"] for one in sessions]


class Client:
    """A program of clients/ that takes a task, then commands, and tells JSON lines."""

    def __init__(self, running: outside.Running, task: dict[str, Any]) -> None:
        self.running = running
        running.say(json.dumps(task) + "\n")

    def told(self, *begin: Any) -> Any:
        """The next list that begins so."""
        while (said := self.answer())[: len(begin)] != list(begin):
            pass
        return said

    def answer(self) -> Any:
        """The next that it tells, whatever its libraries log in between."""
        return json.loads(self.running.line(is_json))

    def ask(self, command: str) -> Any:
        self.running.say(f"{command}\n")
        return self.answer()


def is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@contextmanager
def client(site: Host, program: str, task: dict[str, Any]) -> Iterator[Client]:
    command = ("env", f"PYTHONPATH={CHECKOUT}", "PYTHONDONTWRITEBYTECODE=1", "python3")
    binds = {outside.PROGRAMS: outside.PLACE, REPOSITORY: CHECKOUT}
    argv = (*command, f"{outside.PLACE}/{program}")
    with outside.running(site.client_command(argv, own_root=True, binds=binds)) as running:
        yield Client(running, task)


def xmpp(site: Host, who: Person, resource: str) -> Any:
    task = {"ca": outside.trust(site), "domain": DOMAIN, "resource": resource}
    return client(site, "xmpp_stay.py", {**task, "user": who.name, "password": who.password})


def turn(site: Host, user: str, password: str, protocol: str = "udp") -> Any:
    task = {"server": HOST_IPV4[0], "port": 3478, "peer": [CLIENT_IPV4[0], ECHO_PORT]}
    task |= {"user": user, "password": password, "protocol": protocol}
    return client(site, "turn_holder.py", task)


def echoes(relay: Client) -> bool:
    """Whether datagrams come back through the relay. One may get lost (UDP) or late on a busy
    machine; an allocation that is gone does not come back."""
    return until(lambda: relay.ask("echo"), lambda answer: answer is True) is True


def websocket_task(site: Host, who: Person, **more: Any) -> dict[str, Any]:
    return {
        "uri": f"wss://{DOMAIN}:8443/ws",
        "ca": outside.trust(site),
        "origin": f"https://{DOMAIN}",
        "subprotocol": "sip",
        "domain": DOMAIN,
        "user": who.name,
        "password": who.password,
        "greeting": "good morning",
        **more,
    }


def websocket_log_in(site: Host, who: Person) -> Any:
    task = json.dumps(websocket_task(site, who))
    program = f"{outside.PLACE}/sip_websocket.py"
    return json.loads(outside.run(site, "python3", program, input=task, check=True).stdout)


@contextmanager
def browser(site: Host, who: Person) -> Iterator[outside.Running]:
    """A device registered over WebSocket, its connection open."""
    binds = {outside.PROGRAMS: outside.PLACE}
    argv = ("python3", f"{outside.PLACE}/sip_websocket.py")
    with outside.running(site.client_command(argv, own_root=True, binds=binds)) as running:
        running.say(json.dumps(websocket_task(site, who, stay=True)) + "\n")
        running.line(lambda line: line == '"registered"')
        yield running


@contextmanager
def phones(site: Host, *who: Person) -> Iterator[list[Phone]]:
    """Registered phones that answer by themselves."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(
                phone(site, one, port=5560 + at, hertz=440 + 200 * at, more=";answermode=auto")
            )
            for at, one in enumerate(who)
        ]
        for one in made:
            one.program.line(lambda line: "200 OK () [1 binding]" in line)
        yield made


def call(caller: Phone, callee: Phone) -> None:
    caller.command(f"/dial sip:{callee.person.address}")
    for one in (caller, callee):
        one.program.line(lambda line: "Call established" in line)


def is_heard(listener: Phone, hertz: int) -> bool:
    deadline = time.monotonic() + outside.PATIENCE
    while strength(listener.heard(0.5), hertz) < 0.9:
        if time.monotonic() > deadline:
            return False
        listener.program.poll(0.1)
    return True


@pytest.fixture
def four(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "joe", "jane", "mary", "bob") as made:
        yield made


@pytest.fixture
def peer(site: Host) -> Iterator[None]:
    """Sends back what the relay sends to it."""
    argv = ("python3", f"{outside.PLACE}/udp_echo.py", f"{CLIENT_IPV4[0]}@{ECHO_PORT}")
    binds = {outside.PROGRAMS: outside.PLACE}
    with outside.running(site.client_command(argv, own_root=True, binds=binds)) as running:
        running.line(lambda line: json.loads(line) == "ready")
        yield


def test_calls_and_devices(site: Host, release: str, four: tuple[Person, ...]) -> None:
    joe, jane, mary, bob = four
    with phones(site, joe, jane, mary, bob) as (at_joe, at_jane, at_mary, at_bob):
        call(at_joe, at_jane)
        call(at_mary, at_bob)
        with browser(site, joe) as page:
            found = seen(site, joe)
            assert kinds(found) == ["registration", "registration", "call"]
            telephone, tab, talk = found
            assert telephone["device"].startswith("baresip v")
            assert telephone["where"].startswith(f"{CLIENT_IPV4[0]}:")
            assert telephone["where"].endswith(" TLS")
            assert tab["where"].endswith(" WS")
            now = time.time()
            assert all(now - 60 < one["since"] < now + 5 for one in found)
            assert all(now < one["expires"] < now + 3700 for one in (telephone, tab))
            assert (talk["device"], talk["where"]) == (jane.address, "established")
            assert [one["device"] for one in seen(site, jane) if one["kind"] == "call"] == [
                joe.address
            ]

            assert disable(site, joe) == {"sip": 3, "xmpp": 0, "turn": 0}

            for one in (at_joe, at_jane):
                one.program.line(lambda line: line.startswith("BYE "))
            page.process.wait(outside.PATIENCE)
        assert seen(site, joe) == []
        assert kinds(seen(site, jane)) == ["registration"]
        assert websocket_log_in(site, joe)["register"] == [401, 401]
        at_joe.command(f"/dial sip:{jane.address}")
        at_joe.program.line(lambda line: line.startswith("Proxy-Authorization: Digest"))
        at_joe.program.line(lambda line: line.startswith("SIP/2.0 4"))

        if release == "trixie":  # the baresip of bookworm writes no file of what it hears
            assert is_heard(at_bob, 440 + 200 * 2)
        assert kinds(seen(site, mary)) == ["registration", "call"]
        at_mary.command("/hangup")
        at_bob.program.line(lambda line: line.startswith("BYE "))
        assert until(lambda: kinds(seen(site, mary)), lambda k: k == ["registration"]) == [
            "registration"
        ]
        call(at_jane, at_mary)
        on_host(site, "enable", joe)
        assert seen(site, joe) == []
        assert websocket_log_in(site, joe)["register"] == [401, 200]


def test_a_call_that_rings(site: Host, four: tuple[Person, ...]) -> None:
    """The caller is disabled before the callee answers: nobody is left ringing."""
    joe, jane = four[:2]
    with (
        phone(site, joe, port=5570) as at_joe,
        phone(site, jane, port=5571, more=";answermode=manual") as at_jane,
    ):
        for one in (at_joe, at_jane):
            one.program.line(lambda line: "200 OK () [1 binding]" in line)
        at_joe.command(f"/dial sip:{jane.address}")
        at_jane.program.line(lambda line: line.startswith("SIP/2.0 180"))
        rings = until(lambda: seen(site, joe), lambda found: "call" in kinds(found))
        assert [one["where"] for one in rings if one["kind"] == "call"] == ["ringing"]
        assert disable(site, joe)["sip"] == 2
        at_jane.program.line(lambda line: line.startswith("CANCEL "))
        at_joe.program.line(lambda line: line.startswith("SIP/2.0 487"))
        assert kinds(seen(site, jane)) == ["registration"]


def test_streams(site: Host, four: tuple[Person, ...]) -> None:
    joe, _, mary, _ = four
    with (
        xmpp(site, joe, "laptop") as laptop,
        xmpp(site, joe, "phone") as lost,
        xmpp(site, mary, "desk") as desk,
    ):
        for one in (laptop, lost, desk):
            one.told("ready")
        # The answer tells that stream management is on.
        assert lost.ask("ping") == ["pong"]
        lost.running.say("abandon\n")
        lost.told("disconnected")

        def both() -> list[tuple[str, str]]:
            return sorted((one["device"].split()[0], one["where"]) for one in seen(site, joe))

        at_hand = (f"{CLIENT_IPV4[0]} TLS", "2001:db8:1000:2000::1 TLS")
        found = until(both, lambda two: two[-1][1].endswith("resume"))
        assert [device for device, _ in found] == ["laptop", "phone"]
        assert found[0][1] in at_hand
        assert found[1][1].endswith(" gone, may resume")

        assert disable(site, joe) == {"sip": 0, "xmpp": 2, "turn": 0}

        laptop.told("error", "not-authorized")
        laptop.told("disconnected")
        assert seen(site, joe) == []
        assert time.time() - show(site, joe)["last-seen"] < 60
        assert desk.ask("ping") == ["pong"]
        assert kinds(seen(site, mary)) == ["stream"]
        for one in (laptop, lost):
            one.running.say("return\n")
            one.told("failed_all_auth")

        # Nor does the abandoned stream come back with the account.
        on_host(site, "enable", joe)
        with xmpp(site, joe, "laptop") as again:
            again.told("ready")
            assert kinds(seen(site, joe)) == ["stream"]


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_allocations(site: Host, four: tuple[Person, ...], peer: None, protocol: str) -> None:
    """Own passwords, and what XEP-0215 minted for joe and for mary before joe is disabled."""
    joe, _, mary, _ = four

    def minted(who: Person) -> tuple[str, str]:
        with xmpp(site, who, "laptop") as device:
            device.told("ready")
            _, services = device.ask("services")
        found = {(s["username"], s["password"]) for s in services if s["type"][:4] == "turn"}
        assert {name.split(":")[1] for name, _ in found} == {who.address}
        return found.pop()

    def held(who: Person) -> list[dict[str, Any]]:
        return [one for one in seen(site, who) if one["kind"] == "allocation"]

    of_joe, of_mary = minted(joe), minted(mary)
    with ExitStack() as stack:
        names = [(joe.name, joe.password), (joe.address, joe.password), of_joe]
        his = [stack.enter_context(turn(site, *one, protocol)) for one in names]
        hers = [
            stack.enter_context(turn(site, *one, protocol))
            for one in ((mary.name, mary.password), of_mary)
        ]
        for one in (*his, *hers):
            assert one.ask("allocate") is True
            assert echoes(one)
        found = held(joe)
        assert sorted(one["device"] for one in found) == sorted(name for name, _ in names)
        assert all(one["where"].startswith(f"{CLIENT_IPV4[0]}:") for one in found)
        assert all(one["where"].endswith(protocol.upper()) for one in found)
        assert all(time.time() < one["expires"] < time.time() + 660 for one in found)

        assert disable(site, joe)["turn"] == 3

        assert held(joe) == []
        for one in his:
            assert one.ask("echo") is not True
            assert one.ask("refresh") in (401, 437, "no answer")
        for one in hers:
            assert echoes(one)
            assert one.ask("refresh") is True
    for name in names:
        with turn(site, *name, protocol) as again:
            assert again.ask("allocate") == 401
    with turn(site, *of_mary, protocol) as again:
        assert again.ask("allocate") is True
    on_host(site, "enable", joe)
    with turn(site, *of_joe, protocol) as again:
        assert again.ask("allocate") is True


def test_nobody_else_on_the_host_can_end_anything(site: Host) -> None:
    """The three control channels, tried by a user of the host without rights."""
    script = (
        "import socket\n"
        "ways = [(socket.AF_UNIX, socket.SOCK_DGRAM, '/run/kamailio/falcot-rtc'),\n"
        "        (socket.AF_UNIX, socket.SOCK_STREAM, '/run/kamailio/kamailio_ctl'),\n"
        "        (socket.AF_UNIX, socket.SOCK_STREAM, '/var/lib/prosody/prosody.sock'),\n"
        "        (socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', 5766))]\n"
        "for family, kind, place in ways:\n"
        "    try:\n"
        "        socket.socket(family, kind).connect(place)\n"
        "        print('in')\n"
        "    except OSError as error:\n"
        "        print(type(error).__name__)\n"
    )
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    assert site.run([*nobody, "python3", "-c", script]).stdout.split() == [
        "PermissionError",
        "PermissionError",
        "PermissionError",
        "ConnectionRefusedError",
    ]
