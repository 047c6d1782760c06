# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc.accounts import password
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FakeHost


def test_a_generated_one_can_be_read_out() -> None:
    made = password.generated()
    assert len(made) == 23
    assert set(made) <= set(password.ALPHABET) | {"-"}
    assert made != password.generated()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("", "is empty"),
        ("x" * 129, "longer than 128"),
        ("one\ntwo three", "can't be typed"),
        ("tab\there and there", "can't be typed"),
        ("short", "a weak password: The password is shorter than 8 characters"),
    ],
)
def test_what_can_not_be_meant_is_refused(tmp_path: Path, given: str, fault: str) -> None:
    host = FakeHost(tmp_path)
    with pytest.raises(UsageError, match=fault):
        password.checked(host, "joe", given)


def test_a_good_one_is_scored_and_never_shown(tmp_path: Path) -> None:
    host = FakeHost(tmp_path)
    assert password.checked(host, "joe", "Grüße aus Köln") == "Grüße aus Köln"
    assert host.system.commands == [("pwscore", "joe")]


def test_a_weak_one_can_be_insisted_on(tmp_path: Path) -> None:
    assert password.checked(FakeHost(tmp_path), "joe", "short", weak=True) == "short"
