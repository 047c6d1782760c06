# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
from pathlib import Path

import pytest

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from tests.unit.fake_host import FakeHost


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def test_what_is_not_there(host: FakeHost) -> None:
    assert host.read("/etc/none") is None
    assert host.text("/etc/none") == ""
    assert host.target("/etc/none") is None
    assert host.names("/etc") == []
    assert not host.exists("/etc/none")
    host.write("/file", b"x", mode=0o644)
    assert host.read("/file/below") is None
    assert host.names("/file") == []
    assert host.read("/") is None


def test_a_file_has_its_mode_before_its_name(host: FakeHost) -> None:
    host.write("/etc/falcot-rtc/secrets/x", b"secret", mode=0o600)
    assert host.read("/etc/falcot-rtc/secrets/x") == b"secret"
    assert host.access("/etc/falcot-rtc/secrets/x")[2] == 0o600
    assert host.names("/etc/falcot-rtc/secrets") == ["x"]


def test_the_mode_does_not_depend_on_the_umask(host: FakeHost) -> None:
    before = os.umask(0o077)
    try:
        host.write("/x", b"", mode=0o644)
        host.make_directory("/d", mode=0o755)
    finally:
        os.umask(before)
    assert host.access("/x")[2] == 0o644
    assert host.access("/d")[2] == 0o755


def test_a_refused_write_leaves_the_old_file_and_no_other(host: FakeHost) -> None:
    host.write("/d/x", b"old", mode=0o644)
    with pytest.raises(FalcotError, match="does not exist"):
        host.write("/d/x", b"new", group="nobody-has-this-group", mode=0o644)
    assert host.read("/d/x") == b"old"
    assert host.names("/d") == ["x"]


def test_a_reader_keeps_the_file_it_opened(host: FakeHost) -> None:
    host.write("/x", b"old", mode=0o644)
    with host.at("/x").open("rb") as reader:
        host.write("/x", b"newer", mode=0o644)
        assert reader.read() == b"old"
    assert host.read("/x") == b"newer"


def test_links(host: FakeHost) -> None:
    host.link("/etc/current", "/var/1")
    host.link("/etc/current", "/var/2")
    assert host.target("/etc/current") == "/var/2"
    assert host.exists("/etc/current")
    assert host.names("/etc") == ["current"]
    host.write("/etc/file", b"", mode=0o644)
    host.link("/etc/file", "/var/3")
    assert host.target("/etc/file") == "/var/3"


def test_a_link_that_a_killed_process_left_is_replaced(host: FakeHost) -> None:
    host.make_directory("/etc")
    host.at("/etc/.current.falcot-rtc-new").symlink_to("/var/0")
    host.link("/etc/current", "/var/1")
    assert host.names("/etc") == ["current"]


def test_a_file_that_a_killed_process_left_is_replaced(host: FakeHost) -> None:
    host.write("/etc/x", b"old", mode=0o644)
    host.at("/etc/.x.falcot-rtc-new").write_bytes(b"half of the n")
    host.write("/etc/x", b"new", mode=0o600)
    assert host.names("/etc") == ["x"]
    assert (host.read("/etc/x"), host.access("/etc/x")[2]) == (b"new", 0o600)
    host.at("/etc/.x.falcot-rtc-new").write_bytes(b"half of the n")
    host.remove("/etc/x")
    assert host.names("/etc") == []


def test_what_the_kernel_refuses_is_told_by_the_name_that_was_asked_for(host: FakeHost) -> None:
    host.make_directory("/etc/x/below")
    for act in (lambda: host.write("/etc/x", b"", mode=0o644), lambda: host.link("/etc/x", "y")):
        with pytest.raises(IsADirectoryError) as caught:
            act()
        assert caught.value.filename == str(host.at("/etc/x"))
    assert host.names("/etc") == ["x"]


def test_removing(host: FakeHost) -> None:
    host.write("/d/e/x", b"", mode=0o644)
    host.link("/to-d", "d")
    host.remove("/to-d")
    assert host.exists("/d/e/x")
    host.remove_empty_directory("/d")
    assert host.exists("/d/e/x")
    host.remove("/d")
    host.remove("/d")
    assert not host.exists("/d")
    host.make_directory("/empty")
    host.remove_empty_directory("/empty")
    assert not host.exists("/empty")


