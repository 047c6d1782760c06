# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import io
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc import apply, cli_bulk, paths, verbs_bulk
from falcot_rtc.accounts import bulk, sync
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from tests.unit.fake_host import FALCOT, FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    found = fresh(tmp_path / "host")
    apply.apply(found, password="first", report=str)
    return found


@pytest.fixture
def run(host: FakeHost, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The verbs on that host, through a command line: exit code, output and errors."""
    monkeypatch.setattr(verbs_bulk, "Host", lambda: again(host))
    # This process is the tests', whose core dumps are nobody's secret.
    monkeypatch.setattr("falcot_rtc.undumped.undumped", lambda: None)
    monkeypatch.setattr(verbs_bulk, "NICENESS", 0)
    monkeypatch.setattr(bulk.Import._hash, "__kwdefaults__", {"iterations": 1})

    def call(*argv: str) -> tuple[int, str, str]:
        top = argparse.ArgumentParser()
        cli_bulk.register(top.add_subparsers(), lambda name: getattr(verbs_bulk, name))
        given = top.parse_args(argv)
        code = given.verb(given)
        shown = capfd.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text("name,password,room\njoe,secret-j,7\nAnna,x,8\nzoe,,9\n")
    return str(path)


def names(host: Host) -> list[str]:
    with sync.open_store(host) as store:
        return [one.name for one in store.accounts()]


def test_an_import_reports_what_it_refused(host: FakeHost, run: Run, people: str) -> None:
    code, shown, said = run("import", people)
    assert (code, shown) == (1, "")
    assert said.splitlines() == [
        f"{people}:1: note: column room is not used",
        f"{people}:3: Anna: user: name 'Anna' has upper-case letters (hint: use 'anna')",
        f"{people}:4: zoe@falcot.com: no password (hint: --generate makes one for such rows)",
        "1 added, 0 changed, 0 as they were, 2 refused",
    ]
    assert names(host) == ["admin", "joe"]
    assert sync.drift(host, apply.read_site(host)[0]) == []
    assert "secret-j" not in said


def test_a_rehearsal_changes_nothing(host: FakeHost, run: Run, people: str) -> None:
    before = host.read(paths.ACCOUNTS)
    code, _, said = run("import", people, "--dry-run")
    assert code == 1 and "1 would be added, 0 would be changed" in said
    assert host.read(paths.ACCOUNTS) == before


def test_generated_passwords_go_to_the_output_or_a_file(
    host: FakeHost, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name\njoe\n")
    code, shown, _ = run("import", str(path), "--generate")
    assert code == 0 and shown.startswith("joe@falcot.com,") and len(shown) > 25
    kept = tmp_path / "passwords"
    kept.write_text("before\n")
    path.write_text("name\njoe\nzoe\n")
    code, shown, _ = run("import", str(path), "--generate", "--passwords", str(kept))
    assert (code, shown) == (0, "")
    assert kept.read_text().startswith("before\nzoe@falcot.com,")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_an_import_reads_standard_input(
    host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'{"name": "joe", "password": "x"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run("import", "-", "--format", "jsonl")[0] == 0
    assert names(host) == ["admin", "joe"]


def test_who_waits_for_a_password_is_named(host: FakeHost, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_text(f"joe:{'0' * 32}:falcot.com:authorized\n")
    code, _, said = run("import", str(path), "--format", "return")
    assert code == 0
    assert "  joe@falcot.com for sip-with-domain, xmpp\n" in said


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["import", "absent.csv"], "No such file"),
        (["import", "users.txt"], "--format"),
        (["import", "people.csv", "--passwords", "x"], "is for --generate"),
        (["import", "people.csv", "--domain", "else.example"], "none of falcot.com"),
    ],
)
def test_wrong_use_changes_nothing(host: FakeHost, run: Run, argv: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(*argv)
    assert names(host) == ["admin"]


def test_settings_that_change_meanwhile_end_an_import(
    host: FakeHost, run: Run, people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verbs_bulk._opened

    def opened(file: str) -> object:
        put(host.root, paths.SETTINGS, FALCOT + "# by somebody else\n")
        return found(file)

    monkeypatch.setattr(verbs_bulk, "_opened", opened)
    with pytest.raises(FalcotError, match="settings changed meanwhile"):
        run("import", people)
    assert names(host) == ["admin"]


def test_an_export_moves_to_another_host(
    host: FakeHost, run: Run, people: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", people)
    output = tmp_path / "site.jsonl"
    output.write_text("x" * 10_000)
    output.chmod(0o644)
    assert run("export", "--format", "jsonl", "--output", str(output)) == (0, "", "")
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    other = fresh(tmp_path / "other")
    apply.apply(other, password="first", report=str)
    monkeypatch.setattr(verbs_bulk, "Host", lambda: again(other))
    code, _, said = run("import", str(output))
    assert (code, said) == (0, "1 added, 1 changed, 0 as they were, 0 refused\n")
    with sync.open_store(host) as old, sync.open_store(other) as new:
        assert [one.verifier for one in new.accounts()] == [one.verifier for one in old.accounts()]


def test_the_public_facts_have_no_hashes(host: FakeHost, run: Run, people: str) -> None:
    run("import", people)
    assert run("export") == (
        0,
        "address,extension,aliases,state\nadmin@falcot.com,,,active\njoe@falcot.com,,,active\n",
        "",
    )


def test_hashes_on_a_file_that_others_read_are_warned_of(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mode in (0o644, 0o600):
        path = tmp_path / f"{mode}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, mode)
        with os.fdopen(descriptor, "w") as output:
            monkeypatch.setattr(sys, "stdout", output)
            _, _, said = run("export", "--format", "jsonl")
        assert ("use --output" in said) is (mode == 0o644)
        assert '"ha1"' in path.read_text()
