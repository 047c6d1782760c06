# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.needs: what is missing on the build machine."""

from __future__ import annotations

from tests.lab.needs import missing


def test_removed_and_unknown_packages_are_missing() -> None:
    statuses = "git installed\ngpg config-files\niproute2 installed\n"
    assert missing(statuses, ("git", "gpg", "iproute2", "mmdebstrap")) == ("gpg", "mmdebstrap")
    assert missing(statuses, ("git",)) == ()


def test_a_program_from_elsewhere_is_not_replaced() -> None:
    wanted = ("git", "nodejs", "npm")
    assert missing("nodejs installed\n", wanted, ["node", "npm"]) == ("git",)
    assert missing("", wanted, []) == wanted
