# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and end a booted container (systemd-nspawn(1)), whatever PID 1 of this machine is."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab.command import CLEAN_ENVIRONMENT, run

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
ENOUGH = 1024
CGROUPS = Path("/sys/fs/cgroup")
# systemd(1): SIGRTMIN+4 means poweroff.
# Seconds for processes that were killed with their PID 1 to be gone.
DYING = 30.0
POWER_OFF = signal.SIGRTMIN + 4
NSPAWN_ENVIRONMENT = {**CLEAN_ENVIRONMENT, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process, told from a later one with the same number by its start time."""

    pid: int
    started: int

    def is_alive(self) -> bool:
        return _started(self.pid) == self.started

    def wait(self, timeout: float) -> bool:
        """Wait for the end of the process, ours or not; False when `timeout` seconds pass."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.is_alive():
                return True
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            return bool(poll.poll(timeout * 1000))
        finally:
            os.close(descriptor)


def _started(pid: int) -> int | None:
    """Start time of a living process in clock ticks (proc(5)); None for none and for zombies."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text(encoding="utf-8").rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    values = fields.split()
    return None if values[0] in "ZX" else int(values[19])


def process(pid: int) -> Process:
    """The living process `pid`."""
    started = _started(pid)
    if started is None:
        raise FalcotError(f"process {pid} ended at once")
    return Process(pid=pid, started=started)


def detached(started: subprocess.Popen[bytes]) -> Process:
    """What was started, to live on without its Popen object; who ends it reaps it."""
    # Or the object would warn of a process that still runs when it is collected.
    started.returncode = 0
    return process(started.pid)


def unit(name: str) -> str:
    return f"falcot-rtc-lab-{name}"


def command(
    name: str, root: Path, network_namespace: Path, binds: tuple[tuple[Path, str], ...]
) -> tuple[str, ...]:
    """The systemd-nspawn command; binds are read-only (source on this machine, path inside)."""
    argv = ["systemd-nspawn", "--quiet", "--boot", "--keep-unit", "--register=no"]
    argv += [f"--directory={root}", f"--machine={name}", "--private-users=no"]
    argv += ["--resolv-conf=off", "--timezone=off", "--link-journal=no"]
    argv += [f"--network-namespace-path={network_namespace}", "--capability=CAP_NET_ADMIN"]
    for source, target in binds:
        escaped = str(source).replace(":", "\\:")
        argv.append(f"--bind-ro={escaped}:{target}")
    return tuple(argv)


def make_room() -> None:
    """Let more than a dozen hosts run: the kernel gives a user 128 inotify instances (inotify(7)).

    A systemd needs several, and all hosts share ours.
    """
    present = int(INSTANCES.read_text(encoding="ascii"))
    if present < ENOUGH:
        try:
            INSTANCES.write_text(f"{ENOUGH}\n", encoding="ascii")
        except OSError as error:
            print(f"lab: {INSTANCES} stays {present}: {error.strerror}", file=sys.stderr)


def launch(name: str, argv: tuple[str, ...], console: Path) -> Process:
    """Start `argv` in a control group of its own that outlives this Python process."""
    make_room()
    if Path("/run/systemd/system").is_dir():
        return _launch_unit(name, argv, console)
    procs = _own_group(name) / "cgroup.procs"
    with console.open("ab") as output:
        started = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=NSPAWN_ENVIRONMENT,
            start_new_session=True,
            # Before exec: a container manages the group that it finds itself in.
            preexec_fn=lambda: _enter(procs),
        )
    return detached(started)


def _enter(procs: Path) -> None:
    procs.write_text(str(os.getpid()), encoding="utf-8")


def _launch_unit(name: str, argv: tuple[str, ...], console: Path) -> Process:
    properties = (
        "Delegate=yes",
        "KillMode=mixed",
        "TasksMax=infinity",
        f"StandardOutput=append:{console}",
        f"StandardError=append:{console}",
        # 133: the container asked to be rebooted, which the lab does itself.
        "SuccessExitStatus=133",
    )
    start = ["systemd-run", "--quiet", "--collect", "--service-type=exec", f"--unit={unit(name)}"]
    start += [f"--property={setting}" for setting in properties]
    start += ["--setenv=SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", "--", *argv]
    run(start)
    shown = run(["systemctl", "show", "--property=MainPID", "--value", unit(name)]).stdout
    return process(int(shown))


def _group(name: str) -> Path:
    """Where a machine without systemd keeps version 2 groups: hybrid layout, or unified."""
    hybrid = CGROUPS / "unified"
    return (hybrid if hybrid.is_dir() else CGROUPS) / unit(name)


def _own_group(name: str) -> Path:
    group = _group(name)
    if not (group.parent / "cgroup.procs").exists():
        raise FalcotError(
            f"no version 2 control groups in {group.parent}",
            hint="mount -t cgroup2 cgroup2 /sys/fs/cgroup",
        )
    group.mkdir(exist_ok=True)
    return group


def leader(container: Process) -> int | None:
    """The container's PID 1 as this machine numbers it, once it runs systemd."""
    children = Path("/proc", str(container.pid), "task", str(container.pid), "children")
    try:
        for child in children.read_text(encoding="utf-8").split():
            proc = Path("/proc", child)
            # Before it has become systemd it may still see this machine's own root.
            if proc.joinpath("exe").readlink().name != "systemd":
                continue
            status = proc.joinpath("status").read_text(encoding="utf-8")
            inside = next(line for line in status.splitlines() if line.startswith("NSpid:"))
            if inside.split()[-1] == "1":
                return int(child)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None


def await_leader(container: Process, deadline: float) -> int:
    """The container's PID 1, at the latest at `deadline` (time.monotonic())."""
    while time.monotonic() < deadline:
        found = leader(container)
        if found is not None:
            return found
        if not container.is_alive():
            break
        container.wait(0.02)
    raise FalcotError("the container did not start")


def end(name: str, container: Process, *, orderly: bool, timeout: float = 90) -> None:
    """Power the container off, or cut its power; afterwards none of its processes is left."""
    first = leader(container)
    if first is not None:
        os.kill(first, POWER_OFF if orderly else signal.SIGKILL)
    if not (first is not None and container.wait(timeout)):
        # The kernel ends every process of a PID namespace together with its PID 1.
        first = leader(container)
        for pid in (first, container.pid if container.is_alive() else None):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        container.wait(timeout)
    _reap(container.pid)
    if Path("/run/systemd/system").is_dir():
        # Gone already, mostly; but the name must be free before the next start.
        run(["systemctl", "stop", unit(name)], check=False)
    _remove_groups(_group(name))


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def _is_populated(group: Path) -> bool:
    return "populated 1" in (group / "cgroup.events").read_text(encoding="utf-8")


def _remove_groups(group: Path) -> None:
    if group.is_dir() and group.name.startswith(unit("")):
        # What was killed is still in its group until the kernel has taken it apart (cgroups(7)).
        deadline = time.monotonic() + DYING
        while _is_populated(group) and time.monotonic() < deadline:
            time.sleep(0.02)
        for directory, _, _ in os.walk(group, topdown=False):
            Path(directory).rmdir()
