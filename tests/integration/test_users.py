# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc user …`: what a verb did shows in where joe can log in: everywhere, or nowhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import DOMAIN, booted
from tests.integration.kills import KILLED, Kills
from tests.integration.observe import assert_fine
from tests.integration.people import Person, check_as, chosen, people
from tests.integration.terminal import Terminal
from tests.integration.test_install import containing_password
from tests.integration.test_jail import SIP, TURN, XMPP, guess
from tests.integration.test_rename import meet
from tests.integration.test_sessions import xmpp
from tests.integration.test_sip_clients import over_websocket
from tests.lab.host import Host

FIRST, SECOND = chosen(), chosen()
JANE = Person(name="jane", password="quite another thing 7")
# Each log-in of the checks that a person's password decides.
LOG_INS = {"sip", "xmpp", "turn", "phone"}
# Runs a command and looks, before the end of its input and until it ends, at what every process
# shows of itself.
LOOK = """
import json, os, pathlib, subprocess, sys
task = json.load(sys.stdin)
environment = {**os.environ, **task["environment"]}
seen, found = set(), set()
def look():
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        for place in ("cmdline", "environ"):
            try:
                text = process.joinpath(place).read_bytes().replace(bytes(1), b" ")
            except OSError:
                continue
            if place == "cmdline":
                seen.update(one for one in task["commands"] if one.encode() in text)
            if task["password"].encode() in text:
                found.add(place)
with subprocess.Popen(task["argv"], stdin=-1, stdout=-3, stderr=-3, env=environment) as command:
    command.stdin.write(task["input"].encode())
    command.stdin.flush()
    # Between vfork and exec a process shows nothing.
    shown = pathlib.Path(f"/proc/{command.pid}/cmdline")
    while command.poll() is None and not shown.read_bytes():
        pass
    look()
    command.stdin.close()
    while command.poll() is None:
        look()
print(json.dumps([sorted(seen), sorted(found), command.returncode]))
"""
COMMANDS = ["falcot-rtc user add", "falcot-rtc user passwd", "falcot-rtc user import"]


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site where Jane has an account, whom nothing here may disturb."""
    with booted("users", release, installed, archive) as host:
        # A look at where somebody can log in takes two dozen log-ins to TURN alone.
        host.push("/etc/falcot-rtc/policy.d/turn.toml", "log-ins-per-minute = 6000\n")
        failures = "failures-per-user = 1000\nfailures-per-source = 10000\n"
        host.push("/etc/falcot-rtc/policy.d/sip.toml", failures)
        host.push("/etc/falcot-rtc/policy.d/jail.toml", "delay-after = 10000\n")
        host.run(["falcot-rtc", "apply"])
        user(host, "add", "jane", "--password-stdin", input=JANE.password)
        yield host


def user(host: Host, *argv: str, input: str | None = None) -> str:
    return host.run(["falcot-rtc", "user", *argv], input=input).stdout


def refused(host: Host, name: str, password: str) -> set[str]:
    """The services that let `name` in nowhere with this password; all the same lets Jane in."""
    failed = check_as(host, (Person(name=name, password=password), JANE))
    print(json.dumps(failed, indent=1))
    found = {identity.removeprefix("web.").split(".")[0] for identity in failed}
    assert found <= LOG_INS
    # The checks register over TLS; a browser has to get the same answer.
    registered = over_websocket(host, user=name, password=password)["register"]
    assert registered == ([401, 401] if "sip" in found else [401, 200])
    return found


def test_add_opens_every_service(host: Host) -> None:
    assert refused(host, "joe", FIRST) == LOG_INS
    said = user(host, "add", "joe", "--password-stdin", "--extension", "1001", input=FIRST)
    assert said == f"added joe@{DOMAIN}\n"
    assert refused(host, "joe", FIRST) == set()
    assert "added joe@falcot.com (by root)" in host.journal("--identifier=falcot-rtc")


def test_a_new_password_replaces_the_old_everywhere(host: Host) -> None:
    user(host, "passwd", "joe", "--password-stdin", input=SECOND)
    assert refused(host, "joe", FIRST) == LOG_INS
    assert refused(host, "joe", SECOND) == set()


def test_disable_closes_and_enable_opens(host: Host) -> None:
    user(host, "disable", "joe")
    assert refused(host, "joe", SECOND) == LOG_INS
    user(host, "enable", "joe")
    assert refused(host, "joe", SECOND) == set()


def test_list_and_show(host: Host) -> None:
    rows = {row["address"]: row for row in json.loads(user(host, "list", "--json"))}
    assert rows.keys() == {f"{name}@{DOMAIN}" for name in ("admin", "jane", "joe")}
    assert rows[f"joe@{DOMAIN}"]["extension"] == "1001"
    shown = user(host, "show", "joe")
    assert f"joe@{DOMAIN}" in shown
    assert "1001" in shown


def test_rename_lets_in_by_the_new_name_only(host: Host) -> None:
    user(host, "rename", "joe", "jim", "--password-stdin", input=SECOND)
    assert refused(host, "joe", SECOND) == LOG_INS
    assert refused(host, "jim", SECOND) == set()
    user(host, "rename", "jim", "joe", "--keep-password")
    assert refused(host, "joe", SECOND) == {"sip", "turn"}
    (joe,) = (row for row in json.loads(user(host, "list", "--json")) if "joe" in row["address"])
    assert joe["needs-password-for"] == ["sip", "turn"]
    user(host, "passwd", "joe", "--password-stdin", input=SECOND)


def test_contacts_and_rooms_follow_a_renamed_person(host: Host) -> None:
    """Of whom is logged in, too; nobody else's list is touched."""
    room = f"team@conference.{DOMAIN}"
    with people(host, "ann", "ben", "cher") as (ann, ben, cher):
        meet(host, (ann, ben), DOMAIN, befriend=True)
        with xmpp(host, ann, "desk") as hers:
            hers.told("ready")
            assert hers.ask(f"own {room}") == ["owns", room]
        new = Person(name=f"new-{ann.name}", password=chosen())
        with xmpp(host, ben, "desk") as his, xmpp(host, cher, "desk") as other:
            for one in (his, other):
                one.told("ready")
            assert ann.address in his.ask("contacts")
            other.ask("contacts")
            rename = ("rename", ann.name, new.name, "--password-stdin")
            said = user(host, *rename, input=new.password)
            assert "it is in 1 contact lists and 1 rooms of this host" in said
            assert his.told("pushed") == ["pushed", ann.address, "remove"]
            assert his.told("pushed") == ["pushed", new.address, "both"]
            assert other.ask("ping") == ["pong"]
        met = meet(host, (new, ben), DOMAIN)
        assert met["contacts"] == {
            new.name: {ben.address: "both"},
            ben.name: {new.address: "both"},
        }
        with xmpp(host, new, "desk") as hers:
            hers.told("ready")
            assert hers.ask(f"owners {room}") == ["owners", new.address]
        user(host, "rename", new.name, ann.name, "--keep-password")


