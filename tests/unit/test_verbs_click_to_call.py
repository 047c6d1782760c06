# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import json
from pathlib import Path

import pytest

from falcot_rtc import apply, paths, verbs_click_to_call
from falcot_rtc.accounts import sync
from falcot_rtc.accounts.account import State
from falcot_rtc.errors import UsageError
from falcot_rtc.verbs_click_to_call import listing, snippet
from tests.unit.fake_host import FALCOT, FakeHost, again, put
from tests.unit.phone_desk.rooms import site_with_people
from tests.unit.test_click_to_call import SALES

pytestmark = pytest.mark.usefixtures("network", "volatile")

MORE = """
[[click_to_call]]
name = "number"
target = "1001"
until = 2020-12-31

[[click_to_call]]
name = "alias"
target = "joseph"

[[click_to_call]]
name = "nobody"
target = "gone"
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    host = site_with_people(tmp_path, FALCOT + SALES + MORE)
    with sync.open_store(host) as store:
        store.set_extension("joe", "falcot.com", "1001")
        store.set_aliases("joe", "falcot.com", ["joseph"])
    monkeypatch.setattr(verbs_click_to_call, "Host", lambda: again(host))
    return host


def test_whose_phone_rings(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert listing(argparse.Namespace(json=True)) == 0
    rows = json.loads(capsys.readouterr().out)
    joe = "joe@falcot.com"
    assert {row["name"]: row["rings"] for row in rows} == {
        "sales": joe, "number": joe, "alias": joe, "nobody": None,
    }  # fmt: skip
    assert {row["name"] for row in rows if row["ended"]} == {"number"}
    with sync.open_store(host) as store:
        store.set_state("joe", "falcot.com", State.DISABLED)
    listing(argparse.Namespace(json=False))
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in shown[1:]] == [
        ["sales", joe, "nobody"],
        ["number", "1001@falcot.com", "nobody"],
        ["alias", "joseph@falcot.com", "nobody"],
        ["nobody", "gone@falcot.com", "nobody"],
    ]
    assert "2027-12-31" in shown[1] and "https://www.falcot.com" in shown[1]
    assert "ended" in shown[2]


def test_the_snippet_is_html(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert snippet(argparse.Namespace(name="sales")) == 0
    assert capsys.readouterr().out == (
        '<script src="https://falcot.com/phone/call.js" async></script>\n'
        '<falcot-call name="sales">Ask „Joe“ about &lt;wine&gt;</falcot-call>\n'
    )


def test_what_there_is_not(host: FakeHost) -> None:
    with pytest.raises(UsageError, match="'a\\\\nb': no such") as caught:
        snippet(argparse.Namespace(name="a\nb"))
    assert caught.value.hint == "known here: sales, number, alias, nobody"
    put(host.root, paths.SETTINGS, FALCOT)
    with pytest.raises(UsageError) as caught:
        snippet(argparse.Namespace(name="sales"))
    assert caught.value.hint == verbs_click_to_call.HINT
    put(host.root, paths.SETTINGS, 'services = ["turn", "web"]\n' + FALCOT + SALES)
    with pytest.raises(UsageError, match="needs the roles sip and web"):
        snippet(argparse.Namespace(name="sales"))
    assert apply.read_site(host)[0].settings.click_to_call
