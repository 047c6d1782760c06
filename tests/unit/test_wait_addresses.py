# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import wait_addresses


def test_an_address_of_this_machine_is_usable() -> None:
    assert wait_addresses.is_usable("127.0.0.1")
    # TEST-NET-3 and the documentation prefix: nobody has them.
    assert not wait_addresses.is_usable("203.0.113.77")
    assert not wait_addresses.is_usable("2001:db8::77")


def test_what_is_there_is_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert wait_addresses.main(["127.0.0.1"]) == 0
    assert wait_addresses.main([]) == 0
    assert capsys.readouterr().err == ""


def test_what_does_not_come_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wait_addresses, "DEADLINE", 0.0)
    assert wait_addresses.main(["127.0.0.1", "203.0.113.77"]) == 1
    said = capsys.readouterr().err
    assert "does not have the address 203.0.113.77" in said
    assert "127.0.0.1" not in said


def test_what_comes_late_is_awaited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked: list[str] = []

    def third_time(address: str) -> bool:
        looked.append(address)
        return len(looked) == 3

    monkeypatch.setattr(wait_addresses, "is_usable", third_time)
    assert wait_addresses.main(["203.0.113.77"]) == 0
    assert len(looked) == 3
    assert capsys.readouterr().err == "falcot-rtc: waiting for the address 203.0.113.77\n"
