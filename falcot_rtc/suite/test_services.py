# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real protocol exchanges with each role, from the host itself and from where pytest runs."""

from __future__ import annotations

from typing import Any

import pytest

from falcot_rtc.probes import outcome
from falcot_rtc.probes.checks import Result
from falcot_rtc.pytest_plugin import ROLES


@pytest.mark.parametrize("role", ["host", "dns", *ROLES])
def test_from_the_host(role: str, inside: list[dict[str, Any]]) -> None:
    mine = [row for row in inside if row["role"] == role]
    if not mine:
        pytest.skip(f"{role} is not on this host")
    bad = [f"{r['id']}: {r['detail']}" for r in mine if r["status"] == outcome.FAIL]
    assert not bad, "\n".join(bad)
    assert any(r["status"] == outcome.OK for r in mine)


@pytest.mark.parametrize("role", ROLES)
def test_from_outside(role: str, outside: tuple[Result, ...]) -> None:
    mine = [result for result in outside if result.role == role]
    if not mine:
        pytest.skip(f"{role} is not on this host")
    bad = [f"{r.id}: {r.detail}" for r in mine if r.status == outcome.FAIL]
    assert not bad, "\n".join(bad)
    assert any(r.status == outcome.OK for r in mine)