def test_walking(host: FakeHost) -> None:
    host.write("/d/b/x", b"", mode=0o644)
    host.write("/d/a", b"", mode=0o644)
    host.link("/d/c", "/nowhere")
    assert host.walk("/d") == ["a", "b/x", "c"]
    assert host.walk("/none") == []


def test_text_that_is_not_utf8(host: FakeHost) -> None:
    host.write("/x", b"one\ntw\xe4", mode=0o644)
    with pytest.raises(FalcotError, match="/x: not UTF-8 text: byte 0xe4 in line 2"):
        host.text("/x")


def test_unknown_users_are_named(tmp_path: Path) -> None:
    with pytest.raises(FalcotError, match="no-such-user:root does not exist"):
        Host(tmp_path).ids("no-such-user", "root")
    assert Host(tmp_path).ids("root", "root") == (0, 0)


def test_owner_and_group_are_shown_by_name(tmp_path: Path) -> None:
    (tmp_path / "x").touch(0o640)
    owner, group, mode = Host(tmp_path).access("/x")
    assert mode == 0o640
    status = (tmp_path / "x").stat()
    if status.st_uid == 0:
        assert owner == "root"
    if status.st_gid == 0:
        assert group == "root"


def test_commands(tmp_path: Path) -> None:
    host = Host(tmp_path)
    done = host.run("cat", stdin=b"given")
    assert (done.returncode, done.stdout) == (0, b"given")
    assert host.run("sh", "-c", "echo $LC_ALL-$OF_OURS", env={"OF_OURS": "x"}).stdout == (
        b"C.UTF-8-x\n"
    )
    assert host.run("false", check=False).returncode == 1


def test_a_command_that_fails_gives_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A directory that this user may not read would make a missing command a forbidden one.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    host = Host(tmp_path)
    with pytest.raises(FalcotError, match=r"sh -c .*: two; three; four") as caught:
        host.run("sh", "-c", "for i in one two three four; do echo $i >&2; done; exit 3")
    assert "one" not in caught.value.message.rpartition(": ")[2]
    with pytest.raises(FalcotError, match="false: 1"):
        host.run("false")
    with pytest.raises(FalcotError, match="no-such-command-here: no such command"):
        host.run("no-such-command-here")


def test_a_command_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("falcot_rtc.host.COMMAND_TIMEOUT", 0.05)
    with pytest.raises(FalcotError, match="tail -f /dev/null: no end after"):
        Host(tmp_path).run("tail", "-f", "/dev/null")


def test_policy_rc_d(tmp_path: Path) -> None:
    host = Host(tmp_path)
    assert host.permits("coturn.service", "restart")
    script = tmp_path / "usr/sbin/policy-rc.d"
    script.parent.mkdir(parents=True)
    script.write_text('#!/bin/sh\n[ "$1 $2" != "coturn restart" ] || exit 101\n')
    script.chmod(0o755)
    assert not host.permits("coturn.service", "restart")
    assert host.permits("kamailio.service", "restart")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    host = FakeHost(tmp_path)
    with host.lock():
        with pytest.raises(FalcotError, match="another falcot-rtc is at work") as caught:
            with FakeHost(tmp_path).lock():
                raise AssertionError("two writers")
        assert paths.LOCK in caught.value.hint
    with FakeHost(tmp_path).lock():
        pass


def test_systemd_is_recognised(tmp_path: Path) -> None:
    assert not Host(tmp_path).has_systemd
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert Host(tmp_path).has_systemd


def test_last_words(host: FakeHost) -> None:
    assert host.last_words("coturn.service") == "coturn.service: last words"


def test_directories_are_repaired(host: FakeHost) -> None:
    host.make_directory("/d", mode=0o755)
    host.make_directory("/d", group="kamailio", mode=0o750)
    assert host.access("/d") == ("root", "kamailio", 0o750)
    assert stat.S_ISDIR(host.at("/d").stat().st_mode)