def test_the_password_is_asked_twice_and_never_seen(host: Host) -> None:
    # A person of its own: nobody has failed to log in as Jack, which kamailio would remember.
    user(host, "add", "jack", "--generate")
    with Terminal(host=host, name="passwd", command="falcot-rtc user passwd jack") as terminal:
        terminal.expect("Password:")
        terminal.type("short")
        terminal.expect("a weak password: The password is shorter than 8", "Password:")
        terminal.type(FIRST)
        terminal.expect("Again:")
        terminal.type(SECOND)
        terminal.expect("the two passwords differ", "Password:")
        terminal.type(FIRST)
        terminal.expect("Again:")
        terminal.type(FIRST)
        said = terminal.ends()
    assert f"new password for jack@{DOMAIN}" in said
    assert FIRST not in said
    assert refused(host, "jack", FIRST) == set()
    user(host, "delete", "jack")


def test_passwords_are_readable_nowhere(host: Host) -> None:
    for password in (FIRST, SECOND):
        places = ("/etc", "/home", "/root", "/run", "/tmp", "/usr", "/var")
        assert containing_password(host, *places, password=password) == []
        assert password not in host.journal()
    assert host.run(["coredumpctl", "list"], check=False).stdout == ""


def look(
    host: Host, password: str, argv: list[str], input: str = "", **environment: str
) -> tuple[list[str], list[str]]:
    """The commands of falcot-rtc that were seen meanwhile, and where the password was."""
    task = {
        "argv": argv,
        "input": input,
        "environment": environment,
        "password": password,
        "commands": COMMANDS,
    }
    seen, found, code = json.loads(host.run(["python3", "-c", LOOK], input=json.dumps(task)).stdout)
    assert code == 0
    return seen, found


def test_no_process_shows_a_password(host: Host) -> None:
    """In its arguments or its environment, whoever started it."""
    password = chosen()
    assert look(host, password, ["sh", "-c", "cat; true", password]) == ([], ["cmdline"])
    assert look(host, password, ["cat"], X=f"is {password}") == ([], ["environ"])
    falcot = ["falcot-rtc", "user"]
    for verb, input in (
        (["add", "kim", "--password-stdin"], password),
        (["passwd", "kim", "--password-stdin"], password),
        (["import", "-", "--format", "csv"], f"name,password\nlee,{password}\n"),
    ):
        seen = look(host, password, [*falcot, *verb], input)
        assert seen == ([f"falcot-rtc user {verb[0]}"], [])
    command = "falcot-rtc user passwd kim"
    with Terminal(host=host, name="passwd-seen", command=command) as terminal:
        terminal.expect("Password:")
        terminal.type(password)
        terminal.expect("Again:")
        assert look(host, password, ["true"]) == (["falcot-rtc user passwd"], [])
        terminal.type(password)
        terminal.ends()
    user(host, "delete", "kim", "lee")


