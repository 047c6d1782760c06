# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc.accounts.live.unit import silent
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host


class Asked(Host):
    """A host whose systemctl says one thing."""

    def __init__(self, root: Path, state: str) -> None:
        super().__init__(root)
        self.state = state

    def run(self, *argv, check=True, stdin=b"", env=None):  # type: ignore[no-untyped-def]
        assert argv == ("systemctl", "is-active", "kamailio.service")
        return super().run("echo", self.state)


@pytest.mark.parametrize("state", ["inactive", "failed", "unknown"])
def test_a_stopped_service_is_silent(tmp_path: Path, state: str) -> None:
    silent(Asked(tmp_path, state), "kamailio.service", ConnectionRefusedError(111, "refused"))


def test_a_running_one_is_complained_about(tmp_path: Path) -> None:
    error = PermissionError(13, "Permission denied")
    with pytest.raises(FalcotError, match=r"kamailio\.service.*Permission denied"):
        silent(Asked(tmp_path, "active"), "kamailio.service", error)
