# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our system users, for systemd-sysusers(8); format of sysusers.d(5)."""

from __future__ import annotations

from collections.abc import Sequence

from falcot_rtc.packaging.relations import users
from falcot_rtc.packaging.text import banner
from falcot_rtc.policy import Policy


def sysusers(policies: Sequence[Policy]) -> str:
    lines = (f'u {user.name} - "{user.description}"\n' for user in users(policies))
    return banner() + "".join(lines)
