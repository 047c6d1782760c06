# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends falcot-rtc right before a step that changes something. This file is copied into a host.

The interpreter tells of every step itself (sys.addaudithook, PEP 578), so none is forgotten.
CONTROL says which steps were chosen before; each run ends at the first that was not.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CONTROL = Path("/run/falcot-rtc-killer")
PROGRAMS = ("/usr/bin/falcot-rtc", "/usr/libexec/falcot-rtc/hook")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CHANGES = (
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "sqlite3.connect",
)  # fmt: skip
# What matters of a path, and its name in the coarse enumeration; the first that fits.
PLACES = (
    (r"/run/", "lock"),
    (r"generations/N\.partial/", "staged"),
    (r"generations/N", "generation"),
    (r"/falcot-rtc/tls/", "certificate"),
    (r"\.sqlite|:memory:", "accounts"),
    (r"/etc/systemd/", "unit"),
    (r"/etc/prosody/conf\.d", "link"),
    (r"/etc/prosody/", "target"),
    (r"/falcot-rtc/\.?current", "current"),
    (r"^[^/]", "old generation"),
    (r"\.json|purge\.list", "record"),
    (r"/etc/falcot-rtc/(ca|secrets)/", "secret"),
    (r"/etc/falcot-rtc/", "settings"),
    (r"/etc/apache2", "link"),
    (r"^/var/", "state"),
)
# The coarse enumeration leaves out what nobody could see a difference by, such as the removal of a
# temporary file that is mostly not there.
SEEN_BY_OTHERS = ("os.remove", "os.rename", "os.rmdir", "os.symlink", "sqlite3.connect")
REPLACING = ("os.remove", True)
QUERIES = ("show", "is-failed")


def numberless(text: str) -> str:
    return re.sub(r"generations/\.?\d+", "generations/N", text)


class Surprise(Exception):
    """What nobody foresaw."""


class Killer:
    """Chooses a step; `victim` is what ends there: this process ("self"), or dpkg and all between.

    With "surprise" and "disk" nobody ends, the step fails.
    """

    def __init__(self) -> None:
        self.fine = (CONTROL / "fine").exists()
        self.counted = self.fine or (CONTROL / "counted").exists()
        self.victim = (CONTROL / "victim").read_text().strip()
        self.chosen = CONTROL / "chosen"
        self.before = set(self.chosen.read_text().splitlines())
        self.seen: dict[str, int] = {}
        self.done = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.done:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or not (flags or 0) & WRITING:
                return
            if not os.fsdecode(path).startswith(("/dev/", "/proc/", str(CONTROL))):
                self.path_step(event, path)
        elif event in CHANGES and not isinstance(arguments[0], int):
            self.path_step(event, arguments[1 if event == "os.symlink" else 0])
        elif event == "subprocess.Popen":
            self.command_step("command", arguments[1])

    def path_step(self, event: str, path: Any) -> None:
        name = numberless(os.fsdecode(path))
        if self.fine:
            self.step(f"{event} {name}")
        elif event in SEEN_BY_OTHERS and (event, name.endswith(".falcot-rtc-new")) != REPLACING:
            place = next((word for pattern, word in PLACES if re.search(pattern, name)), name)
            self.step(f"{event} {place}")

    def command_step(self, event: str, argv: Any) -> None:
        words = [numberless(str(word)) for word in argv]
        if words[0] == "systemctl":
            # Asked again and again until the listeners are there.
            self.step(f"{event} {' '.join(words[:2] if words[1] in QUERIES else words)}", once=True)
        else:
            self.step(f"{event} {' '.join(words) if self.fine else 'validator'}")

    def step(self, kind: str, *, once: bool = False) -> None:
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if self.counted and not once:
            kind = f"{kind} #{self.seen[kind]}"
        if kind in self.before:
            return
        self.done = True
        with self.chosen.open("a") as chosen:
            chosen.write(f"{kind}\n")
        if self.victim == "surprise":
            raise Surprise(kind)
        if self.victim == "disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), kind)
        for process in [*reversed(ancestors(until=self.victim)), os.getpid()]:
            os.kill(process, signal.SIGKILL)


def ancestors(*, until: str) -> list[int]:
    """The processes above this one up to and with that named `until`; none if there is no such."""
    found: list[int] = []
    pid = os.getppid()
    while pid > 1:
        found.append(pid)
        status = Path(f"/proc/{pid}/stat").read_text()
        name, _, rest = status.partition("(")[2].rpartition(")")
        if name == until:
            return found
        pid = int(rest.split()[1])
    return []


def arm() -> None:
    """Called when any Python starts on the host (site(7), .pth files)."""
    if not (CONTROL / "victim").exists() or not set(PROGRAMS) & set(sys.orig_argv):
        return
    killer = Killer()
    communicate = subprocess.Popen.communicate

    def after_start(self: Any, *given: Any, **named: Any) -> Any:
        if not killer.done:
            killer.command_step("started", self.args)
        return communicate(self, *given, **named)

    subprocess.Popen.communicate = after_start  # type: ignore[method-assign]
    sys.addaudithook(killer.hook)
