# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts tests/integration/killer.py into a host and tells it whom to end, and where not again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration import killer
from tests.lab.host import Host

# Python of any version looks there, and what dpkg does not know there does not disturb it.
PLACE = "/usr/lib/python3/dist-packages"
MODULE = "falcot_rtc_killer"
KILLED = (-9, 137)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """The killer in a host. `fine`: every single step, else one of each kind of those that others
    see, or with `counted` every one of these."""

    host: Host
    fine: bool = False
    counted: bool = False

    def install(self) -> None:
        self.host.push(f"{PLACE}/{MODULE}.py", Path(killer.__file__).read_text(encoding="utf-8"))
        self.host.push(f"{PLACE}/{MODULE}.pth", f"import {MODULE}; {MODULE}.arm()\n")

    @contextmanager
    def armed(self, victim: str, chosen: list[str]) -> Iterator[None]:
        """The next falcot-rtc ends at its first step that is not in `chosen`, which takes it in."""
        control = str(killer.CONTROL)
        self.host.push(f"{control}/chosen", "".join(f"{kind}\n" for kind in chosen))
        for mode, wanted in (("fine", self.fine), ("counted", self.counted)):
            if wanted:
                self.host.push(f"{control}/{mode}", "")
        self.host.push(f"{control}/victim", victim)
        try:
            yield
            chosen[:] = self.host.read(f"{control}/chosen").splitlines()
        finally:
            self.host.run(["rm", "-r", control])