def test_killed_at_any_step_a_new_password_is_in_force_everywhere_or_nowhere(host: Host) -> None:
    """Once anything was done after it."""
    kills = Kills(host=host, counted=True)
    kills.install()
    old, steps, kept = chosen(), list[str](), set[bool]()
    user(host, "add", "max", "--password-stdin", input=old)
    code = KILLED[0]
    while code:
        new = chosen()
        with kills.armed("self", steps):
            command = ["falcot-rtc", "user", "passwd", "max", "--password-stdin"]
            code = host.run(command, input=new, check=False).returncode
        assert code in (0, *KILLED), steps
        user(host, "enable", "jane")
        answers = {
            service.role: [
                service.welcome in answer.text
                for answer in guess(host, service.mode, [("max", old), ("max", new)])
            ]
            for service in (SIP, XMPP, TURN)
        }
        changed = answers["sip"] == [False, True]
        assert set(map(tuple, answers.values())) == {(not changed, changed)}, (steps, answers)
        kept.add(changed)
        old = new if changed else old
    # Before it was in the store, and between one service and the next.
    assert changed and kept == {False, True} and len(steps) > 5, steps
    user(host, "delete", "max")


def test_two_administrators_at_once_lose_nothing(host: Host) -> None:
    names = [f"person{number}" for number in range(6)]
    said: list[str] = []
    threads = [
        threading.Thread(target=lambda one=name: said.append(user(host, "add", one, "--generate")))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == len(names)
    addresses = [row["address"] for row in json.loads(user(host, "list", "--json"))]
    assert {f"{name}@{DOMAIN}" for name in names} <= set(addresses)
    user(host, "delete", *names)
    assert_fine(host)


def test_delete_leaves_nothing_for_a_later_joe(host: Host) -> None:
    user(host, "delete", "joe")
    assert refused(host, "joe", FIRST) == LOG_INS
    left = host.shell(f"find /var/lib/prosody/{DOMAIN.replace('.', '%2e')} -name 'joe*'").stdout
    assert left == ""
    assert host.run(["falcot-rtc", "user", "show", "joe"], check=False).returncode == 2
    assert_fine(host)


def test_what_prosodyctl_did_is_named_adopted_or_removed(host: Host) -> None:
    prosodyctl = ["prosodyctl", "register", "eve", DOMAIN, "made past everything 5"]
    host.run(prosodyctl)
    host.run(["prosodyctl", "register", "mallory", DOMAIN, "made past everything 6"])
    checked = host.run(["falcot-rtc", "check", "--failed"], check=False)
    assert checked.returncode == 1
    assert f"eve@{DOMAIN} is no account of the store" in " ".join(checked.stdout.split())
    host.run(["falcot-rtc", "apply"])
    assert host.run(["falcot-rtc", "user", "sync"], check=False).returncode == 1

    said = host.run(["falcot-rtc", "user", "sync", "--adopt"]).stdout
    assert f"eve@{DOMAIN} needs a new password for sip, turn" in said
    assert refused(host, "eve", "made past everything 5") == {"sip", "turn"}
    user(host, "delete", "eve", "mallory")

    host.run(prosodyctl)
    user(host, "sync", "--remove")
    assert refused(host, "eve", "made past everything 5") == LOG_INS
    assert user(host, "sync") == "nothing to do\n"
    assert_fine(host)


def test_what_kamctl_did_is_named_and_removed_what_turnadmin_did_is_nothing(host: Host) -> None:
    """turnadmin writes a database of its own, which coturn does not read here."""
    password = chosen()
    database = ("DBENGINE=SQLITE", "DB_PATH=/var/lib/falcot-rtc/sip/subscribers.sqlite")
    host.run(["env", *database, f"SIP_DOMAIN={DOMAIN}", "kamctl", "add", "oscar", password])
    host.run(["turnadmin", "-a", "-u", "oscar", "-r", DOMAIN, "-p", password])
    assert refused(host, "oscar", password) == LOG_INS - {"sip"}
    found = host.run(["falcot-rtc", "user", "sync", "--check"], check=False)
    assert found.returncode == 1
    assert f"oscar@{DOMAIN} is no account of the store" in found.stdout
    user(host, "sync", "--remove")
    assert refused(host, "oscar", password) == LOG_INS
    assert_fine(host)
