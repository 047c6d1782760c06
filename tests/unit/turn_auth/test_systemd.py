# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
from pathlib import Path

from falcot_rtc.turn_auth.systemd import Notifier, Passed, inherited, passed


def test_descriptors_have_names_in_order() -> None:
    environment = {"LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "listen:connection-1"}
    assert passed(environment, 7) == (
        Passed(descriptor=3, name="listen"),
        Passed(descriptor=4, name="connection-1"),
    )


def test_without_names_they_are_unknown() -> None:
    environment = {"LISTEN_PID": "7", "LISTEN_FDS": "2"}
    assert [one.name for one in passed(environment, 7)] == ["", "unknown"]


def test_those_of_another_process_are_not_ours() -> None:
    environment = {"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "listen"}
    assert passed(environment, 8) == ()
    assert passed({}, 8) == ()
    assert len(inherited({**environment, "LISTEN_PID": str(os.getpid())})) == 1


def test_a_descriptor_goes_to_the_manager(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        notifier = Notifier(path)
        notifier.tell("READY=1")
        assert manager.recv(100) == b"READY=1"
        reading, writing = os.pipe()
        notifier.store(writing, "connection-1")
        state, descriptors, _, _ = socket.recv_fds(manager, 100, 4)
        assert state == b"FDSTORE=1\nFDNAME=connection-1"
        os.write(descriptors[0], b"the same pipe")
        assert os.read(reading, 100) == b"the same pipe"
        notifier.unstore("connection-1")
        assert manager.recv(100) == b"FDSTOREREMOVE=1\nFDNAME=connection-1"
        for descriptor in (reading, writing, *descriptors):
            os.close(descriptor)
        notifier.close()


def test_without_a_manager_nothing_happens() -> None:
    Notifier("").tell("READY=1")
