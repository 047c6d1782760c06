# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.release: the releases the lab knows."""

from __future__ import annotations

import pytest

from falcot_rtc.errors import UsageError
from tests.lab.release import release


def test_suffix_and_backports() -> None:
    assert release("trixie").suffix == "~deb13u1"
    assert release("bookworm").suffix == "~deb12u1"
    assert release("bookworm").backports == "bookworm-backports"


def test_an_unknown_release_is_named() -> None:
    with pytest.raises(UsageError, match="'woody' is not one of trixie, bookworm"):
        release("woody")
