# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call, one chat and one relayed stream go through all that is done to other accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration import outside
from tests.integration.baresip import Phone, phone
from tests.integration.people import people
from tests.integration.test_bulk import NUMBER, chatting, import_people
from tests.integration.test_credentials import SECRETS, echo, ice, mint, pids
from tests.integration.test_sessions import (
    Client,
    call,
    disable,
    is_heard,
    kinds,
    seen,
    turn,
    xmpp,
)
from tests.integration.test_sip_clients import PACKETS, registered
from tests.lab.host import Host

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

# Digits go as requests of the dialog (RFC 6086), not as RTP.
DIGITS = ";dtmfmode=info"
# What to type for a request of the dialog, and its method: the aufile module of baresip 1.1 does
# not survive a re-INVITE, baresip 1.0 sends digits as RTP whatever the dtmfmode.
WITHIN = {
    "trixie": (("/sndcode 5", "INFO"),),
    "bookworm": (("/hold", "INVITE"), ("/resume", "INVITE")),
}


def matching(pattern: str) -> Callable[[str], bool]:
    return lambda line: re.fullmatch(pattern, line) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What goes on; the caller's and the callee's tones have 440 and 640 Hz."""

    caller: Phone
    callee: Phone
    chat: outside.Running
    relay: Client
    release: str

    def messages(self) -> int:
        """How many messages have arrived."""
        self.chat.say("\n")
        return int(self.chat.line(str.isdigit))

    def talk(self) -> None:
        """Requests within the dialog reach the other side and are answered, and sound flows."""
        for one, other in ((self.caller, self.callee), (self.callee, self.caller)):
            for typed, method in WITHIN[self.release]:
                one.command(typed)
                other.program.line(matching(rf"{method} .*"))
                one.program.line(matching(rf"CSeq: \d+ {method}"))
                one.program.line(matching("SIP/2.0 200 .*"))
        # The baresip of bookworm writes no file of what it hears.
        if self.release == "trixie":
            assert is_heard(self.callee, 440)
            assert is_heard(self.caller, 640)

    def through(self, step: Callable[[], None]) -> None:
        """Do the step while messages and datagrams flow; each stream has to go on afterwards."""
        before = self.messages()
        self.relay.running.say("stream\n")
        step()
        during = self.messages()
        self.talk()
        asked, lost = self.relay.ask("stop")
        assert before < during < self.messages()
        assert asked > 3
        assert lost == 0
        assert self.relay.ask("refresh") is True


def test_one_run_through_all_of_it(own_site: Host, release: str) -> None:
    site = own_site
    with people(site, "joe", "jane", "carol", "dave", "mary") as (joe, jane, carol, dave, mary):
        with (
            phone(site, jane, port=5564, hertz=640, more=f"{DIGITS};answermode=auto") as at_jane,
            phone(site, joe, port=5563, hertz=440, more=DIGITS) as at_joe,
            chatting(site, carol, dave) as chat,
            echo(site),
            turn(site, *ice(mint(site, joe.name))) as relay,
            xmpp(site, mary, "desk") as hers,
        ):
            hers.told("ready")
            for one in (at_joe, at_jane):
                one.program.line(registered)
            assert relay.ask("allocate") is True
            call(at_joe, at_jane)
            going = Going(caller=at_joe, callee=at_jane, chat=chat, relay=relay, release=release)
            going.talk()
            running = pids(site)

            def bring_in() -> None:
                _, said = import_people(site)
                assert said[-1].startswith(f"{NUMBER} added, ")

            def change_a_password() -> None:
                said = site.run(["falcot-rtc", "user", "passwd", mary.name, "--generate"]).stdout
                assert f"new password for {mary.address}" in said

            def rotate() -> None:
                before = [site.read(path) for path in SECRETS]
                site.run(["falcot-rtc", "credentials", "--rotate"])
                assert all(
                    site.read(path) != old for path, old in zip(SECRETS, before, strict=True)
                )

            def lock_out() -> None:
                assert disable(site, mary) == {"sip": 0, "xmpp": 1, "turn": 0}
                hers.told("disconnected")

            for step in (bring_in, change_a_password, rotate, lock_out):
                going.through(step)

            assert pids(site) == running
            assert kinds(seen(site, joe)) == ["registration", "call", "allocation"]
            at_joe.command("/hangup")
            at_jane.program.line(lambda line: line.startswith("BYE "))
            for one in (at_joe, at_jane):
                found = PACKETS.match(one.program.line(lambda line: bool(PACKETS.match(line))))
                assert found and int(found[1]) > 100 and int(found[2]) > 100
            told = json.loads(chat.end()[-1])
            assert told["lost"] == 0 and told["messages"] > 100
