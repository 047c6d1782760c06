# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.state: a host's state, saved and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError, UsageError
from tests.lab import state
from tests.lab.network import Network
from tests.lab.nspawn import Process


def test_state_survives_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "DIRECTORY", tmp_path / "run")
    saved = state.State(
        network=Network(name="t1", addresses_by_host=True),
        release="trixie",
        directory=tmp_path,
        lowers=(tmp_path / "a", tmp_path / "b"),
        binds=((tmp_path, "/srv/debian"),),
        container=Process(pid=12, started=34),
        zones={"falcot.com": "text"},
    )
    state.save(saved)
    assert state.load("t1") == saved
    state.forget("t1")
    with pytest.raises(FalcotError, match="no lab host 't1'"):
        state.load("t1")
    state.forget("t1")


@pytest.mark.parametrize("name", ["", "../x", "Upper", "1st", "x" * 41])
def test_names_that_cannot_name_a_machine_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="lab host name"):
        state.checked_name(name)
