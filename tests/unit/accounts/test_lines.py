# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file itself; how rows get there and a daemon follows them is in test_turn.py."""

import os
import stat
from pathlib import Path

import pytest

from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.lines import LinesFile
from falcot_rtc.accounts.projections import Changes


@pytest.fixture
def file(tmp_path: Path) -> LinesFile:
    me = Owner(uid=os.getuid(), gid=os.getgid())
    return LinesFile(base=tmp_path, name="x.jsonl", parameter="#a", reader=me, former="x.old")


def write(file: LinesFile, remove: tuple[str, ...] = (), **rows: str) -> None:
    file.write(Changes(write={k: (v,) for k, v in rows.items()}, remove=frozenset(remove)))


def test_a_file_is_begun_with_its_parameter(file: LinesFile) -> None:
    assert not file.begun and file.read() == {}
    (file.base / "x.old").write_text("of an early version")
    file.write(Changes(write={"#a": ("1",), "joe": ("2",)}))
    assert file.begun
    assert file.read() == {"#a": ("1",), "joe": ("2",)}
    assert stat.S_IMODE((file.base / "x.jsonl").stat().st_mode) == 0o640
    write(file, remove=("joe",), jane="3")
    assert file.read() == {"#a": ("1",), "jane": ("3",)}
    assert [one.name for one in file.base.iterdir()] == ["x.jsonl"]


def test_what_has_no_parameter_of_ours_is_nothing(file: LinesFile) -> None:
    (file.base / "x.jsonl").write_text('["joe", "2"]\n')
    assert file.read() == {}


def test_a_large_file_gets_lines_until_it_has_doubled(file: LinesFile) -> None:
    many = {f"n{number}": ("x" * 100,) for number in range(1000)}
    file.write(Changes(write={"#a": ("1",), **many}))
    path = file.base / "x.jsonl"
    inode, length = path.stat().st_ino, path.stat().st_size
    write(file, joe="2")
    assert path.stat().st_ino == inode and path.stat().st_size > length
    write(file, remove=("joe",), n0="y" * length)
    assert path.stat().st_ino != inode
    assert "joe" not in file.read() and file.read()["n0"] == ("y" * length,)
