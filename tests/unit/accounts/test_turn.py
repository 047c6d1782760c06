# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc.accounts.directory import Owner
from falcot_rtc.accounts.projections import catch_up, diff, project
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.accounts.turn import USERS, TurnProjection
from falcot_rtc.turn_auth.lookup import Secret
from falcot_rtc.turn_auth.users import Users

REALM = "falcot.com"
OLD, NEW = Secret(valid_from=0, secret="old"), Secret(valid_from=2000, secret="new")


@pytest.fixture
def turn(tmp_path: Path) -> TurnProjection:
    (tmp_path / "turn").mkdir()
    return TurnProjection(
        base=tmp_path / "turn",
        domain=REALM,
        realm=REALM,
        ttl=600,
        per_minute=30,
        secrets=(OLD,),
        reader=Owner(uid=os.getuid(), gid=os.getgid()),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        store.add("joe", REALM, realm=REALM, password="secret1")
        yield store


def test_the_daemon_reads_what_is_projected(store: AccountStore, turn: TurnProjection) -> None:
    assert turn.read() == {}
    project(store, [turn])
    assert project(store, [turn]).changes == {}
    found = Users(turn.base / USERS).directory()
    joe = store.get("joe", REALM)
    assert (found.realm, found.ttl, found.secrets) == (REALM, 600, (OLD,))
    assert found.keys == {"joe": joe.ha1, "joe@falcot.com": joe.ha1b}


def test_only_the_realms_own_domain_has_bare_names(
    store: AccountStore, turn: TurnProjection
) -> None:
    store.add("joe", "other.example", realm=REALM, password="another")
    store.add("eve", "third.example", realm="third.example", password="x")
    project(store, [turn])
    keys = Users(turn.base / USERS).directory().keys
    assert sorted(keys) == ["joe", "joe@falcot.com", "joe@other.example"]
    assert keys["joe"] == store.get("joe", REALM).ha1


def test_a_small_file_is_replaced_not_changed(store: AccountStore, turn: TurnProjection) -> None:
    project(store, [turn])
    path = turn.base / USERS
    with path.open("rb") as reader:
        before = path.read_bytes()
        store.delete("joe", REALM)
        project(store, [turn])
        assert reader.read() == before
    assert [one.name for one in turn.base.iterdir()] == [USERS]
    assert Users(path).directory().keys == {}
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, turn.base)]
    assert modes == [0o640, 0o750]


def test_secrets_and_parameters_follow(store: AccountStore, turn: TurnProjection) -> None:
    project(store, [turn])
    rotated = replace(turn, secrets=(OLD, NEW), ttl=900, per_minute=20)
    assert diff(store, rotated).keys == ("#log-ins-per-minute", "#secret 2000", "#ttl")
    project(store, [rotated])
    found = Users(turn.base / USERS).directory()
    assert (found.secrets, found.ttl) == ((OLD, NEW), 900)
    project(store, [replace(rotated, secrets=(NEW,))])
    assert Users(turn.base / USERS).directory().secrets == (NEW,)


@pytest.mark.parametrize("content", [b"", b"garbage" * 100])
def test_a_damaged_file_is_made_anew(
    store: AccountStore, turn: TurnProjection, content: bytes
) -> None:
    project(store, [turn])
    (turn.base / USERS).write_bytes(content)
    assert turn.read() == {}
    project(store, [turn])
    assert "joe" in Users(turn.base / USERS).directory().keys


def test_a_large_file_gets_what_changed_until_it_has_doubled(
    store: AccountStore, turn: TurnProjection
) -> None:
    joe = store.get("joe", REALM)
    store.put(replace(joe, name=f"joe-{number}") for number in range(1000))
    project(store, [turn])
    path = turn.base / USERS
    inode, content = path.stat().st_ino, path.read_bytes()
    daemon = Users(path)
    assert len(daemon.directory().keys) == 2002
    store.delete("joe-7", REALM)
    store.add("anna", REALM, realm=REALM, password="x")
    catch_up(store, [turn])
    assert path.stat().st_ino == inode and path.read_bytes().startswith(content)
    assert len(path.read_bytes()) < len(content) + 1000
    assert {"anna", "anna@falcot.com"} <= daemon.directory().keys.keys()
    assert not {"joe-7", "joe-7@falcot.com"} & daemon.directory().keys.keys()
    assert not diff(store, turn)
    with path.open("ab") as file:
        file.write(b'["joe-8", "00')  # the writer was killed
    for number in range(4):
        store.put(replace(joe, name=f"joe-{one}") for one in range(number, 1000, 2))
        catch_up(store, [turn])
        assert not diff(store, turn)
        assert daemon.directory() == Users(path).directory()
    assert path.stat().st_ino != inode
    assert path.stat().st_size <= 2 * len(content) + 100


def test_a_missing_or_foreign_file_is_not_begun(store: AccountStore, turn: TurnProjection) -> None:
    assert not turn.begun
    project(store, [turn])
    assert turn.begun
    for spoil in (lambda path: path.write_bytes(b"SQLite format 3"), lambda path: path.unlink()):
        spoil(turn.base / USERS)
        assert not turn.begun
        store.add(f"joe-{spoil.__hash__()}", REALM, realm=REALM, password="x")
        catch_up(store, [turn])
        assert not diff(store, turn)


def test_the_file_of_a_former_daemon_goes_when_nobody_reads_it(
    store: AccountStore, turn: TurnProjection
) -> None:
    former = turn.base / "users.sqlite"
    former.touch()
    project(store, [turn])
    assert former.exists()
    store.add("anna", REALM, realm=REALM, password="x")
    catch_up(store, [turn])
    assert not former.exists()


def test_secrets_stay_out_of_repr(turn: TurnProjection) -> None:
    assert "old" not in repr(turn)
