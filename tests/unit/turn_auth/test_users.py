# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.turn_auth import users
from falcot_rtc.turn_auth.lookup import Directory, Secret, key_of
from falcot_rtc.turn_auth.users import Rows, Unreadable, Users

PARAMETERS = b"""["#size", "0"]
["#realm", "falcot.com"]
["#secret 10", "new"]
["#secret 5", "old"]
["#ttl", "600"]
"""


def replace(path: Path, content: bytes) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_bytes(content)
    scratch.rename(path)


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def test_everything_is_taken() -> None:
    rows = users.update(Rows(), PARAMETERS + b'["joe", "00"]\n')
    assert users.directory(rows) == Directory(
        realm="falcot.com",
        ttl=600,
        per_minute=120,
        secrets=(Secret(valid_from=5, secret="old"), Secret(valid_from=10, secret="new")),
        keys={"joe": "00"},
    )


def test_no_user_name_reaches_a_parameter() -> None:
    found = users.directory(users.update(Rows(), PARAMETERS))
    for name in ("#realm", "#ttl", "#secret 5", "#size"):
        assert key_of(found, name, "falcot.com", 0) is None


def test_a_replaced_file_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS)
    found = Users(path)
    for number in range(50):
        replace(path, PARAMETERS + b'["joe", "%d"]\n' % number)
        assert found.directory().keys == {"joe": str(number)}


def test_appended_lines_are_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS + b'["joe", "1"]\n["eve", "2"]\n')
    found = Users(path)
    assert found.directory().keys == {"joe": "1", "eve": "2"}
    append(path, b'\n["joe", "3"]\n["eve", null]\n["nobody", null]\n')
    assert found.directory().keys == {"joe": "3"}
    append(path, b'["#ttl", "900"]\n["#log-ins-per-minute", "7"]\n')
    assert (found.directory().ttl, found.directory().keys) == (900, {"joe": "3"})
    assert found.directory().per_minute == 7


def test_a_line_counts_when_its_newline_is_there(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS)
    found = Users(path)
    row = b'["joe", "1"]\n'
    for length in range(len(row)):
        assert found.directory().keys == {}
        append(path, row[length : length + 1])
    assert found.directory().keys == {"joe": "1"}


@pytest.mark.parametrize("part", [b'["joe", "1', b"\0" * 30, b"[" * 90_000, b"[1, 2]", b'"joe"'])
def test_what_a_killed_writer_left_is_passed_over(tmp_path: Path, part: bytes) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS + b'["joe", "0"]\n' + part)
    found = Users(path)
    assert found.directory().keys == {"joe": "0"}
    append(path, b'\n["eve", "2"]\n')
    assert found.directory().keys == {"joe": "0", "eve": "2"}
    assert Users(path).directory() == found.directory()


def test_a_reader_never_sees_half_a_row(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS)
    value = "5" * 5000
    rows = b"".join(b'["joe-%d", "%s"]\n' % (number, value.encode()) for number in range(2000))

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            for start in range(0, len(rows), 4999):
                file.write(rows[start : start + 4999])

    writer = threading.Thread(target=write)
    found = Users(path)
    writer.start()
    try:
        while writer.is_alive():
            assert set(found.directory().keys.values()) <= {value}
    finally:
        writer.join()
    assert len(found.directory().keys) == 2000


def test_an_untouched_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS)
    found = Users(path)
    assert found.directory() is found.directory()


@pytest.mark.parametrize(
    "content", [b"", b"x" * 4096, PARAMETERS[:40], PARAMETERS.replace(b"600", b"soon")]
)
def test_what_is_no_file_of_ours_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, content)
    found = Users(path)
    for _ in range(2):
        with pytest.raises(Unreadable, match=r"users\.jsonl: "):
            found.directory()
    replace(path, PARAMETERS)
    assert found.directory().realm == "falcot.com"


def test_a_file_cut_short_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    replace(path, PARAMETERS + b'["joe", "1"]\n')
    found = Users(path)
    found.directory()
    os.truncate(path, len(PARAMETERS))
    assert found.directory().keys == {}


def test_a_missing_file_is_no_empty_one_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    found = Users(path)
    with pytest.raises(Unreadable, match="No such file"):
        found.directory()
    replace(path, PARAMETERS)
    assert found.directory().realm == "falcot.com"
    path.unlink()
    with pytest.raises(Unreadable):
        found.directory()


@given(st.dictionaries(st.text(), st.text()))
def test_an_image_is_read_back(rows: dict[str, str]) -> None:
    rows.pop("#size", None)
    content = users.image(rows)
    assert users.update(Rows(), content).all() == rows
    assert users.size(content[: users.HEAD]) == len(content) - content.index(b"\n") - 1


@given(st.binary(max_size=users.HEAD))
def test_a_foreign_head_has_no_size(content: bytes) -> None:
    assert users.size(b"x" + content) is None
