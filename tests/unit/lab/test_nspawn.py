# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.nspawn: container commands, and processes that are waited for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError
from tests.lab.nspawn import command, leader, process


def test_command_binds_read_only_and_escapes_colons() -> None:
    argv = command("t1", Path("/c/root"), Path("/run/netns/t1"), ((Path("/a:b"), "/srv/debian"),))
    assert argv[0] == "systemd-nspawn"
    assert "--bind-ro=/a\\:b:/srv/debian" in argv
    assert "--network-namespace-path=/run/netns/t1" in argv


def test_a_process_is_waited_for_and_a_zombie_is_dead() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as started:
        watched = process(started.pid)
        assert watched.is_alive()
        assert not watched.wait(0.01)
        assert started.stdin is not None
        started.stdin.close()
        assert watched.wait(10)
        assert not watched.is_alive()
        assert started.wait() == 0
    assert watched.wait(0)


def test_an_ended_process_cannot_be_watched() -> None:
    with subprocess.Popen(["true"]) as started:
        started.wait()
    with pytest.raises(FalcotError, match="ended at once"):
        process(started.pid)


def test_a_process_without_a_container_has_no_leader() -> None:
    assert leader(process(os.getpid())) is None
