# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import kamailio_guests
from falcot_rtc.accounts.live import jsonrpc
from falcot_rtc.errors import FalcotError
from falcot_rtc.policies.sip import GUESTS
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_click_to_call import SALES
from tests.unit.test_derive import site

WANTED = {
    "guests": "sales=joe@falcot.com",
    "guest_origins": "https://shop.example:8443,https://www.falcot.com",
}


def test_what_is_rendered_is_what_is_set() -> None:
    assert kamailio_guests.wanted(content(GUESTS, site(FALCOT + SALES))) == WANTED
    # No list is empty: kamailio's in_list would complain of one.
    assert kamailio_guests.wanted(content(GUESTS)) == {"guests": "-", "guest_origins": "-"}


def test_a_running_kamailio_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(jsonrpc, "call", lambda _, *question: asked.append(question))
    file = tmp_path / "guests.cfg"
    file.write_text(content(GUESTS, site(FALCOT + SALES)))
    assert kamailio_guests.main([str(file)]) == 0
    assert asked == [("cfg.sets", "falcot", name, value) for name, value in WANTED.items()]


def test_a_refusal_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*question: object) -> None:
        raise FalcotError("kamailio: no")

    monkeypatch.setattr(jsonrpc, "call", call)
    file = tmp_path / "guests.cfg"
    assert kamailio_guests.main([str(file)]) == 1
    file.write_text("# nothing\n")
    assert kamailio_guests.main([str(file)]) == 1
    assert "no variable in it" in capsys.readouterr().err
    file.write_text(content(GUESTS))
    assert kamailio_guests.main([str(file)]) == 1
    assert capsys.readouterr().err == "guests: kamailio: no\n"
