# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of whole hosts share; nothing of it applies unless a test asks for it."""

import pytest

from tests.unit.fake_host import ADDRESSES

LOCAL = (*ADDRESSES, "127.0.0.1")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that runs the tests has none of the fake host's addresses."""
    monkeypatch.setattr("falcot_rtc.preflight.is_usable", lambda address: address in LOCAL)
    monkeypatch.setattr("falcot_rtc.preflight.is_free", lambda endpoint: True)


@pytest.fixture
def volatile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fsync: no power fails here, and hundreds of applies would take minutes."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
