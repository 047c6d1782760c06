# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from falcot_rtc.packaging import files


def test_stale_names_what_differs_is_missing_or_has_no_policy_any_more() -> None:
    expected = {"a": "1\n", "b": "2\n", "policy.d/turn.toml": "#x = 1\n"}
    present = {"a": "1\n", "b": "old\n", "policy.d/gone.toml": "#y = 1\n"}
    assert files.stale(expected, present) == ("b", "policy.d/gone.toml", "policy.d/turn.toml")


def test_nothing_is_stale_when_all_is_as_expected() -> None:
    assert files.stale({"a": "1\n"}, {"a": "1\n"}) == ()
