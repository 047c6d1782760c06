# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who come by file: while others call and chat, through kills, and to another host."""

from __future__ import annotations

import hashlib
import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import outside
from tests.integration.baresip import phone, strength
from tests.integration.conftest import DOMAIN, booted
from tests.integration.people import Person, chosen, people
from tests.integration.terminal import ENDED, Terminal
from tests.integration.test_rename import check_as
from tests.integration.test_sip_clients import HIGH, LOW, PACKETS, await_sound, registered
from tests.lab.host import Host

NUMBER = 300
IMPORTED = (Person(name="person-7", password="pass-7"), Person(name="person-8", password="pass-8"))
BAD = ("M\xfcller,x,\n".encode("latin-1"), b"Upper,x,\n", b"person-7,again,\n", b"no-password,,\n")
PEOPLE = (
    b"name,password,extension\n"
    + b"".join(b"person-%d,pass-%d,%d\n" % (n, n, 20_000 + n) for n in range(NUMBER))
    + b"".join(BAD)
)
# Ends the import with SIGKILL as soon as the store has so many people; tells how it ended and how
# many there are.
KILL = """
import json, signal, sqlite3, subprocess, sys, time
wanted = int(sys.argv[1])
running = subprocess.Popen(["falcot-rtc", "user", "import", "/root/people.csv"])
store = sqlite3.connect("file:/var/lib/falcot-rtc/accounts.sqlite?mode=ro", uri=True, timeout=10)
def number():
    return store.execute("SELECT count(*) FROM account WHERE name LIKE 'person-%'").fetchone()[0]
while number() < wanted and running.poll() is None:
    pass
time.sleep(float(sys.argv[2]))
running.send_signal(signal.SIGKILL)
print(json.dumps([running.wait(), number()]))
"""
DRIFT = """
from falcot_rtc import apply
from falcot_rtc.accounts import sync
from falcot_rtc.host import Host
host = Host()
print(sync.drift(host, apply.read_site(host)[0]))
"""


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("bulk", release, installed, archive) as host:
        yield host


def import_people(host: Host, content: bytes = PEOPLE, *more: str) -> tuple[int, list[str]]:
    host.push("/root/people.csv", content, mode=0o600)
    done = host.run(["falcot-rtc", "user", "import", "/root/people.csv", *more], check=False)
    return done.returncode, done.stderr.splitlines()


def refused(host: Host) -> dict[str, str]:
    """What imported people can't do over SIP, XMPP and TURN."""
    found = check_as(host, IMPORTED)
    return {check: why for check, why in found.items() if not check.startswith("web.")}


def drift(host: Host) -> str:
    return host.run(["python3", "-c", DRIFT]).stdout.strip()


@contextmanager
def chatting(host: Host, alice: Person, bob: Person) -> Iterator[outside.Running]:
    argv = ["python3", f"{outside.PLACE}/xmpp_chatting.py"]
    binds = {outside.PROGRAMS: outside.PLACE}
    with outside.running(host.client_command(argv, own_root=True, binds=binds)) as program:
        task = {
            "ca": outside.trust(host),
            "domain": DOMAIN,
            "alice": alice.name,
            "bob": bob.name,
            "passwords": {"alice": alice.password, "bob": bob.password},
        }
        program.say(json.dumps(task) + "\n")
        program.line(lambda line: line == "chatting")
        yield program


def test_an_import_is_live_and_disturbs_nobody(host: Host) -> None:
    """A call and a chat go through it; all good rows are in, all bad ones are reported."""
    with people(host, "alice", "bob", "carol", "dave") as (alice, bob, carol, dave):
        with (
            chatting(host, carol, dave) as chat,
            phone(host, bob, port=5566, hertz=HIGH, more=";answermode=auto") as callee,
            phone(host, alice, port=5565, hertz=LOW) as caller,
        ):
            for one in (callee, caller):
                one.program.line(registered)
            caller.command(f"/dial sip:{bob.address}")
            for one in (caller, callee):
                one.program.line(lambda line: "Call established" in line)
            assert await_sound(caller, HIGH) > 0.9
            code, said = import_people(host)
            # Both still hear each other, and nothing else.
            assert await_sound(caller, HIGH) > 0.9
            assert await_sound(callee, LOW) > 0.9
            assert strength(callee.heard(0.5), HIGH) < 0.1
            caller.command("/hangup")
            for one in (caller, callee):
                found = PACKETS.match(one.program.line(lambda line: bool(PACKETS.match(line))))
                assert found and int(found[1]) > 25 and int(found[2]) > 25
            told = json.loads(chat.end()[-1])
    assert code == 1
    assert said[-1] == f"{NUMBER} added, 0 changed, 0 as they were, {len(BAD)} refused"
    lines = {line.split(":")[1] for line in said if line.startswith("/root/people.csv:")}
    assert lines == {str(NUMBER + 2 + n) for n in range(len(BAD))}
    assert told["messages"] > 20 and told["lost"] == 0
    assert drift(host) == "[]"


