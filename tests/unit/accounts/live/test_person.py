# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc.accounts.live import person, sip, turn, xmpp
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from tests.unit.fake_host import FALCOT
from tests.unit.test_derive import site


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The services that were asked to end something; SIP fails."""
    asked: list[str] = []

    def ends(name: str, count: int) -> Callable[..., int]:
        def end(host: Host, address: str, **_: str) -> int:
            asked.append(name)
            if not count:
                raise FalcotError(f"{name} is stuck")
            return count

        return end

    monkeypatch.setattr(sip, "end", ends("sip", 0))
    monkeypatch.setattr(xmpp, "end", ends("xmpp", 2))
    monkeypatch.setattr(turn, "end", ends("turn", 3))
    return asked


def test_one_that_fails_keeps_no_other_from_ending(tmp_path: Path, ended: list[str]) -> None:
    with pytest.raises(FalcotError, match="sip is stuck"):
        person.end(Host(tmp_path), site(), "joe@falcot.com")
    assert ended == ["sip", "xmpp", "turn"]


def test_services_that_are_not_here_are_not_asked(tmp_path: Path, ended: list[str]) -> None:
    found = site('services = ["xmpp", "turn"]\n' + FALCOT)
    assert person.end(Host(tmp_path), found, "joe@falcot.com") == {"xmpp": 2, "turn": 3}
    assert ended == ["xmpp", "turn"]
