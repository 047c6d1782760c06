# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from falcot_rtc import apply, cli, verbs_people
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.live.session import Kind, Session
from tests.unit.fake_host import FakeHost, again, fresh

pytestmark = pytest.mark.usefixtures("network", "volatile")
PHONE = Session(
    service="sip",
    kind=Kind.REGISTRATION,
    device="[red]Phone[/red]",
    where="203.0.113.7:5061 tls",
    since=1_700_000_000,
    expires=1_700_000_600,
)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """falcot.com with joe, whose phone is registered."""
    host = fresh(tmp_path)
    apply.apply(host, report=lambda _: None)
    with sync.open_store(host) as store:
        realm = "falcot.com"
        store.add("joe", realm, realm=realm, password="x", extension="1001", aliases=("smith",))
    monkeypatch.setattr(verbs_people, "Host", lambda: again(host))
    joe = SimpleNamespace(seen=lambda *_: (PHONE,), last_seen=lambda *_: 1_700_000_000)
    monkeypatch.setattr(verbs_people, "person", joe)
    return host


def test_list_is_a_table_or_json(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["user", "list"]) == 0
    _, admin, joe = capsys.readouterr().out.splitlines()
    assert admin.split() == ["admin@falcot.com", "active"]
    assert joe.split() == ["joe@falcot.com", "1001", "smith", "active"]
    assert cli.main(["user", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["address"] for row in rows] == ["admin@falcot.com", "joe@falcot.com"]
    assert rows[1]["needs-password-for"] == []


def test_show_names_devices(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["user", "show", "joe"]) == 0
    shown = capsys.readouterr().out
    assert "joe@falcot.com" in shown
    assert "[red]Phone[/red]" in shown
    assert "203.0.113.7:5061 tls" in shown
    assert cli.main(["user", "show", "joe", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sessions"][0]["kind"] == "registration"
    assert told["last-seen"] == 1_700_000_000


def test_show_of_nobody(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["user", "show", "eve"]) == 2
    assert "there is no eve@falcot.com" in capsys.readouterr().err
