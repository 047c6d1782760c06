# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from falcot_rtc.accounts import bulk, hashes
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.formats import jsonl, readers, text
from falcot_rtc.accounts.projections import diff
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.turn_auth.users import Users
from tests.unit.accounts.three import DOMAIN, OTHER, bring_in, importing, projections

PEOPLE = b"""name,password,extension,aliases,domain
joe,secret-j,1001,j.smith,
anna,secret-a,,,
joe,secret-o,,,falcot.org
"""


def accounts(base: Path) -> dict[str, Account]:
    with AccountStore(base / "accounts.sqlite") as store:
        return {one.address: one for one in store.accounts()}


def agrees(base: Path) -> bool:
    """Whether every service knows exactly what the store does."""
    with AccountStore(base / "accounts.sqlite") as store:
        return not any(diff(store, one) for one in projections(base))


def counts(outcome: bulk.Outcome) -> tuple[int, int, int, list[int]]:
    lines = [one.line for one in outcome.refused]
    return outcome.added, outcome.changed, outcome.unchanged, lines


def test_people_come_in_whole(tmp_path: Path) -> None:
    assert counts(bring_in(tmp_path, "csv", PEOPLE)) == (3, 0, 0, [])
    assert agrees(tmp_path)
    found = accounts(tmp_path)
    assert sorted(found) == ["anna@falcot.com", "joe@falcot.com", "joe@falcot.org"]
    joe = found["joe@falcot.com"]
    assert joe.ha1 == hashes.ha1("joe", DOMAIN, "secret-j")
    assert (joe.extension, joe.aliases) == ("1001", ("j.smith",))
    assert joe.scram == hashes.scram(
        "secret-j", salt=joe.scram.salt, iterations=hashes.ITERATIONS, kind=joe.scram.kind
    )
    keys = Users(tmp_path / "turn" / "users.jsonl").directory().keys
    assert keys["joe"] == joe.ha1


def test_a_second_import_hashes_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(tmp_path, "csv", PEOPLE)
    before = accounts(tmp_path)
    monkeypatch.setattr(hashes, "scram", None)
    assert counts(bring_in(tmp_path, "csv", PEOPLE)) == (0, 0, 3, [])
    assert accounts(tmp_path) == before


def test_a_row_replaces_what_differs(tmp_path: Path) -> None:
    bring_in(tmp_path, "csv", PEOPLE)
    before = accounts(tmp_path)
    changed = PEOPLE.replace(b"secret-a", b"other-a").replace(b"1001", b"1002")
    assert counts(bring_in(tmp_path, "csv", changed)) == (0, 2, 1, [])
    after = accounts(tmp_path)
    assert after["anna@falcot.com"].ha1 == hashes.ha1("anna", DOMAIN, "other-a")
    # A number changes without a hash, or anybody's leave.
    assert after["joe@falcot.com"].extension == "1002"
    assert after["joe@falcot.com"].verifier == before["joe@falcot.com"].verifier
    assert agrees(tmp_path)


def test_bad_rows_are_reported_good_ones_are_in(tmp_path: Path) -> None:
    content = PEOPLE + (
        b"anna,secret-b,,,\nUpper,x,,,\nzoe,,,,\neve,x,1001,,\nmallory,x,,joe,\n"
        b"M\xfcller,x,,,\nbert,x,1,,\nada,x,,,else.example\nkurt,pass\x07word,,,\nlast,x,77,,\n"
    )
    outcome = bring_in(tmp_path, "csv", content)
    assert counts(outcome)[:3] == (4, 0, 0)
    assert {one.line: one.name for one in outcome.refused} == {
        5: "anna@falcot.com",
        6: "Upper",
        7: "zoe@falcot.com",
        8: "eve@falcot.com",
        9: "mallory@falcot.com",
        10: "",
        11: "bert",
        12: "ada@else.example",
        13: "kurt",
    }
    reasons = {one.line: one.reason for one in outcome.refused}
    assert "line 3 has anna@falcot.com already" in reasons[5]
    assert "--generate" in reasons[7]
    assert "1001 belongs to joe@falcot.com" in reasons[8]
    assert "joe@falcot.com exists already" in reasons[9]
    assert agrees(tmp_path)


def test_who_brings_an_ha1_waits_for_xmpp_and_keeps_what_is_known(tmp_path: Path) -> None:
    joe, eve = hashes.ha1("joe", DOMAIN, "secret-j"), hashes.ha1("eve", DOMAIN, "x")
    content = f"joe:{DOMAIN}:{joe}\neve:{DOMAIN}:{eve}\nzoe:myrealm:{eve}\n".encode()
    outcome = bring_in(tmp_path, "htdigest", content)
    assert counts(outcome) == (2, 0, 0, [3])
    assert dict(outcome.waiting) == {
        "joe@falcot.com": ("sip-with-domain", "xmpp"),
        "eve@falcot.com": ("sip-with-domain", "xmpp"),
    }
    assert Users(tmp_path / "turn" / "users.jsonl").directory().keys["joe"] == joe
    assert counts(bring_in(tmp_path, "htdigest", content)) == (0, 0, 2, [3])
    bring_in(tmp_path, "csv", PEOPLE)
    outcome = bring_in(tmp_path, "htdigest", content)
    assert dict(outcome.waiting) == {"eve@falcot.com": ("sip-with-domain", "xmpp")}
    assert accounts(tmp_path)["joe@falcot.com"].scram is not None
    assert agrees(tmp_path)