def test_who_was_imported_logs_in_everywhere(host: Host) -> None:
    assert refused(host) == {}


def test_a_second_import_has_nothing_to_do(host: Host) -> None:
    code, said = import_people(host)
    assert code == 1
    assert said[-1] == f"0 added, 0 changed, {NUMBER} as they were, {len(BAD)} refused"


def ha1(name: str, password: str) -> str:
    return hashlib.md5(f"{name}:{DOMAIN}:{password}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A file of another server's people, with one line of {name}, {ha1} and {ha1b}; what it can't
    know."""

    form: str
    text: str
    waits_for: str


FORMER = (
    Former(form="htdigest", text=f"{{name}}:{DOMAIN}:{{ha1}}\n", waits_for="sip-with-domain, xmpp"),
    Former(
        form="return",
        text=f"# users.txt\n{{name}}:{{ha1}}:{DOMAIN}:AUTHORIZED\n",
        waits_for="sip-with-domain, xmpp",
    ),
    Former(
        form="repro",
        text=f"user\tdomain\trealm\tpasswordHash\tpasswordHashAlt\n{{name}}\t{DOMAIN}\t{DOMAIN}\t"
        "{ha1}\t{ha1b}\n",
        waits_for="xmpp",
    ),
)


@pytest.mark.parametrize("former", FORMER, ids=lambda one: one.form)
def test_people_of_another_server_keep_sip_and_turn(host: Host, former: Former) -> None:
    """As the handbook's servers kept them; XMPP can't know their passwords."""
    who = Person(name=f"dora-{former.form}", password=chosen())
    facts = {"ha1": ha1(who.name, who.password), "ha1b": ha1(who.address, who.password)}
    host.push("/root/users", former.text.format(name=who.name, **facts), mode=0o600)
    done = host.run(["falcot-rtc", "user", "import", "/root/users", "--format", former.form])
    assert f"  {who.address} for {former.waits_for}" in done.stderr.splitlines()
    found = check_as(host, (who, IMPORTED[0]))
    assert {check.split(".")[0] for check in found} - {"web"} == {"xmpp"}
    host.run(["falcot-rtc", "user", "delete", who.name])


def test_an_export_moves_the_people_to_another_host(
    host: Host, release: str, installed: tuple[Path, ...], archive: Path
) -> None:
    exported = host.run(["falcot-rtc", "user", "export", "--format", "jsonl"])
    assert exported.stdout.count("\n") == NUMBER + 1 and "warning" not in exported.stderr
    with booted("bulk-new", release, installed, archive) as new:
        new.push("/root/site.jsonl", exported.stdout, mode=0o600)
        done = new.run(["falcot-rtc", "user", "import", "/root/site.jsonl"])
        assert done.stderr.splitlines()[-1].startswith(f"{NUMBER} added, ")
        assert refused(new) == {}
        again = new.run(["falcot-rtc", "user", "export", "--format", "jsonl"])
        assert again.stdout == exported.stdout
        assert drift(new) == "[]"


def test_killed_again_and_again_it_gets_there(
    release: str, installed: tuple[Path, ...], archive: Path
) -> None:
    with booted("bulk-killed", release, installed, archive) as host:
        host.push("/root/people.csv", PEOPLE, mode=0o600)
        ends, seen = [], []
        for wanted, later in ((0, 0.4), (1, 0.0), (1, 0.02), (201, 0.0), (201, 0.05)):
            done = host.run(["python3", "-c", KILL, str(wanted), str(later)])
            end, number = json.loads(done.stdout)
            ends.append(end)
            seen.append(number)
        # One that is through before its kill has refused the bad rows.
        assert set(ends) <= {-signal.SIGKILL, 1} and -signal.SIGKILL in ends, (ends, seen)
        assert seen == sorted(seen), seen
        code, said = import_people(host)
        assert code == 1 and said[-1].endswith(f"{len(BAD)} refused")
        assert drift(host) == "[]"
        assert refused(host) == {}


def test_a_terminal_shows_how_far_it_is(host: Host) -> None:
    rows = "".join(f"later-{n},pass-{n}\n" for n in range(600))
    host.push("/root/later.csv", f"name,password\n{rows}", mode=0o600)
    seen = set[int]()
    with Terminal(
        host=host, name="import", command="falcot-rtc user import /root/later.csv"
    ) as terminal:
        terminal.expect("importing", "0%")
        while ENDED not in (screen := terminal.screen()):
            seen |= {int(one) for one in re.findall(r"(\d+)%", screen)}
        said = terminal.ends()
    assert "600 added, 0 changed, 0 as they were, 0 refused" in said
    assert "importing" not in said
    assert [one for one in seen if 0 < one < 100], seen
