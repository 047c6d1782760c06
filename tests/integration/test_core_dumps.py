# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that hold passwords are made to crash, and leave no memory behind (core(5)).

What the kernel does with a core is the same for all hosts of a machine (/proc/sys/kernel/
core_pattern), so nothing here changes it: it dumps into the working directory, unless somebody
wants otherwise. That a process of the same kind does leave one is shown beside each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from signal import Signals

import pytest

from tests.integration import outside
from tests.integration.conftest import booted
from tests.integration.observe import absent, units, until
from tests.integration.people import Person, chosen, people
from tests.integration.terminal import ENDED, Terminal
from tests.integration.test_jail import guess
from tests.lab.host import Host

CORES = "/srv/cores"
# A process dumps its core where it works, which most of them may not write to.
WORKING = f"[Service]\nWorkingDirectory={CORES}\nReadWritePaths={CORES}\n"
CARELESS = "LimitCORE=infinity\n"
SERVICES = ("prosody", "coturn", "apache2@falcot-rtc", "falcot-rtc-turn-auth")
# It says so once it holds the password that it was given.
HOLDER = "import sys, time; held = sys.stdin.readline(); print('held', flush=True); time.sleep(600)"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("cores", release, installed, archive) as host:
        pattern = host.read("/proc/sys/kernel/core_pattern").strip()
        if not re.fullmatch(r"[^|/]+", pattern):
            pytest.skip(f"this machine does something of its own with cores: {pattern}")
        host.run(["install", "-d", "-m", "1777", CORES])
        yield host


@pytest.fixture
def joe(host: Host) -> Iterator[Person]:
    with people(host, "joe") as (joe,):
        yield joe


def cores(host: Host, place: str = CORES) -> list[str]:
    """The dumps that there are; afterwards there are none."""
    found = host.shell(f"find {place} -maxdepth 1 -type f -name 'core*'").stdout.split()
    host.run(["rm", "-f", *found])
    return found


def works_in(host: Host, pid: str) -> str:
    return host.run(["readlink", f"/proc/{pid}/cwd"]).stdout.strip()


def crash(host: Host, pid: str, signal: str = "SEGV") -> None:
    """End it as a fault of its own would, and wait until it is gone, its dump written."""
    host.run(["kill", f"-{signal}", pid])
    until(lambda: host.exists(f"/proc/{pid}/status"), lambda there: not there)


def carelessly(command: str) -> str:
    return f"cd {CORES} && ulimit -c unlimited && exec {command}"


def pid_of(host: Host, words: str) -> str:
    """The one process with this in its command line."""
    (pid,) = until(lambda: host.run(["pgrep", "-f", words], check=False).stdout.split(), bool)
    return pid


def test_a_careless_process_leaves_the_password(host: Host) -> None:
    """The control: what is looked for below is found."""
    password = chosen()
    command = carelessly(f'python3 -c "{HOLDER}"')
    with outside.running(host.command(["sh", "-c", command])) as program:
        program.say(f"{password}\n")
        program.line(lambda line: line == "held")
        crash(host, pid_of(host, "^python3 -c import sys, time"))
    assert host.shell(f"grep -lF {password} {CORES}/*").stdout
    assert len(cores(host)) == 1


@pytest.mark.parametrize("signal", ["SEGV", "ABRT"])
def test_the_command_that_asks_for_it(host: Host, joe: Person, signal: str) -> None:
    command = carelessly(f"falcot-rtc user passwd {joe.name}")
    with Terminal(host=host, name="crash", command=f"sh -c '{command}'") as terminal:
        terminal.expect("Password:")
        terminal.type(chosen())
        terminal.expect("Again:")
        crash(host, pid_of(host, f"falcot-rtc user passwd {joe.name}$"), signal)
        assert f"{ENDED}{128 + getattr(Signals, f'SIG{signal}')}" in terminal.expect(ENDED)
    assert cores(host) == []


def test_the_command_that_reads_many(host: Host) -> None:
    """Some people are in already, and their file goes on."""
    rows = "".join(f"many-{number},{chosen()}\n" for number in range(700))
    command = carelessly("falcot-rtc user import -")
    with outside.running(host.command(["sh", "-c", command])) as program:
        program.say(f"name,password\n{rows}")
        listed = ["falcot-rtc", "user", "list"]
        assert until(lambda: "many-0@" in host.run(listed).stdout, bool)
        crash(host, pid_of(host, "falcot-rtc user import -$"))
    assert cores(host) == []


def test_the_page_for_passwords(host: Host, joe: Person) -> None:
    unit = "falcot-rtc-password.service"
    host.push(f"/etc/systemd/system/{unit}.d/99-lab.conf", WORKING + CARELESS)
    host.run(["systemctl", "daemon-reload"])
    host.run(["systemctl", "stop", unit])
    guess(host, "web", [(joe.name, "wrong"), (joe.name, joe.password)])
    (pid,) = units(host, [unit], "MainPID")[unit]
    assert works_in(host, pid) == CORES
    crash(host, pid)
    assert cores(host) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service(host: Host, joe: Person, service: str) -> None:
    """With our limit it leaves nothing, with none it does: it could have, and it was looked for."""
    unit = f"{service}.service"
    left = []
    for more in ("", CARELESS):
        host.push(f"/etc/systemd/system/{unit}.d/99-lab.conf", WORKING + more)
        host.run(["systemctl", "daemon-reload"])
        host.run(["systemctl", "restart", unit])
        # Until then it may be systemd's own child, which has no limit yet.
        assert absent(host) == set()
        (pid,) = units(host, [unit], "MainPID")[unit]
        # prosody goes to its data, apache to /; both may write there.
        place = works_in(host, pid)
        # Not SEGV: apache takes that as a reason to go elsewhere first.
        crash(host, pid, "TRAP")
        left.append(len(cores(host, place)))
    assert left == [0, 1]
