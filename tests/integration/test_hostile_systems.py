# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Full and read-only disks, no network, two at once, faults of ours, policy-rc.d(8), no systemd."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.integration.conftest import PRESEED, booted
from tests.integration.kills import Kills
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    active,
    assert_fine,
    invocations,
    own_lines,
    starts,
    until,
)
from tests.integration.terminal import Terminal
from tests.lab import network
from tests.lab.command import CLEAN_ENVIRONMENT, run
from tests.lab.host import Host

OVERLAY = "/etc/falcot-rtc/local.d/coturn/hostile.conf"
CURRENT = "/etc/falcot-rtc/current"
STATE = "/var/lib/falcot-rtc"
SETTINGS = "/etc/falcot-rtc/settings.toml"
LOCK = "/run/lock/falcot-rtc.lock"
OTHER_DOMAIN = '[[domain]]\nname = "example.net"\n'
# What apply does when all is well already: it notes what it did, and removes old generations.
AFTERWARDS = ("os.rename record", "os.remove old", "os.rmdir old", "os.rmdir generation")
FORBIDDING = "#!/bin/sh\nexit 101\n"

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def hostile(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site to which each test does something bad, and then undoes it."""
    with booted("hostile", release, installed, archive) as host:
        yield host


@contextmanager
def pending(host: Host) -> Iterator[None]:
    """A change that waits to be applied: coturn would restart. All is well again afterwards."""
    host.push(OVERLAY, "max-allocate-lifetime=1800\n")
    yield
    host.run(["rm", OVERLAY])
    host.run(["falcot-rtc", "apply"])
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert active(host, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}


def apply(host: Host) -> Done:
    return host.run(["falcot-rtc", "apply"], check=False)


def reconfigure(host: Host) -> Done:
    command = ["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"]
    return host.run(command, check=False)


def in_force(host: Host) -> tuple[str, object]:
    return host.run(["readlink", CURRENT]).stdout, invocations(host)


def the_line(done: Done) -> str:
    """The one line that falcot-rtc said on standard error."""
    (line,) = own_lines(done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    return line


# disks


@contextmanager
def read_only_etc(host: Host) -> Iterator[None]:
    host.shell("mount --bind /etc /etc; mount -o remount,bind,ro /etc")
    try:
        yield
    finally:
        host.run(["umount", "/etc"])


def test_a_read_only_etc(hostile: Host) -> None:
    with pending(hostile):
        before = in_force(hostile)
        with read_only_etc(hostile):
            refused = apply(hostile)
            assert refused.returncode == 1
            line = the_line(refused)
            assert refused.stderr == f"{line}\n"
            assert "everything is as before: /etc/falcot-rtc/current: Read-only file sy" in line
            assert "(hint: mount it writable, then do it again)" in line
            assert "taking back" not in refused.stdout
            change = ["falcot-rtc", "config", "set", "admin", "joe"]
            put = hostile.run(change, check=False)
            assert put.returncode == 1
            assert f"{SETTINGS}: Read-only file system" in the_line(put)
            # deb-systemd and systemd-sysusers give up before it is our turn.
            assert "Traceback" not in reconfigure(hostile).stderr
        assert in_force(hostile) == before
        assert apply(hostile).returncode == 0


@pytest.fixture
def small(own_site: Host) -> Host:
    """A site whose /var/lib/falcot-rtc is a file system of its own, of eight megabytes."""
    own_site.run(["systemctl", "stop", *DAEMONS, SOCKET, "falcot-rtc-turn-auth.service"])
    own_site.shell(
        f"mkdir /mnt/new; mount -t tmpfs -o size=8m,mode=755 tmpfs /mnt/new;"
        f" cp -a {STATE}/. /mnt/new; mount --move /mnt/new {STATE}"
        f" || {{ mount --bind /mnt/new {STATE}; umount /mnt/new; }}"
    )
    own_site.run(["systemctl", "start", *DAEMONS, SOCKET])
    assert_fine(own_site)
    return own_site


def certificates(host: Host) -> str:
    return host.shell(f"cd {STATE}/tls; find . -type f -exec sha256sum {{}} + | sort -k2").stdout


def test_a_disk_that_is_full(small: Host) -> None:
    """Said before anything is touched: taking back needs some room as well."""
    text = small.read(SETTINGS)
    small.push(SETTINGS, text + OTHER_DOMAIN)
    before, kept = in_force(small), certificates(small)
    for free in (0, 64, 1024, 4000):
        small.shell(
            f"dd if=/dev/zero of={STATE}/full bs=4k status=none || true;"
            f" truncate --size=-{free}K {STATE}/full"
        )
        refused = apply(small)
        assert refused.returncode == 1
        line = the_line(refused)
        assert refused.stderr == f"{line}\n"
        assert "KiB are free, apply needs 4096 (hint: free some space there (df -h)" in line
        packaged = reconfigure(small)
        assert packaged.returncode == 0, packaged.stderr
        assert packaged.stderr.splitlines() == own_lines(packaged.stderr)
        assert re.search(r"No space left on device|KiB are free", packaged.stderr)
        assert in_force(small) == before
        assert certificates(small) == kept
    small.run(["rm", f"{STATE}/full"])
    assert apply(small).returncode == 0
    assert_fine(small)


def test_a_disk_that_fills_up_at_any_step(hostile: Host) -> None:
    """Somebody else took the room that was there: all is taken back, certificates too."""
    kills = Kills(host=hostile)
    kills.install()
    text = hostile.read(SETTINGS)
    hostile.push(SETTINGS, text + OTHER_DOMAIN)
    current, kept = hostile.run(["readlink", CURRENT]).stdout, certificates(hostile)
    chosen: list[str] = []
    for _ in range(100):
        with kills.armed("disk", chosen):
            refused = apply(hostile)
        if refused.returncode == 0:
            break
        line = the_line(refused)
        assert (refused.returncode, refused.stderr) == (1, f"{line}\n")
        assert "No space left on device" in line
        assert active(hostile, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
        if "everything is as before" in line:
            assert hostile.run(["readlink", CURRENT]).stdout == current, chosen[-1]
            assert certificates(hostile) == kept, chosen[-1]
    assert {"os.rename certificate", "os.rename staged", "os.rename current"} <= set(chosen)
    hostile.push(SETTINGS, text)
    assert apply(hostile).returncode == 0
    assert_fine(hostile)


# network


def test_an_interface_that_is_down(hostile: Host) -> None:
    with pending(hostile):
        before = in_force(hostile)
        wire = hostile.running.network
        run(["ip", "-n", wire.name, "link", "set", network.INTERFACE, "down"])
        try:
            refused, packaged = apply(hostile), reconfigure(hostile)
        finally:
            network.prepare_host_side(wire)
        assert refused.returncode == 1
        assert packaged.returncode == 0
        for done in (refused, packaged):
            line = the_line(done)
            assert f"address.ipv6.bind: '{network.HOST_IPV6[0]}' is not an address" in line
            assert "(hint: " in line
        assert in_force(hostile) == before
        assert apply(hostile).returncode == 0
    assert_fine(hostile)


def test_no_route_and_no_name_server(hostile: Host) -> None:
    resolver, wire = hostile.read("/etc/resolv.conf"), hostile.running.network
    with pending(hostile), ExitStack() as back:
        back.callback(network.prepare_host_side, wire)
        back.callback(hostile.push, "/etc/resolv.conf", resolver)
        hostile.push("/etc/resolv.conf", "nameserver 192.0.2.1\n")
        for family in ("-4", "-6"):
            run(["ip", "-n", wire.name, family, "route", "delete", "default"])
        done = apply(hostile)
        assert (done.returncode, done.stderr) == (0, "")
        assert "restart coturn.service" in done.stdout
        assert reconfigure(hostile).returncode == 0


# two at once


def started(host: Host, *argv: str) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(host.command(argv), env=CLEAN_ENVIRONMENT, text=True, **pipes)


def waiting(host: Host) -> int:
    """How many processes wait for the lock (proc_locks(5))."""
    inode = host.run(["stat", "--format=%i", LOCK]).stdout.strip()
    rows = host.read("/proc/locks").splitlines()
    return sum("->" in row and row.split()[-3].endswith(f":{inode}") for row in rows)


@pytest.mark.parametrize("second", ["apply", "trigger"])
def test_two_at_once_take_their_turns(hostile: Host, second: str) -> None:
    commands = [("falcot-rtc", "apply")]
    if second == "apply":
        commands.append(("falcot-rtc", "apply"))
    else:
        # As when coturn's package was upgraded.
        hostile.run(["dpkg-trigger", "--by-package=coturn", "/usr/bin/turnserver"])
        commands.append(("dpkg", "--triggers-only", "falcot-rtc"))
    with pending(hostile):
        holder = started(hostile, "flock", LOCK, "cat")
        holding = lambda: hostile.run(["flock", "--nonblock", LOCK, "true"], check=False)  # noqa: E731
        until(lambda: holding().returncode, lambda code: code == 1)
        rivals = [started(hostile, *command) for command in commands]
        assert until(lambda: waiting(hostile), lambda number: number == 2) == 2
        told = rf"falcot-rtc: waiting for process \d+ \(flock {LOCK} cat\)\n"
        for rival in rivals:
            assert rival.stderr is not None
            assert re.fullmatch(told, rival.stderr.readline())
        holder.communicate()
        ended = [(*rival.communicate(), rival.returncode) for rival in rivals]
        assert [code for _, _, code in ended] == [0, 0], ended
        assert "".join(err for _, err, _ in ended) == ""
        said = "".join(out for out, _, _ in ended)
        # Whoever was second had nothing left to do.
        assert said.count("restart coturn.service") <= 1
        assert hostile.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
        assert hostile.run(["dpkg", "--audit"]).stdout == ""


# a line that drops

GATE = "/run/gate"
# coturn does not start before the gate is there: apply is in the midst of its work until then.
GATED = f"""\
[Service]
ExecStartPre=+/bin/sh -c 'until [ -e {GATE} ]; do sleep 0.1; done'
"""
GATED_UNIT = "/run/systemd/system/coturn.service.d/99-gate.conf"


def test_an_apply_whose_terminal_is_gone_takes_everything_back(hostile: Host) -> None:
    with pending(hostile):
        hostile.push(GATED_UNIT, GATED)
        hostile.run(["systemctl", "daemon-reload"])
        before = hostile.run(["readlink", CURRENT]).stdout
        with Terminal(host=hostile, name="dropped", command="falcot-rtc apply") as terminal:
            terminal.expect("restart coturn.service")
            assert hostile.run(["readlink", CURRENT]).stdout != before
        # Nobody reads it there any more.
        line = "interrupted: everything is taken back, please wait"
        said = lambda: hostile.journal("--identifier=falcot-rtc", "--output=cat")  # noqa: E731
        assert line in until(said, lambda text: line in text)
        hostile.push(GATE, "")
        hostile.run(["flock", LOCK, "true"])
        assert hostile.run(["readlink", CURRENT]).stdout == before
        assert "write generation" in hostile.run(["falcot-rtc", "plan"]).stdout
        hostile.run(["rm", GATED_UNIT, GATE])
        hostile.run(["systemctl", "daemon-reload"])
        assert active(hostile, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}


# faults of ours


def test_a_fault_of_ours_at_each_kind_of_step(hostile: Host) -> None:
    """dpkg goes on, one line is said, the journal has the traceback, all is as before."""
    kills = Kills(host=hostile)
    kills.install()
    chosen: list[str] = []
    with pending(hostile):
        current = hostile.run(["readlink", CURRENT]).stdout
        for _ in range(100):
            hostile.run(["dpkg-trigger", "--by-package=coturn", "/usr/bin/turnserver"])
            before = len(chosen)
            with kills.armed("surprise", chosen):
                done = hostile.run(["dpkg", "--triggers-only", "falcot-rtc"], check=False)
            assert done.returncode == 0, done.stderr
            assert hostile.run(["dpkg", "--audit"]).stdout == ""
            if len(chosen) == before:
                break
            line = the_line(done)
            assert f"internal error: Surprise: {chosen[-1]}" in line
            assert "journalctl -t falcot-rtc" in line
            assert active(hostile, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
            # A rename that is told of before it happens is the last that could be as before.
            if not chosen[-1].startswith(AFTERWARDS):
                assert hostile.run(["readlink", CURRENT]).stdout == current, chosen[-1]
        assert "max-allocate-lifetime" in hostile.read(f"{CURRENT}/turn/turnserver.conf")
    assert [kind for kind in chosen if "restart coturn" in kind]
    journal = hostile.journal("-t", "falcot-rtc")
    assert "Traceback (most recent call last):" in journal
    assert "Surprise: command systemctl restart coturn.service" in journal
    assert_fine(hostile)


# where services must not be started


@contextmanager
def forbidden(host: Host) -> Iterator[None]:
    host.push("/usr/sbin/policy-rc.d", FORBIDDING, mode=0o755)
    try:
        yield
    finally:
        host.run(["rm", "/usr/sbin/policy-rc.d"])


def test_policy_rc_d_on_a_running_system(hostile: Host) -> None:
    with pending(hostile):
        before = invocations(hostile)
        with forbidden(hostile):
            done = apply(hostile)
            assert (done.returncode, done.stderr) == (0, "")
            assert "not done: restart coturn.service" in done.stdout
            assert invocations(hostile) == before
            assert "restart coturn.service" in hostile.run(["falcot-rtc", "plan"]).stdout
        after = apply(hostile)
        assert "restart coturn.service" in after.stdout
        assert "not done" not in after.stdout
        assert invocations(hostile)["coturn.service"] != before["coturn.service"]
    assert_fine(hostile)


IMAGE = """\
root=$1
shift
while [ "$#" -gt 0 ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
done
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/lock"
exec chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet install falcot-rtc
"""


def test_an_image_that_starts_everything_at_its_first_boot(bare: Callable[..., Host]) -> None:
    """Installed by chroot(8) with a policy-rc.d that forbids, as image builders do."""
    host = bare("image")
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    host.preseed(PRESEED)
    host.push("/usr/sbin/policy-rc.d", FORBIDDING, mode=0o755)
    host.halt()
    assert host.state is not None
    binds = [word for source, target in host.state.binds for word in (str(source), target)]
    private = ["unshare", "--mount", "--propagation=private", "/bin/sh", "-e", "-c", IMAGE, "sh"]
    done = run([*private, host.root, *binds])
    said = own_lines(done.stdout + done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert said[-1].endswith("prove it: falcot-rtc check")
    (host.root / "usr/sbin/policy-rc.d").unlink()
    host.boot()
    assert until(lambda: active(host, (*DAEMONS, SOCKET)), lambda on: len(on) == 5) == {
        *DAEMONS,
        SOCKET,
    }
    for unit, dropins in starts(host):
        assert f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf" in dropins
    assert host.run(["dpkg", "--audit"]).stdout == ""
    assert host.run(["falcot-rtc", "apply"]).stdout == "nothing to do\n"
    assert_fine(host)
