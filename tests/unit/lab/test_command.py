# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.command: commands, their clean environment and their errors."""

from __future__ import annotations

import pytest

from falcot_rtc.errors import FalcotError
from tests.lab.command import run


def test_environment_is_clean_but_for_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKED", "yes")
    shown = run(["env"], env={"GIVEN": "1"}).stdout.splitlines()
    assert "GIVEN=1" in shown
    assert not any(line.startswith("LEAKED") for line in shown)


def test_failure_shows_output_and_place() -> None:
    script = "echo said; echo why >&2; exit 3"
    with pytest.raises(FalcotError, match=r"there: 'inner'.*exit code 3\n  \| said\n  \| why"):
        run(["sh", "-c", script], shown=["inner"], where="there")
    assert run(["sh", "-c", script], check=False).returncode == 3


def test_input_reaches_the_command_as_text_and_bytes() -> None:
    assert run(["cat"], input="grüße").stdout == "grüße"
    assert run(["cat"], input=b"bytes").stdout == "bytes"


def test_a_missing_program_and_a_slow_one_are_named() -> None:
    with pytest.raises(FalcotError, match="no-such-program is not installed"):
        run(["no-such-program"])
    with pytest.raises(FalcotError, match="'sleep 20' took longer than"):
        run(["sleep", "20"], timeout=0.05)
