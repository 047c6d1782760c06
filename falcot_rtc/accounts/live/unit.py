# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service that can't be asked is stopped, or runs and has to be complained about."""

from __future__ import annotations

from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host


def silent(host: Host, unit: str, error: OSError) -> None:
    """Return if `unit` does not run, so that nobody is there; FalcotError if it does."""
    state = host.run("systemctl", "is-active", unit, check=False).stdout.decode().strip()
    if state in ("active", "reloading", "deactivating"):
        raise FalcotError(
            f"{unit}: does not answer on its control socket: {error.strerror or error}",
            hint=f"falcot-rtc apply; journalctl -u {unit}",
        ) from error
