# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Minted credentials log in over SIP and TURN for one person and for a time; the rotation of their
secrets disturbs nobody. baresip, a WebSocket library, slixmpp and our TURN client on the wire."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN
from tests.integration.observe import until
from tests.integration.people import Person, people
from tests.integration.test_sessions import (
    ECHO_PORT,
    call,
    echoes,
    is_heard,
    on_host,
    phones,
    turn,
    xmpp,
)
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

DAEMONS = ("coturn", "falcot-rtc-turn-auth", "kamailio", "prosody")
SECRETS = ("/etc/falcot-rtc/secrets/sip-minted", "/etc/falcot-rtc/secrets/turn-minted")
# The generations of both secrets become two days older, as if they had been made then.
AGE = """
import pathlib, sys
for path in map(pathlib.Path, sys.argv[1:]):
    rows = (line.split() for line in path.read_text().splitlines())
    path.write_text("".join(f"{int(at) - 172800} {secret}\\n" for at, secret in rows))
"""


def mint(site: Host, who: str, ttl: str = "1h") -> dict[str, Any]:
    told = json.loads(site.run(["falcot-rtc", "credentials", who, "--ttl", ttl]).stdout)
    assert isinstance(told, dict)
    return told


def sip(site: Host, made: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a page tells that takes the credentials as they are."""
    given = made["sip"]
    task = {
        "uri": given["ws_servers"][0],
        "ca": outside.trust(site),
        "origin": f"https://{DOMAIN}",
        "subprotocol": "sip",
        "domain": DOMAIN,
        "user": given["uri"].removeprefix("sip:").partition("@")[0],
        "authorization_user": given["authorization_user"],
        "password": given["password"],
        "greeting": "good morning",
        **more,
    }
    program = f"{outside.PLACE}/sip_websocket.py"
    done = outside.run(site, "python3", program, input=json.dumps(task), check=True)
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


def allocates(site: Host, user: str, password: str) -> Any:
    with turn(site, user, password) as client:
        return client.ask("allocate")


def ice(made: dict[str, Any]) -> tuple[str, str]:
    (server,) = made["iceServers"]
    return server["username"], server["credential"]


def logs_in(site: Host, made: dict[str, Any]) -> tuple[Any, ...]:
    told = sip(site, made)
    return (*told["register"], *told.get("message", ()), allocates(site, *ice(made)))


IN, OUT = (401, 200, 407, 200, True), (401, 401, 401)


@contextmanager
def echo(site: Host) -> Iterator[None]:
    argv = ("python3", f"{outside.PLACE}/udp_echo.py", f"{CLIENT_IPV4[0]}@{ECHO_PORT}")
    binds = {outside.PROGRAMS: outside.PLACE}
    with outside.running(site.client_command(argv, own_root=True, binds=binds)) as running:
        running.line(lambda line: json.loads(line) == "ready")
        yield


@pytest.fixture
def two(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "joe", "mary") as made:
        yield made


def test_they_log_in_until_they_expire(site: Host, two: tuple[Person, ...]) -> None:
    joe, _ = two
    hour, day = mint(site, joe.name), mint(site, joe.address, "1d")
    assert hour["iceServers"][0]["urls"] == [
        "turn:turn-server.falcot.com:3478?transport=udp",
        "turn:turn-server.falcot.com:3478?transport=tcp",
        "turns:turn-server.falcot.com:5349?transport=tcp",
    ]
    assert hour["sip"]["uri"] == f"sip:{joe.address}"
    assert hour["sip"]["realm"] == DOMAIN
    assert 3500 < hour["expires"] - time.time() <= 3600
    assert 86300 < day["expires"] - time.time() <= 86400
    for made in (hour, day):
        assert logs_in(site, made) == IN
    short = mint(site, joe.name, "20s")
    assert logs_in(site, short) == IN
    until(time.time, lambda now: now > short["expires"] + 1)
    assert logs_in(site, short) == OUT
    # The rest goes on.
    assert logs_in(site, hour) == IN


def test_they_are_one_persons(site: Host, two: tuple[Person, ...]) -> None:
    joe, mary = two
    made = mint(site, joe.name)
    assert 200 not in sip(site, made, user=mary.name)["register"]
    hers = made["sip"]["authorization_user"].replace(joe.name, mary.name)
    assert sip(site, made, user=mary.name, authorization_user=hers)["register"] == [401, 401]
    later = made["sip"]["authorization_user"].replace(":", "0:", 1)
    assert 200 not in sip(site, made, authorization_user=later)["register"]
    user, password = ice(made)
    expiry, _, rest = user.partition(":")
    for name in (user.replace(joe.name, mary.name), f"{int(expiry) + 1}:{rest}", user + "0"):
        assert allocates(site, name, password) == 401
    assert allocates(site, user, password[:-2]) == 401
    # One kind is not the other.
    assert allocates(site, made["sip"]["authorization_user"], made["sip"]["password"]) == 401
    assert logs_in(site, made) == IN


def test_they_end_with_the_account(site: Host, two: tuple[Person, ...]) -> None:
    joe, mary = two
    his, hers = mint(site, joe.name), mint(site, mary.name)
    on_host(site, "disable", joe)
    assert logs_in(site, his) == OUT
    assert logs_in(site, hers) == IN
    refused = site.run(["falcot-rtc", "credentials", joe.name], check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{joe.address} is disabled" in refused.stderr
    on_host(site, "enable", joe)
    assert logs_in(site, his) == IN


@pytest.mark.parametrize(
    "argv",
    [
        ("nobody-at-all",),
        ("admin", "--ttl", "2d"),
        ("admin", "--ttl", "1s"),
        ("admin", "--ttl", "soon"),
        (),
        ("admin", "--rotate"),
    ],
)
def test_wrong_use(site: Host, argv: tuple[str, ...]) -> None:
    refused = site.run(["falcot-rtc", "credentials", *argv], check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1].startswith("falcot-rtc")


def pids(site: Host) -> list[str]:
    show = ["systemctl", "show", "--property=MainPID", "--value", *DAEMONS]
    return site.run(show).stdout.split()


def test_a_rotation_disturbs_nobody(own_site: Host, release: str) -> None:
    site = own_site
    with people(site, "joe", "mary") as (joe, mary):
        old = mint(site, joe.name)
        with (
            phones(site, joe, mary) as (at_joe, at_mary),
            xmpp(site, joe, "laptop") as stream,
            echo(site),
            turn(site, *ice(old)) as allocation,
        ):
            stream.told("ready")
            _, before = stream.ask("services")
            call(at_joe, at_mary)
            assert allocation.ask("allocate") is True
            running = pids(site)

            site.run(["falcot-rtc", "credentials", "--rotate"])

            assert pids(site) == running
            assert site.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
            assert echoes(allocation)
            assert allocation.ask("refresh") is True
            _, after = stream.ask("services")
            if release == "trixie":  # the baresip of bookworm writes no file of what it hears
                assert is_heard(at_mary, 440)
            at_joe.command("/hangup")
            at_mary.program.line(lambda line: line.startswith("BYE "))
        new = mint(site, joe.name)
        for made in (old, new):
            assert logs_in(site, made) == IN

        def generation(services: list[dict[str, Any]]) -> str:
            (found,) = {(s["username"], s["password"]) for s in services if "turn" in s["type"]}
            assert allocates(site, *found) is True
            return found[0].rpartition(":")[2]

        assert generation(before) == ice(old)[0].rpartition(":")[2]
        assert generation(after) == ice(new)[0].rpartition(":")[2] != generation(before)

        # A restart finds the same.
        site.run(["systemctl", "restart", "kamailio.service", "prosody.service"])
        for made in (old, new):
            assert logs_in(site, made) == IN


def test_the_timer_rotates_when_it_is_time_and_old_secrets_end(
    own_site: Host, release: str
) -> None:
    site = own_site
    due = ["systemctl", "start", "falcot-rtc-rotate.service"]

    def generations() -> list[int]:
        return [len(site.read(path).splitlines()) for path in SECRETS]

    assert "falcot-rtc-rotate.timer" in site.run(["systemctl", "list-timers"]).stdout
    first = mint(site, "admin")
    assert logs_in(site, first) == IN
    site.run(due)
    assert generations() == [1, 1]
    for _ in range(4):
        site.run(["python3", "-c", AGE, *SECRETS])
    site.run(["falcot-rtc", "apply"])
    running = pids(site)
    site.run(due)
    assert generations() == [2, 2]
    second = mint(site, "admin")
    # Its name tells a generation that never was, since this test moved them.
    assert sip(site, first)["register"] == [401, 200]
    assert logs_in(site, second) == IN

    # The first one's successor has minted for longer than anything lives.
    site.run(["python3", "-c", AGE, *SECRETS])
    site.run(["falcot-rtc", "apply"])
    site.run(due)
    assert generations() == [1, 1]
    assert pids(site) == running
    if release == "trixie":  # kamailio 5.6 forgets a secret with its next restart
        assert sip(site, first)["register"] == [401, 401]
    assert sip(site, second)["register"] == [401, 200]
    assert logs_in(site, mint(site, "admin")) == IN

    # What waits for an administrator is not the timer's to apply.
    for _ in range(4):
        site.run(["python3", "-c", AGE, *SECRETS])
    site.run(["falcot-rtc", "apply"])
    site.run(["falcot-rtc", "config", "set", "sip.internal-tcp", "true"])
    refused = site.run(due, check=False)
    assert refused.returncode != 0
    assert generations() == [1, 1]
    assert "not rotated, as other changes are waiting" in site.journal("-u", due[-1])

    words = {word for path in SECRETS for word in site.read(path).split() if len(word) > 20}
    said = site.journal()
    assert words and not any(word in said for word in words)
