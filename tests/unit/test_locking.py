# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError
from falcot_rtc.locking import holder, locked

# Holds the lock until its input ends, or until somebody who waits says so.
HOLDER = """
import fcntl, sys
stream = open(sys.argv[1], "w")
fcntl.flock(stream, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock() -> Iterator[Path]:
    """Where the lock is on a host, too: on a tmpfs, whose numbers the kernel lists as they are."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        yield Path(directory) / "run" / "x.lock"


@pytest.fixture
def other(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has it."""
    lock.parent.mkdir()
    argv = (sys.executable, "-c", HOLDER, str(lock))
    with subprocess.Popen(argv, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def test_nobody_waits_for_a_free_lock(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(lock, 5):
        assert f"process {os.getpid()} (" in holder(lock)
    assert holder(lock) == ""
    assert capsys.readouterr().err == ""


def test_who_waits_is_told_for_whom(
    lock: Path, other: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FalcotError, match="another falcot-rtc is at work") as caught:
        with locked(lock, 2):
            raise AssertionError("two writers")
    assert f": process {other.pid} ('{sys.executable} -c " in caught.value.message
    said = capsys.readouterr().err
    assert said.startswith(f"falcot-rtc: waiting for process {other.pid} (")
    assert said.count("\n") == 1


def test_where_the_kernel_does_not_tell(
    lock: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("falcot_rtc.locking.LOCKS", lock / "none")
    with pytest.raises(FalcotError, match=r"another falcot-rtc is at work on this host \(hint"):
        with locked(lock, 2):
            raise AssertionError("two writers")


def test_it_goes_on_when_the_other_ends(
    lock: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen:
        def write(self, text: str) -> None:
            """Nobody reads it any more, as behind a line that dropped; the other is done now."""
            assert other.stdin
            other.stdin.close()
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Screen())
    with locked(lock, 30):
        assert other.wait() == 0