def test_an_export_moves_everything(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    bring_in(old, "csv", PEOPLE)
    bring_in(old, "htdigest", f"eve:{DOMAIN}:{'0' * 32}\n".encode())
    with AccountStore(old / "accounts.sqlite") as store:
        store.set_state("joe", OTHER, State.DISABLED)
        store.rename("anna", DOMAIN, "anne")
        content = "".join(jsonl.write(store.accounts())).encode()
    assert counts(bring_in(new, "jsonl", content))[:1] == (4,)
    assert [_timeless(one) for one in accounts(new).values()] == [
        _timeless(one) for one in accounts(old).values()
    ]
    assert agrees(new)
    assert counts(bring_in(new, "jsonl", content)) == (0, 0, 4, [])


def _timeless(account: Account) -> tuple[object, ...]:
    return tuple(
        getattr(account, name) for name in Account.__dataclass_fields__ if name != "generation"
    )


def test_generated_passwords_are_told_once_and_before_they_are_in_force(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    def tell(passwords: Sequence[tuple[str, str]]) -> None:
        assert "anna@falcot.com" not in accounts(tmp_path)
        told.extend(passwords)

    content = b"name,extension\nanna,77\njoe,\neve,77\n"
    assert counts(bring_in(tmp_path, "csv", content, generate=True, tell=tell)) == (2, 0, 0, [4])
    assert [address for address, _ in told] == ["anna@falcot.com", "joe@falcot.com"]
    found = accounts(tmp_path)
    for address, password in told:
        name = address.partition("@")[0]
        assert found[address].ha1 == hashes.ha1(name, DOMAIN, password)
    told.clear()
    assert counts(bring_in(tmp_path, "csv", content, generate=True)) == (0, 0, 2, [4])
    assert told == []


def test_a_rehearsal_says_it_all_and_changes_nothing(tmp_path: Path) -> None:
    bring_in(tmp_path, "csv", PEOPLE)
    before = accounts(tmp_path)
    content = PEOPLE.replace(b"secret-a", b"other") + b"zoe,x,77,,\neve,y,77,,\nZ,x,,,\n"
    with importing(tmp_path) as one:
        outcome = one.rehearse(readers.FORMATS["csv"](text.lines(BytesIO(content))))
    assert counts(outcome)[:3] == (1, 1, 2)
    assert sorted(one.line for one in outcome.refused) == [6, 7]
    assert accounts(tmp_path) == before
    with importing(tmp_path) as one:
        outcome = one.rehearse(readers.FORMATS["csv"](text.lines(BytesIO(b"name\nzoe\n"))))
    assert "--generate" in outcome.refused[0].reason


def test_others_have_their_turn_between_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another administrator does meanwhile is neither lost nor undone."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(bulk, "AHEAD", 1)
    content = b"name,password\n" + b"".join(b"joe-%d,x\n" % number for number in range(10))
    bring_in(tmp_path, "csv", content)
    turns = 0

    @contextlib.contextmanager
    def lock() -> Iterator[None]:
        nonlocal turns
        yield
        turns += 1
        with AccountStore(tmp_path / "accounts.sqlite") as other:
            if turns == 1:
                other.set_extension("joe-8", DOMAIN, "88")
                other.set_password("joe-9", DOMAIN, realm=DOMAIN, password="theirs")
                other.delete("joe-7", DOMAIN)
                other.add("theirs", DOMAIN, realm=DOMAIN, password="y")
                other.set_state("joe-6", DOMAIN, State.DISABLED)

    changed = content.replace(b"joe-0,x", b"joe-0,new").replace(b"joe-8,x", b"joe-8,new")
    outcome = bring_in(tmp_path, "csv", changed, lock=lock)
    assert outcome.refused == [] and turns >= 3
    found = accounts(tmp_path)
    assert found["joe-8@falcot.com"].extension == "88"
    assert found["joe-8@falcot.com"].ha1 == hashes.ha1("joe-8", DOMAIN, "new")
    assert found["joe-6@falcot.com"].state is State.DISABLED
    assert {"theirs@falcot.com", "joe-7@falcot.com"} <= found.keys()
    # The file states a password, so it is the last word about it.
    assert found["joe-9@falcot.com"].ha1 == hashes.ha1("joe-9", DOMAIN, "x")
    assert agrees(tmp_path)


def hostile(number: int, chance: random.Random) -> tuple[bytes, bool]:
    """A line of a file by an enemy, and whether there is a person in it."""
    name = b"person-%d" % number
    kinds = (
        (name + b",pass-%d,,\n" % number, True),
        (b'"' + name + b'","a ""quoted"", password",,\n', True),
        (name + b",pass,%d,alias-%d\n" % (100_000 + number, number), True),
        (name + b",\xff\xfe,,\n", False),
        (b"\x80" + name + b",x,,\n", False),
        (b"a" * 65 + b",x,,\n", False),
        (b"b" * 20_000 + b",x,,\n", False),
        (b"'; DROP TABLE account; --,x,,\n", False),
        (b"../../etc/passwd,x,,\n", False),
        (b"%s%s%n,x,,\n", False),
        (b"joe\x00,x,,\n", False),
        (b"\xef\xbd\x86ull,x,,\n", False),
        (name + b",,,\n", False),
        (name + b",x,,,,\n", False),
        (name + b',"open,,\n', False),
        (name + b",x,not-a-number,\n", False),
        (name + b",x,,bad alias:\n", False),
        (b"falcot-rtc-check-%d,x,,\n" % number, False),
        (b"12345,x,,\n", False),
        (b",x,,\n", False),
    )
    return chance.choice((*kinds[:3] * 5, *kinds))


def test_ten_thousand_hostile_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is good is in, all that is bad is reported, each with its line."""
    monkeypatch.setattr(bulk.Import._hash, "__kwdefaults__", {"iterations": 1})
    chance = random.Random(4)
    rows = [hostile(number, chance) for number in range(10_000)]
    # Each tenth person stands there twice.
    good = [index for index, (_, is_good) in enumerate(rows) if is_good]
    for index in good[10::10]:
        rows[index] = (rows[index - 1][0] if rows[index - 1][1] else b"person-0\n", False)
    content = b"name,password,extension,aliases\n" + b"".join(row for row, _ in rows)
    outcome = bring_in(tmp_path, "csv", content)
    bad = {number for number, (_, is_good) in enumerate(rows, 2) if not is_good}
    assert {one.line for one in outcome.refused} == bad
    assert len(outcome.refused) == len(bad) > 2000
    assert outcome.added == len(rows) - len(bad) == len(accounts(tmp_path)) > 4000
    assert agrees(tmp_path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from(sorted(readers.FORMATS)))
def test_no_file_stops_an_import_halfway(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, form: str
) -> None:
    head = {"csv": b"name,password\n", "repro": b"user,domain,realm,passwordHash\n"}.get(form, b"")
    base = tmp_path_factory.mktemp("junk")
    outcome = bring_in(base, form, head + content + b"\n")
    assert outcome.added == len(accounts(base))
    assert not outcome.added or agrees(base)


CALLS = {"execute", "executemany", "fsync", "rename", "unlink", "write", "open", "fchown", "close"}


# Started clean: a fork of a process with threads, such as a worker of pytest-xdist, can hang.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])


def small_steps() -> None:
    """Batches of few people, and hashes that cost nothing."""
    bulk.BATCH, bulk.AHEAD = 2, 1
    bulk.Import._hash.__kwdefaults__["iterations"] = 1


def die_at(step: int, base: Path, content: bytes) -> int:
    """Import `content` in a process that SIGKILL ends at its call number `step` with an effect."""
    child = CLEAN.Process(target=_bring_in_until, args=(step, base, content))
    child.start()
    child.join(120)
    assert child.exitcode is not None, f"{child} hangs"
    return child.exitcode


def _bring_in_until(step: int, base: Path, content: bytes) -> None:
    calls = 0

    def count(_: FrameType, event: str, called: object) -> None:
        nonlocal calls
        if event == "c_call" and getattr(called, "__name__", "") in CALLS:
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)

    small_steps()
    sys.setprofile(count)
    bring_in(base, "csv", content)
    sys.setprofile(None)


def test_killed_at_any_call_each_account_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run of anything completes it, the next import brings in the rest."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(bulk, "AHEAD", 1)
    monkeypatch.setattr(bulk.Import._hash, "__kwdefaults__", {"iterations": 1})
    start = PEOPLE.splitlines(keepends=True)
    old, rest = b"".join(start[:2]), b"".join(start[2:])
    content = old.replace(b"secret-j", b"new-j").replace(b"1001", b"1002") + rest
    passwords = {
        "joe@falcot.com": {"secret-j", "new-j"},
        "anna@falcot.com": {"secret-a"},
        "joe@falcot.org": {"secret-o"},
    }
    step = killed = 0
    stride = int(os.environ.get("FALCOT_RTC_KILL_STRIDE", "3"))
    while True:
        step += stride
        base = tmp_path / str(step)
        base.mkdir()
        bring_in(base, "csv", old)
        status = die_at(step, base, content)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        killed += 1
        with importing(base) as nothing:
            nothing.run(iter(()))
        assert agrees(base), step
        found = accounts(base)
        for address, account in found.items():
            name = account.name
            assert account.ha1 in {hashes.ha1(name, DOMAIN, one) for one in passwords[address]}
            assert account.lacks(DOMAIN) == ()
        joe = found["joe@falcot.com"]
        assert (joe.extension == "1002") is (joe.ha1 == hashes.ha1("joe", DOMAIN, "new-j"))
        assert bring_in(base, "csv", content).refused == []
        assert accounts(base).keys() == passwords.keys() and agrees(base)
        leftovers = [path for path in base.rglob("*") if path.name.endswith((".new", "-journal"))]
        assert leftovers == [], step
    assert killed > 30
