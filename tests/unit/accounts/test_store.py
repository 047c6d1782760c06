# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc.accounts import hashes
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.errors import FalcotError, UsageError

DOMAIN = "falcot.com"
CHECK = "falcot-rtc-check-0123456789ab"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        yield store


def add(store: AccountStore, name: str, password: str = "secret1", **more: str | bool) -> Account:
    return store.add(name, DOMAIN, realm=DOMAIN, password=password, **more)  # type: ignore[arg-type]


def test_is_for_root_alone(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with AccountStore(path) as store:
        add(store, "joe")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert b"secret1" not in path.read_bytes()


def test_keeps_what_every_server_needs(store: AccountStore) -> None:
    joe = add(store, "joe", extension="1001")
    assert joe == store.get("joe", DOMAIN) == store.find("joe", DOMAIN)
    assert joe.ha1 == hashes.ha1("joe", DOMAIN, "secret1")
    assert joe.ha1b == hashes.ha1("joe@falcot.com", DOMAIN, "secret1")
    assert joe.scram == hashes.scram(
        "secret1", salt=joe.scram.salt, iterations=10_000, kind=ScramKind.SHA1
    )
    assert (joe.state, joe.extension, joe.generation) == (State.ACTIVE, "1001", 1)


def test_salts_differ(store: AccountStore) -> None:
    assert add(store, "joe").scram.salt != add(store, "anna").scram.salt


def test_every_change_is_a_generation(store: AccountStore) -> None:
    assert store.generation == 0
    add(store, "joe")
    add(store, "anna")
    joe = store.set_password("joe", DOMAIN, realm=DOMAIN, password="other")
    assert (joe.generation, store.generation) == (3, 3)
    assert store.set_state("joe", DOMAIN, State.DISABLED).state is State.DISABLED
    assert store.set_extension("joe", DOMAIN, "1001").generation == 5
    store.delete("joe", DOMAIN)
    assert store.generation == 6
    assert store.get("anna", DOMAIN).generation == 2


def test_set_password_replaces_every_hash(store: AccountStore) -> None:
    old = add(store, "joe")
    new = store.set_password(
        "joe", DOMAIN, realm="other.example", password="x", kind=ScramKind.SHA256
    )
    assert new.ha1 == hashes.ha1("joe", "other.example", "x")
    assert new.realm == "other.example"
    assert new.scram.kind is ScramKind.SHA256
    assert {old.ha1b, old.scram.salt, old.scram.stored_key, old.scram.server_key}.isdisjoint(
        {new.ha1b, new.scram.salt, new.scram.stored_key, new.scram.server_key}
    )
    assert new.created == old.created


def test_refusals_change_nothing(store: AccountStore) -> None:
    add(store, "joe", extension="1001")
    before = store.accounts(), store.generation
    for call, fault in (
        (lambda: add(store, "joe"), "exists already"),
        (lambda: add(store, "anna", extension="1001"), "belongs to joe@falcot.com"),
        (lambda: add(store, "Anna"), "upper-case"),
        (lambda: add(store, "anna", "\x07"), "control character"),
        (lambda: add(store, "anna", extension="x"), "extension"),
        (lambda: add(store, CHECK), "reserved"),
        (lambda: store.delete("zoe", DOMAIN), "there is no zoe@falcot.com"),
        (lambda: store.set_state("zoe", DOMAIN, State.ACTIVE), "there is no"),
        (lambda: store.get("joe", "other.example"), "there is no"),
    ):
        with pytest.raises(UsageError, match=fault):
            call()
    assert (store.accounts(), store.generation) == before
    assert store.find("zoe", DOMAIN) is None


def test_lists_by_domain_and_name_without_checks(store: AccountStore) -> None:
    store.add("zoe", "a.example", realm=DOMAIN, password="x")
    for name in ("joe", "anna"):
        add(store, name)
    add(store, CHECK, reserved=True)
    names = [one.address for one in store.accounts()]
    assert names == ["zoe@a.example", "anna@falcot.com", "joe@falcot.com"]
    assert CHECK in [one.name for one in store.accounts(reserved=True)]


def test_sweep_takes_old_checks_only(store: AccountStore) -> None:
    add(store, "joe")
    add(store, CHECK, reserved=True)
    generation = store.generation
    assert store.sweep(older_than=3600) == 0
    assert store.generation == generation
    assert store.sweep() == 1
    assert [one.name for one in store.accounts(reserved=True)] == ["joe"]


def test_a_second_process_sees_a_change(tmp_path: Path, store: AccountStore) -> None:
    add(store, "joe")
    with AccountStore(tmp_path / "accounts.sqlite") as other:
        add(other, "anna")
    assert [one.name for one in store.accounts()] == ["anna", "joe"]


def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(FalcotError, match="version 99"):
        AccountStore(path)


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    path.write_bytes(b"not a database, long enough to be taken for one" * 20)
    with pytest.raises(FalcotError, match=r"accounts\.sqlite: .* not usable"):
        AccountStore(path)
    with pytest.raises(FalcotError, match="not usable"):
        AccountStore(tmp_path / "absent" / "accounts.sqlite")


def test_aliases_and_names_are_one_space(store: AccountStore) -> None:
    add(store, "joe", aliases=("j.smith", "smith"))
    add(store, "anna")
    assert store.get("joe", DOMAIN).aliases == ("j.smith", "smith")
    with pytest.raises(UsageError, match="is an alias of joe"):
        add(store, "j.smith")
    with pytest.raises(UsageError, match="is an alias of joe"):
        store.set_aliases("anna", DOMAIN, ["smith"])
    with pytest.raises(UsageError, match="exists already"):
        store.set_aliases("anna", DOMAIN, ["joe"])
    assert store.get("anna", DOMAIN).aliases == ()
    store.delete("joe", DOMAIN)
    assert store.set_aliases("anna", DOMAIN, ["smith"]).aliases == ("smith",)


def test_a_rename_keeps_everything_but_the_log_in(store: AccountStore) -> None:
    before = add(store, "joe", extension="1001", aliases=("j.smith", "jim"))
    with pytest.raises(UsageError, match="exists already"):
        store.rename("joe", DOMAIN, add(store, "anna").name)
    jim = store.rename("joe", DOMAIN, "jim")
    assert (jim.name, jim.extension, jim.aliases) == ("jim", "1001", ("j.smith",))
    assert jim.verifier == before.verifier
    assert jim.lacks(DOMAIN) == ("sip", "turn")
    assert store.find("joe", DOMAIN) is None


def test_a_domain_moves_as_a_whole_and_back(store: AccountStore) -> None:
    before = [add(store, "anna", aliases=("a",)), add(store, "joe", extension="1001")]
    assert store.move(DOMAIN, "example.org") == 2
    assert [one.address for one in store.accounts()] == ["anna@example.org", "joe@example.org"]
    assert store.get("anna", "example.org").aliases == ("a",)
    assert store.move("example.org", DOMAIN) == 2
    assert [one.verifier for one in store.accounts()] == [one.verifier for one in before]


def test_many_are_put_or_none(store: AccountStore) -> None:
    joe, anna = add(store, "joe"), add(store, "anna")
    store.delete("anna", DOMAIN)
    store.put([anna, replace(joe, extension="1001")])
    assert [one.extension for one in store.accounts()] == [None, "1001"]
    with pytest.raises(UsageError, match="extension 1001 belongs to joe"):
        store.put([replace(joe, name="jim"), replace(anna, extension="1001")])
    assert [one.name for one in store.accounts()] == ["anna", "joe"]


def test_a_batch_goes_on_without_who_is_refused(store: AccountStore) -> None:
    joe = add(store, "joe", extension="1001")
    generation = store.generation
    with store.batch() as put:
        put(replace(joe, name="anna", extension=None))
        for bad in (
            replace(joe, name="eve"),
            replace(joe, name="anna", aliases=("joe",), extension=None),
            replace(joe, name="Upper"),
        ):
            with pytest.raises(UsageError):
                put(bad)
        put(replace(joe, name="zoe", extension=None, aliases=("z",)))
    assert [one.name for one in store.accounts()] == ["anna", "joe", "zoe"]
    assert store.get("anna", DOMAIN).aliases == ()
    assert store.generation == generation + 1


def test_a_batch_that_breaks_off_was_never_there(store: AccountStore) -> None:
    joe = add(store, "joe")
    with pytest.raises(KeyboardInterrupt), store.batch() as put:
        put(replace(joe, name="anna"))
        raise KeyboardInterrupt
    assert [one.name for one in store.accounts()] == ["joe"]


def test_every_kind_of_change_is_pending_until_it_is_settled(store: AccountStore) -> None:
    add(store, "joe")
    add(store, "anna")
    assert store.pending() == (("anna", DOMAIN), ("joe", DOMAIN))
    store.settle(store.generation - 1)
    assert store.pending() == (("anna", DOMAIN),)
    store.settle(store.generation)
    changes = (
        (lambda: store.set_state("joe", DOMAIN, State.DISABLED), {"joe"}),
        (lambda: store.set_aliases("joe", DOMAIN, ("j",)), {"joe"}),
        (lambda: store.set_extension("joe", DOMAIN, "11"), {"joe"}),
        (lambda: store.set_password("joe", DOMAIN, realm=DOMAIN, password="y"), {"joe"}),
        (lambda: store.rename("joe", DOMAIN, "jim"), {"joe", "jim"}),
        (lambda: store.put([replace(store.get("jim", DOMAIN), extension="12")]), {"jim"}),
        (lambda: store.delete("anna", DOMAIN), {"anna"}),
        (lambda: add(store, CHECK, reserved=True), {CHECK}),
        (lambda: store.sweep(), {CHECK}),
    )
    for change, names in changes:
        change()
        assert {name for name, _ in store.pending()} == names
        store.settle(store.generation)
        assert store.pending() == ()
    store.move(DOMAIN, "new.example")
    assert store.pending() == (("jim", DOMAIN), ("jim", "new.example"))
