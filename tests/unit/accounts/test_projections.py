# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.projections import Changes, Row, catch_up, diff, project
from falcot_rtc.accounts.store import AccountStore

DOMAIN = "falcot.com"


@dataclass
class Memory:
    """A projection into a dictionary, which can be made to die before it writes."""

    kept: dict[str, Row] = field(default_factory=dict)
    writes: int = 0
    dead: bool = False
    name: str = "memory"
    reads: int = 0

    def keys(self, name: str, domain: str) -> frozenset[str]:
        return frozenset((f"{name}@{domain}",))

    @property
    def begun(self) -> bool:
        return bool(self.kept)

    def rows(self, accounts: Iterable[Account]) -> Mapping[str, Row]:
        return {one.address: (one.ha1,) for one in accounts}

    def read(self) -> Mapping[str, Row]:
        self.reads += 1
        return self.kept

    def write(self, changes: Changes) -> None:
        if self.dead:
            raise KeyboardInterrupt
        self.writes += 1
        self.kept = {
            key: row
            for key, row in {**self.kept, **changes.write}.items()
            if key not in changes.remove
        }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        for name in ("joe", "anna"):
            store.add(name, DOMAIN, realm=DOMAIN, password="secret1")
        yield store


def test_a_second_call_changes_nothing(store: AccountStore) -> None:
    memory = Memory()
    report = project(store, [memory])
    assert report.changes["memory"].keys == ("anna@falcot.com", "joe@falcot.com")
    assert project(store, [memory]).changes == {}
    assert memory.writes == 1


def test_only_what_differs_is_written(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    joe = store.set_password("joe", DOMAIN, realm=DOMAIN, password="new")
    memory.kept["zoe@falcot.com"] = ("x",)
    changes = diff(store, memory)
    assert changes.write == {"joe@falcot.com": (joe.ha1,)}
    assert (changes.remove, changes.foreign) == (set(), {"zoe@falcot.com"})
    project(store, [memory])
    assert not diff(store, memory)
    # Somebody made it by hand: that it goes has to be asked for.
    assert memory.kept["zoe@falcot.com"] == ("x",)


def test_every_difference_has_a_line(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    store.set_state("anna", DOMAIN, State.DISABLED)
    memory.kept |= {"zoe@falcot.com": ("x",), "joe@falcot.com": ("x",)}
    assert diff(store, memory).lines == [
        "anna@falcot.com may not log in, and could",
        "joe@falcot.com differs from the store",
        "zoe@falcot.com is no account of the store",
    ]
    memory.kept.clear()
    assert diff(store, memory).lines == ["joe@falcot.com is missing"]


def test_disabled_and_deleted_accounts_go_and_come_back(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    before = dict(memory.kept)
    store.set_state("joe", DOMAIN, State.DISABLED)
    project(store, [memory])
    assert list(memory.kept) == ["anna@falcot.com"]
    store.set_state("joe", DOMAIN, State.ACTIVE)
    project(store, [memory])
    assert memory.kept == before
    store.delete("anna", DOMAIN)
    project(store, [memory])
    assert list(memory.kept) == ["joe@falcot.com"]


def test_an_emptied_projection_is_rebuilt_without_a_password(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    before, memory.kept = dict(memory.kept), {}
    project(store, [memory])
    assert memory.kept == before


def test_the_next_run_completes_a_killed_one(store: AccountStore) -> None:
    first, second = Memory(name="first"), Memory(name="second", dead=True)
    with pytest.raises(KeyboardInterrupt):
        project(store, [first, second])
    assert first.writes == 1 and not second.kept
    second.dead = False
    assert list(project(store, [first, second]).changes) == ["second"]
    assert second.kept == first.kept


def test_checks_are_projected_but_no_drift(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    name = "falcot-rtc-check-00"
    store.add(name, DOMAIN, realm=DOMAIN, password="x", reserved=True)
    assert diff(store, memory)
    assert not diff(store, memory, reserved=False)
    project(store, [memory])
    assert f"{name}@{DOMAIN}" in memory.kept
    store.sweep()
    assert not diff(store, memory, reserved=False)
    assert diff(store, memory).remove == {f"{name}@{DOMAIN}"}


def test_catching_up_writes_what_changed_and_reads_nothing(store: AccountStore) -> None:
    memory = Memory()
    project(store, [memory])
    memory.reads = 0
    store.set_password("joe", DOMAIN, realm=DOMAIN, password="new")
    store.add("zoe", DOMAIN, realm=DOMAIN, password="x")
    report = catch_up(store, [memory])
    assert report.changes["memory"].keys == ("joe@falcot.com", "zoe@falcot.com")
    assert catch_up(store, [memory]).changes == {}
    assert memory.reads == 0 and memory.writes == 2
    assert not diff(store, memory)


def test_catching_up_takes_away_too(store: AccountStore) -> None:
    memory = Memory()
    store.add("zoe", DOMAIN, realm=DOMAIN, password="x")
    project(store, [memory])
    store.set_state("joe", DOMAIN, State.DISABLED)
    store.rename("anna", DOMAIN, "anne")
    store.delete("zoe", DOMAIN)
    catch_up(store, [memory])
    assert list(memory.kept) == ["anne@falcot.com"]
    store.set_state("joe", DOMAIN, State.ACTIVE)
    assert store.move(DOMAIN, "new.example") == 2
    catch_up(store, [memory])
    assert sorted(memory.kept) == ["anne@new.example", "joe@new.example"]
    assert not diff(store, memory)


def test_catching_up_completes_what_was_killed(store: AccountStore) -> None:
    first, second = Memory(name="first"), Memory(name="second")
    project(store, [first, second])
    store.set_password("joe", DOMAIN, realm=DOMAIN, password="new")
    second.dead = True
    with pytest.raises(KeyboardInterrupt):
        catch_up(store, [first, second])
    second.dead = False
    store.add("zoe", DOMAIN, realm=DOMAIN, password="x")
    catch_up(store, [first, second])
    assert second.kept == first.kept
    assert not diff(store, second)


def test_what_is_not_begun_is_made_whole(store: AccountStore) -> None:
    memory, lost = Memory(), Memory(name="lost")
    project(store, [memory])
    store.add("zoe", DOMAIN, realm=DOMAIN, password="x")
    catch_up(store, [memory, lost])
    assert lost.kept == memory.kept and len(lost.kept) == 3


def test_a_change_during_catching_up_is_not_forgotten(store: AccountStore) -> None:
    class Busy(Memory):
        def write(self, changes: Changes) -> None:
            super().write(changes)
            if self.writes == 2:
                store.add("late", DOMAIN, realm=DOMAIN, password="x")

    memory = Busy()
    project(store, [memory])
    store.add("zoe", DOMAIN, realm=DOMAIN, password="x")
    catch_up(store, [memory])
    assert store.pending() == (("late", DOMAIN),)
    catch_up(store, [memory])
    assert not diff(store, memory)


def test_changes_show_no_values() -> None:
    assert "hash" not in repr(Changes(write={"joe": ("hash",)}, remove=frozenset({"x"})))
