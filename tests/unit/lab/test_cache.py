# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.cache: directories that exist whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.cache import digest, ensure


def test_ensure_makes_once(tmp_path: Path) -> None:
    made = []

    def make(partial: Path) -> None:
        made.append(partial)
        (partial / "file").write_text("whole")

    target = tmp_path / "deep" / "target"
    assert ensure(target, make) == target
    assert ensure(target, make) == target
    assert (target / "file").read_text() == "whole"
    assert len(made) == 1


def test_a_failed_attempt_leaves_nothing_that_counts(tmp_path: Path) -> None:
    target = tmp_path / "target"

    def fail(partial: Path) -> None:
        (partial / "half").write_text("")
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError):
        ensure(target, fail)
    assert not target.exists()
    ensure(target, lambda partial: (partial / "whole").touch())
    assert [path.name for path in target.iterdir()] == ["whole"]


def test_digest_is_stable_and_sensitive() -> None:
    assert digest("a", ("b", 1)) == digest("a", ["b", 1])
    assert digest("a") != digest("b")
    assert digest({"x": 1, "y": 2}) == digest({"y": 2, "x": 1})
