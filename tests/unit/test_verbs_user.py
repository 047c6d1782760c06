# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs on a fake host, where nobody is logged in; real ones: tests/integration/test_users.py."""

import getpass
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from falcot_rtc import apply, audit, cli, paths, verbs_people, verbs_user
from falcot_rtc.accounts import hashes, sync
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str]]
GOOD = "correct horse battery staple"


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    return host


@pytest.fixture
def ended() -> list[str]:
    """Whose sessions were ended."""
    return []


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def run(
    host: FakeHost,
    ended: list[str],
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """The command line on that host: exit code, and all that was shown."""

    def end(_host: FakeHost, _site: object, address: str) -> dict[str, int]:
        ended.append(address)
        return {"sip": 2, "xmpp": 0}

    nobody = SimpleNamespace(end=end, seen=lambda *_: (), last_seen=lambda *_: 0)
    for module in (verbs_user, verbs_people):
        monkeypatch.setattr(module, "Host", lambda: again(host))
        monkeypatch.setattr(module, "person", nobody)
    monkeypatch.setattr(verbs_user, "undumped", lambda: None)
    monkeypatch.setattr(audit, "note", notes.append)

    def call(*argv: str, stdin: bytes = b"") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.main(["user", *argv])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call


def stored(host: FakeHost, name: str) -> Account:
    with sync.open_store(host) as store:
        return store.get(name, "falcot.com")


def test_add_serves_every_service_at_once(host: FakeHost, run: Run, notes: list[str]) -> None:
    code, shown = run(
        "add", "joe", "--password-stdin", "--extension", "1001", "--alias", "j.smith",
        stdin=f"{GOOD}\n".encode(),
    )  # fmt: skip
    assert (code, shown) == (0, "added joe@falcot.com\n")
    assert stored(host, "joe").ha1 == hashes.ha1("joe", "falcot.com", GOOD)
    assert host.exists("/var/lib/prosody/falcot%2ecom/accounts/joe.dat")
    with sync.open_store(host) as store:
        assert store.pending() == ()
    (note,) = notes
    assert note.startswith("added joe@falcot.com (by ")
    assert sync.drift(again(host), apply.read_site(host)[0]) == []


def test_a_generated_password_is_printed_once_and_logged_never(
    host: FakeHost, run: Run, notes: list[str]
) -> None:
    _, shown = run("add", "joe@FALCOT.com", "--generate")
    password = shown.partition("password: ")[2].strip()
    assert stored(host, "joe").ha1 == hashes.ha1("joe", "falcot.com", password)
    assert not any(password in note for note in notes)


@pytest.mark.parametrize(
    ("argv", "stdin", "fault"),
    [
        (["add", "Joe"], b"", "has upper-case letters"),
        (["add", "joe@elsewhere.example"], b"", "does not serve the domain 'elsewhere.example'"),
        (["add", "admin", "--generate"], b"", "admin@falcot.com exists already"),
        (["add", "joe", "--extension", "12a"], b"", "is not 2 to 12 digits"),
        (["add", "joe", "--alias", "admin"], b"", "admin@falcot.com exists already"),
        (["add", "joe"], b"", "no terminal to ask"),
        (["add", "joe", "--password-stdin"], b"short\n", "a weak password"),
        (["add", "joe", "--password-stdin"], b"", "the password is empty"),
        (["add", "joe", "--password-stdin"], b"\xff\xfe" * 6, "is not UTF-8"),
        (["passwd", "joe", "--generate"], b"", "there is no joe@falcot.com"),
        (["set", "admin"], b"", "nothing to set"),
        (["rename", "admin", "boss", "--keep-password"], b"", "is the administrator's account"),
        (["delete", "admin"], b"", "is the administrator's account"),
        (["disable", "admin", "joe"], b"", "there is no joe@falcot.com"),
    ],
)
def test_refusals_change_nothing(
    host: FakeHost, run: Run, notes: list[str], argv: list[str], stdin: bytes, fault: str
) -> None:
    with sync.open_store(host) as store:
        before = store.accounts()
    code, shown = run(*argv, stdin=stdin)
    assert code == 2
    assert shown.startswith("falcot-rtc: user")
    assert fault in shown
    assert len(shown.splitlines()) == 1
    assert notes == []
    with sync.open_store(host) as store:
        assert store.accounts() == before


def test_a_typing_error_is_asked_again(
    host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([GOOD, "something else", "short", GOOD, GOOD])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
    monkeypatch.setattr(verbs_user, "on_terminal", lambda: True)
    code, shown = run("add", "joe")
    assert code == 0
    assert "the two passwords differ" in shown
    assert "a weak password" in shown
    assert stored(host, "joe").ha1 == hashes.ha1("joe", "falcot.com", GOOD)


def test_passwd_of_the_administrator_ends_the_generated_one(
    host: FakeHost, run: Run, ended: list[str]
) -> None:
    assert host.exists(sync.PASSWORD_FILE)
    assert run("passwd", "admin", "--generate", "--log-out")[0] == 0
    assert not host.exists(sync.PASSWORD_FILE)
    assert ended == ["admin@falcot.com"]


def test_set_changes_what_can_be_dialled(host: FakeHost, run: Run) -> None:
    run("add", "joe", "--generate")
    run("set", "joe", "--extension", "1001", "--alias", "j.smith", "--alias", "smith")
    assert (stored(host, "joe").extension, stored(host, "joe").aliases) == (
        "1001",
        ("j.smith", "smith"),
    )
    run("set", "joe", "--extension", "", "--alias", "")
    assert (stored(host, "joe").extension, stored(host, "joe").aliases) == (None, ())


def test_rename_takes_contacts_and_a_new_password(
    host: FakeHost, run: Run, ended: list[str]
) -> None:
    run("add", "joe", "--generate")
    put(host.root, "/var/lib/prosody/falcot%2ecom/roster/joe.dat", "contacts")
    code, shown = run("rename", "joe", "jim", "--password-stdin", stdin=GOOD.encode())
    assert (code, ended) == (0, ["joe@falcot.com"])
    assert "renamed joe@falcot.com to jim@falcot.com" in shown
    assert stored(host, "jim").ha1 == hashes.ha1("jim", "falcot.com", GOOD)
    assert host.text("/var/lib/prosody/falcot%2ecom/roster/jim.dat") == "contacts"
    assert host.names("/var/lib/prosody/falcot%2ecom/accounts") == ["admin.dat", "jim.dat"]

    _, shown = run("rename", "jim", "jack", "--keep-password")
    assert "SIP and TURN wait for a new password" in shown
    assert stored(host, "jack").lacks("falcot.com") == ("sip", "turn")


def test_disable_ends_everything_and_enable_undoes_it(
    host: FakeHost, run: Run, ended: list[str]
) -> None:
    run("add", "joe", "--generate")
    code, shown = run("disable", "joe")
    assert (code, ended) == (0, ["joe@falcot.com"])
    assert "ended the sessions of joe@falcot.com: 2 of sip" in shown
    assert stored(host, "joe").state is State.DISABLED
    assert not host.exists("/var/lib/prosody/falcot%2ecom/accounts/joe.dat")
    assert run("enable", "joe") == (0, "enabled joe@falcot.com\n")
    assert host.exists("/var/lib/prosody/falcot%2ecom/accounts/joe.dat")
    assert ended == ["joe@falcot.com"]


def test_delete_leaves_nothing(host: FakeHost, run: Run, ended: list[str]) -> None:
    for name in ("joe", "jane"):
        run("add", name, "--generate")
    put(host.root, "/var/lib/prosody/falcot%2ecom/archive/joe.list", "secrets")
    assert run("delete", "joe", "jane")[0] == 0
    assert ended == ["joe@falcot.com", "jane@falcot.com"]
    with sync.open_store(host) as store:
        assert [one.name for one in store.accounts()] == ["admin"]
    assert host.names("/var/lib/prosody/falcot%2ecom/archive") == []


def test_an_unmanaged_host_has_no_accounts(host: FakeHost, run: Run) -> None:
    put(host.root, paths.SETTINGS, "manage = false\n" + host.text(paths.SETTINGS))
    code, shown = run("list")
    assert code == 1
    assert "does not manage this host" in shown


def test_an_address_of_the_first_domain_needs_none(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    assert verbs_user.address(site, " joe ") == ("joe", "falcot.com")
    assert verbs_user.address(site, "joe@Falcot.COM.") == ("joe", "falcot.com")
    for bad in ("", "@falcot.com", "joe@", "joe@falcot.com@x", "joe@falcot"):
        with pytest.raises(UsageError):
            verbs_user.address(site, bad)
