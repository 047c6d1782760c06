# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
from pathlib import Path

import pytest

from falcot_rtc.accounts import directory
from falcot_rtc.accounts.directory import AS_IS, Node
from falcot_rtc.errors import FalcotError

FILE = Node(owner=AS_IS, mode=0o640)
FOLDER = Node(owner=AS_IS, mode=0o750)


def test_makes_what_is_missing_below_the_base(tmp_path: Path) -> None:
    with directory.opened(tmp_path, "a", "b", make=FOLDER) as inner:
        directory.replace(inner, "f", b"1", FILE)
    assert (tmp_path / "a" / "b" / "f").read_bytes() == b"1"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "a" / "b" / "f").stat().st_mode) == 0o640


def test_what_is_missing_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), directory.opened(tmp_path, "a"):
        pass
    with pytest.raises(FalcotError, match="no such directory"):
        with directory.opened(tmp_path / "absent", "a", make=FOLDER):
            pass
    assert list(tmp_path.iterdir()) == []


def test_replaces_by_a_new_inode_and_leaves_no_scratch(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    with (tmp_path / "f").open("rb") as reader, directory.opened(tmp_path) as top:
        directory.replace(top, "f", b"new", FILE)
        assert reader.read() == b"old"
        assert directory.read(top, "f") == b"new"
        assert directory.names(top) == ("f",)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with directory.opened(tmp_path) as top:
        with pytest.raises(IsADirectoryError):
            directory.replace(top, "f", b"new", FILE)
        assert directory.names(top) == ("f",)


def test_many_files_are_replaced_each_at_once(tmp_path: Path) -> None:
    files = {f"f{number}": b"%d" % number for number in range(250)}
    (tmp_path / "f1").write_bytes(b"old")
    (tmp_path / ".f2.new").write_bytes(b"of a killed writer")
    with (tmp_path / "f1").open("rb") as reader, directory.opened(tmp_path) as top:
        directory.replace_all(top, files, FILE)
        assert reader.read() == b"old"
        assert {name: directory.read(top, name) for name in directory.names(top)} == files
        directory.replace_all(top, {}, FILE)
        directory.remove(top, *files, "absent")
        assert directory.names(top) == ()


def test_a_scratch_that_somebody_planted_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    base = tmp_path / "base"
    base.mkdir()
    (base / ".f.new").symlink_to(outside)
    with directory.opened(base) as top:
        directory.replace(top, "f", b"new", FILE)
    assert (base / "f").read_bytes() == b"new" and outside.read_bytes() == b"precious"


def test_appends_and_reads_the_head(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"one\n")
    (tmp_path / "link").symlink_to(tmp_path / "f")
    with directory.opened(tmp_path) as top:
        directory.append(top, "f", b"two\n")
        assert directory.read(top, "f") == b"one\ntwo\n"
        assert directory.read(top, "f", limit=2) == b"on"
        assert directory.size(top, "f") == 8
        with pytest.raises(OSError, match="symbolic links"):
            directory.append(top, "link", b"x")
        with pytest.raises(FileNotFoundError):
            directory.append(top, "absent", b"x")


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_bytes(b"precious")
    base = tmp_path / "base"
    base.mkdir()
    (base / "folder").symlink_to(outside)
    (base / "f").symlink_to(outside / "f")
    with pytest.raises(FalcotError, match="'folder' is not a directory"):
        with directory.opened(base, "folder", make=FOLDER):
            pass
    with directory.opened(base) as top:
        with pytest.raises(FalcotError, match="f: "):
            directory.read(top, "f")
        directory.replace(top, "f", b"mine", FILE)
        assert directory.exists(top, "folder")
        directory.remove(top, "folder")
        assert not directory.exists(top, "folder")
    assert not (base / "f").is_symlink()
    assert (outside / "f").read_bytes() == b"precious"


def test_remove_is_content_if_nothing_is_there(tmp_path: Path) -> None:
    with directory.opened(tmp_path) as top:
        directory.remove(top, "f")
        assert directory.names(top) == ()


def test_directories_leaves_out_files_and_links(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("a")
    with directory.opened(tmp_path) as top:
        assert directory.directories(top) == ("a", "b")


def test_own_changes_the_mode_only_if_it_differs(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with directory.opened(tmp_path) as top:
        directory.own(top, FOLDER)
        changed = os.fstat(top).st_ctime_ns
        assert stat.S_IMODE(os.fstat(top).st_mode) == 0o750
        directory.own(top, FOLDER)
        assert os.fstat(top).st_ctime_ns == changed
