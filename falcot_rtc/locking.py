# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of all writers, flock(2), and who has it: the kernel's own list, proc_locks(5)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from falcot_rtc.errors import FalcotError, named

# Most writers are done sooner, and nobody has to know of them.
QUIET = 1
LOCKS = Path("/proc/locks")


def holder(at: Path) -> str:
    """The process that holds the lock, as people need it; empty if it is gone or hidden."""
    status = at.stat()
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        locks = LOCKS.read_text(encoding="ascii")
    except OSError:
        return ""  # As in a sandbox with ProcSubset=pid.
    for line in locks.splitlines():
        # "1: FLOCK ADVISORY WRITE 812 00:1b:77 0 EOF"; who waits has "->" behind the number.
        words = line.split()
        if words[1] == "FLOCK" and words[5] == file:
            return f"process {words[4]}{_command(words[4])}"
    return ""


def _command(pid: str) -> str:
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
    return f" ({named(' '.join(argv.split(chr(0))).strip())})" if argv else ""


@contextlib.contextmanager
def locked(at: Path, seconds: int) -> Iterator[None]:
    """Hold the lock; raises FalcotError when another holds it for so long."""
    at.parent.mkdir(parents=True, exist_ok=True)
    with at.open("w") as stream:
        try:
            _wait(stream.fileno(), at, seconds)
        except TimeoutError as error:
            who = holder(at)
            raise FalcotError(
                f"another falcot-rtc is at work on this host{who and ': '}{who}",
                hint=f"wait for it; `fuser -v {at}` names it",
            ) from error
        yield


def _wait(descriptor: int, at: Path, seconds: int) -> None:
    left = seconds

    def ring(*_: object) -> None:
        nonlocal left
        left -= QUIET
        if left <= 0:
            raise TimeoutError
        who = holder(at) or "another falcot-rtc"
        with contextlib.suppress(OSError):  # Nobody reads it any more; the lock is wanted still.
            print(f"falcot-rtc: waiting for {who}", file=sys.stderr)
        signal.alarm(left)
        left = 0

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(min(QUIET, seconds))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
