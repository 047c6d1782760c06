# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import pytest

from falcot_rtc.phone_desk.house import Reader, Unreadable
from tests.unit.phone_desk.rooms import reader, site_with_people

pytestmark = pytest.mark.usefixtures("network", "volatile")


def write(tree: Path, **changes: object) -> None:
    tree.mkdir(parents=True)
    desk = {
        "domains": ["falcot.com"], "realm": "falcot.com", "origins": [], "ttl": 60,
        "login_seconds": 60, "sip_servers": [], "turn_urls": [], "calls": [], **changes,
    }  # fmt: skip
    (tree / "desk.json").write_text(json.dumps(desk))
    secrets = {"token": tree.parent.name, "sip": "1 s\n", "turn": ""}
    (tree / "secrets.json").write_text(json.dumps(secrets))


@pytest.fixture
def found(tmp_path: Path) -> Reader:
    write(tmp_path / "1" / "phone")
    (tmp_path / "current").symlink_to("1")
    return Reader(tmp_path / "current" / "phone", tmp_path / "people.jsonl")


def test_what_apply_makes_is_what_it_reads(tmp_path: Path) -> None:
    read = reader(site_with_people(tmp_path))
    house = read.house()
    assert house.domains == ("falcot.com",) and house.calls["sales"].limit == 3
    assert house.sip and house.turn and house.token
    assert house.token not in repr(house) and house.sip[0].secret not in repr(house)
    people = read.people()
    assert people.rows.keys() == {"admin@falcot.com", "joe@falcot.com"}
    assert people.rows["joe@falcot.com"] not in repr(people)


def test_both_files_are_of_one_generation(found: Reader, tmp_path: Path) -> None:
    first = found.house()
    assert first is found.house()
    write(tmp_path / "2" / "phone", ttl=90)
    (tmp_path / "new").symlink_to("2")
    (tmp_path / "new").rename(tmp_path / "current")
    assert (found.house().ttl, found.house().token) == (90, "2")


def test_people_follow_the_file(found: Reader, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    with pytest.raises(Unreadable, match=r"people\.jsonl: No such file"):
        found.people()
    file.write_text('["#size", "0"]\n["#kind", "SHA-256"]\n["joe@falcot.com", "1"]\n')
    first = found.people()
    assert (first.kind, first.rows) == ("SHA-256", {"joe@falcot.com": "1"})
    assert found.people() is first
    with file.open("a") as appended:
        appended.write('["joe@falcot.com", null]\n["jane@falcot.com", "2"]\n')
    assert found.people().rows == {"jane@falcot.com": "2"}
    file.write_text("")
    with pytest.raises(Unreadable):
        found.people()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"domains": 7}', "\x00", json.dumps({"calls": [{"name": "x"}]})]
)
def test_a_damaged_file_is_unreadable(found: Reader, tmp_path: Path, text: str) -> None:
    (tmp_path / "1" / "phone" / "desk.json").write_text(text)
    with pytest.raises(Unreadable, match="not usable"):
        found.house()


def test_no_generation_yet(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        Reader(tmp_path / "current", tmp_path / "people.jsonl").house()
