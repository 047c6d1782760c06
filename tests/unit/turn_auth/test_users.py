# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from falcot_rtc.turn_auth.lookup import Directory, Secret
from falcot_rtc.turn_auth.users import Unreadable, Users, parse


def image(realm: str = "falcot.com", *, users: dict[str, str] | None = None) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "CREATE TABLE parameters (name, value);"
            "CREATE TABLE secrets (valid_from INTEGER, secret);"
            "CREATE TABLE users (name, key);"
            "INSERT INTO secrets VALUES (10, 'new'), (5, 'old');"
            "INSERT INTO parameters VALUES ('ttl', '600');"
        )
        database.execute("INSERT INTO parameters VALUES ('realm', ?)", (realm,))
        database.executemany("INSERT INTO users VALUES (?, ?)", (users or {}).items())
        database.commit()
        return database.serialize()


def replace(path: Path, content: bytes) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_bytes(content)
    scratch.rename(path)


def test_parse_takes_everything() -> None:
    assert parse(image(users={"joe": "00"})) == Directory(
        realm="falcot.com",
        ttl=600,
        secrets=(Secret(valid_from=5, secret="old"), Secret(valid_from=10, secret="new")),
        keys={"joe": "00"},
    )


def test_a_replaced_file_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    replace(path, image())
    users = Users(path)
    for number in range(50):
        replace(path, image(users={"joe": str(number)}))
        assert users.directory().keys == {"joe": str(number)}


def test_an_untouched_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    replace(path, image())
    users = Users(path)
    assert users.directory() is users.directory()


@pytest.mark.parametrize("content", [b"", b"x" * 4096, image()[:4096]])
def test_what_is_no_file_of_ours_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "users.sqlite"
    replace(path, content)
    with pytest.raises(Unreadable, match=r"users\.sqlite: "):
        Users(path).directory()


def test_a_missing_file_is_no_empty_one_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    users = Users(path)
    with pytest.raises(Unreadable, match="No such file"):
        users.directory()
    replace(path, image())
    assert users.directory().realm == "falcot.com"
    path.unlink()
    with pytest.raises(Unreadable):
        users.directory()
