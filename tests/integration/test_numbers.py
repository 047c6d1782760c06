# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extensions and aliases: dialling one reaches every device of its owner, from inside and from
outside, and it is no name to log in with; baresip and a WebSocket library on the wire."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.baresip import Phone, phone
from tests.integration.conftest import DOMAIN
from tests.integration.people import Person, people
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

ON_HOST = """
import json, sys
from falcot_rtc import apply
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import State
from falcot_rtc.host import Host

host = Host()
name, extension, aliases, state = json.load(sys.stdin)
with host.lock():
    site, _ = apply.read_site(host)
    realm = site.settings.realm
    with sync.open_store(host) as store:
        store.set_extension(name, realm, extension)
        store.set_aliases(name, realm, aliases)
        store.set_state(name, realm, State(state))
    sync.catch_up(host, site)
    print(*sync.drift(host, site))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """What somebody has beside the name."""

    extension: str
    alias: str


def numbered(site: Host, who: Person, dialled: Dialled | None, state: str = "active") -> None:
    extension = dialled.extension if dialled else None
    aliases = [dialled.alias] if dialled else []
    task = json.dumps([who.name, extension, aliases, state])
    assert site.run(["python3", "-c", ON_HOST], input=task).stdout.strip() == ""


@pytest.fixture
def joe_and_mary(site: Host) -> Iterator[tuple[Person, ...]]:
    with people(site, "joe", "mary") as made:
        yield made


@pytest.fixture
def dialled(site: Host, joe_and_mary: tuple[Person, ...]) -> Dialled:
    mark = secrets.randbelow(10**6)
    made = Dialled(extension=f"12{mark:06}", alias=f"j.smith-{mark}")
    numbered(site, joe_and_mary[0], made)
    return made


def websocket(site: Host, who: Person, **more: Any) -> str:
    task = {
        "uri": f"wss://{DOMAIN}:8443/ws",
        "ca": outside.trust(site),
        "origin": f"https://{DOMAIN}",
        "subprotocol": "sip",
        "domain": DOMAIN,
        "user": who.name,
        "password": who.password,
        "greeting": "good morning",
    }
    return json.dumps(task | more)


@contextmanager
def browser(site: Host, who: Person) -> Iterator[outside.Running]:
    """A device over WebSocket that tells which requests it gets."""
    binds = {outside.PROGRAMS: outside.PLACE}
    argv = ("python3", f"{outside.PLACE}/sip_websocket.py")
    with outside.running(site.client_command(argv, own_root=True, binds=binds)) as running:
        running.say(websocket(site, who, stay=True) + "\n")
        running.line(lambda line: line == '"registered"')
        try:
            yield running
        finally:
            running.process.terminate()


def tell(site: Host, who: Person, **more: Any) -> dict[str, Any]:
    """What a page of that person reports, once it has signed off."""
    program = f"{outside.PLACE}/sip_websocket.py"
    done = outside.run(site, "python3", program, input=websocket(site, who, **more), check=True)
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


def stranger(site: Host, callee: str) -> list[int]:
    task = {"server": HOST_IPV4[0], "port": 5061, "name": DOMAIN, "ca": outside.trust(site)}
    program = f"{outside.PLACE}/sip_stranger.py"
    text = json.dumps({**task, "callee": f"sip:{callee}"})
    done = outside.run(site, "python3", program, input=text, check=True)
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def rings(device: outside.Running) -> str:
    """The INVITE that the device got, and that it is told of the end of the call."""
    offer = device.line(lambda line: line.lstrip('"').startswith("INVITE sip:"))
    device.line(lambda line: line.lstrip('"').startswith("CANCEL sip:"))
    return offer


def dial(caller: Phone, what: str, *devices: outside.Running) -> None:
    caller.command(f"/dial {what}")
    caller.program.line(lambda line: line.startswith("SIP/2.0 180"))
    caller.command("/hangup")
    for device in devices:
        rings(device)
    caller.program.line(lambda line: line.startswith("SIP/2.0 487"))


def test_every_device_is_reached(
    site: Host, joe_and_mary: tuple[Person, ...], dialled: Dialled
) -> None:
    joe, mary = joe_and_mary
    with (
        phone(site, joe, port=5580, more=";answermode=manual") as telephone,
        browser(site, joe) as page,
        phone(site, mary, port=5581) as at_mary,
    ):
        for one in (telephone, at_mary):
            one.program.line(lambda line: "200 OK () [" in line)
        his = (telephone.program, page)
        dial(at_mary, dialled.extension, *his)
        dial(at_mary, f"sip:{dialled.alias}@{DOMAIN}", *his)
        # As people write it on paper, and as a phone may escape it.
        dial(at_mary, f"sip:{dialled.alias.upper()}@{DOMAIN.upper()}", *his)
        dial(at_mary, f"sip:{dialled.alias.replace('.', '%2e')}@{DOMAIN}", *his)

        for callee in (dialled.extension, dialled.alias):
            assert stranger(site, f"{callee}@{DOMAIN}") == [180, 487]
            for device in his:
                rings(device)
        assert stranger(site, f"nobody@{DOMAIN}") == [480, 480]

        # Nobody to be called, nor to be told from somebody who never was.
        numbered(site, joe, dialled, "disabled")
        for callee in (dialled.extension, dialled.alias):
            at_mary.command(f"/dial sip:{callee}@{DOMAIN}")
            at_mary.program.line(lambda line: line.startswith("SIP/2.0 404"))
            assert stranger(site, f"{callee}@{DOMAIN}") == [480, 480]
        numbered(site, joe, dialled)
        dial(at_mary, dialled.extension, *his)
        numbered(site, joe, None)
        at_mary.command(f"/dial {dialled.extension}")
        at_mary.program.line(lambda line: line.startswith("SIP/2.0 404"))
        # The number goes to somebody else, live.
        numbered(site, mary, dialled)
        dial(telephone, dialled.extension, at_mary.program)


def test_text_messages(site: Host, joe_and_mary: tuple[Person, ...], dialled: Dialled) -> None:
    joe, mary = joe_and_mary
    for callee in (dialled.extension, dialled.alias):
        told = tell(site, joe, callee=f"sip:{callee}@{DOMAIN}")
        assert told["message"] == [407, 200]
        assert told["greetings"] == ["good morning"]
    # She is there herself, he is not.
    assert tell(site, mary, callee=f"sip:{dialled.alias}@{DOMAIN}")["message"] == [407, 480]
    numbered(site, joe, None)
    assert tell(site, mary, callee=f"sip:{dialled.alias}@{DOMAIN}")["message"] == [407, 404]


def test_no_name_to_log_in_with(
    site: Host, joe_and_mary: tuple[Person, ...], dialled: Dialled
) -> None:
    """Whatever is refused to somebody unknown is refused in the same words."""
    joe, _ = joe_and_mary
    for name in (dialled.alias, dialled.extension):
        for more in ({}, {"authorization_user": joe.name}):
            told = [tell(site, joe, user=user, **more) for user in (name, f"not-{joe.name}")]
            assert told[0] == told[1]
            assert 200 not in told[0]["register"]
    # The other way round: his name, but an alias in the digest.
    assert 200 not in tell(site, joe, authorization_user=dialled.alias)["register"]
