# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from falcot_rtc import apply, audit, cli, verbs_sync
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.hashes import ITERATIONS
from tests.unit.fake_host import FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str]]
DATA = "/var/lib/prosody/falcot%2ecom/accounts"
EVE = f"""\
return {{
	["iteration_count"] = {ITERATIONS};
	["created"] = 1764000000;
	["updated"] = 1764000000;
	["salt"] = "pepper";
	["stored_key"] = "5701";
	["server_key"] = "5e44";
}};
"""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """falcot.com, where somebody used prosodyctl: eve was added, admin's password was changed."""
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    put(host.root, f"{DATA}/eve.dat", EVE)
    put(host.root, f"{DATA}/admin.dat", EVE)
    return again(host)


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def run(
    host: FakeHost,
    ended: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    monkeypatch.setattr(verbs_sync, "Host", lambda: again(host))
    monkeypatch.setattr(
        verbs_sync, "person", SimpleNamespace(end=lambda *row: ended.append(row[2]))
    )
    monkeypatch.setattr(audit, "note", lambda _: None)

    def call(*argv: str) -> tuple[int, str]:
        code = cli.main(["user", "sync", *argv])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call


FOUND = (
    "xmpp: admin@falcot.com differs from the store\n"
    "xmpp: eve@falcot.com is no account of the store\n"
)


def drift(host: FakeHost) -> list[str]:
    return sync.drift(again(host), apply.read_site(host)[0])


def test_check_says_it_and_changes_nothing(host: FakeHost, run: Run) -> None:
    assert run("--check") == (1, FOUND)
    assert host.text(f"{DATA}/eve.dat") == host.text(f"{DATA}/admin.dat") == EVE


def test_accounts_of_the_store_are_put_right_others_stay(host: FakeHost, run: Run) -> None:
    code, shown = run()
    assert code == 1
    assert shown.startswith(FOUND)
    assert "--adopt takes it in, --remove ends it" in shown
    assert host.text(f"{DATA}/eve.dat") == EVE != host.text(f"{DATA}/admin.dat")
    assert drift(host) == ["xmpp: eve@falcot.com is no account of the store"]


def test_apply_removes_nobody_whom_it_does_not_know(host: FakeHost) -> None:
    apply.apply(again(host), report=lambda _: None)
    assert host.text(f"{DATA}/eve.dat") == EVE


def test_adopt_takes_in_what_is_known(host: FakeHost, run: Run) -> None:
    code, shown = run("--adopt")
    assert code == 0
    assert "adopted eve@falcot.com\n" in shown
    assert "eve@falcot.com needs a new password for sip, turn\n" in shown
    assert drift(host) == []
    assert 'stored_key"] = "5701"' in host.text(f"{DATA}/eve.dat")
    assert run() == (0, "nothing to do\n")


def test_remove_ends_them(host: FakeHost, run: Run, ended: list[str]) -> None:
    code, shown = run("--remove")
    assert (code, ended) == (0, ["eve@falcot.com"])
    assert "removed eve@falcot.com" in shown
    assert not host.exists(f"{DATA}/eve.dat")
    assert drift(host) == []


def test_wrong_use(run: Run) -> None:
    assert run("--check", "--remove")[0] == 2
