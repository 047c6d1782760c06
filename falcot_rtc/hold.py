# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hold: services that came with us start only once they are configured.

preinst writes a volatile drop-in before the services' packages are configured. What is here makes
the hold outlive a reboot; a good apply removes both (systemd.unit(5), ConditionPathExists=).
"""

from __future__ import annotations

from collections.abc import Callable

from falcot_rtc import facts, paths
from falcot_rtc.errors import FalcotError, of_system
from falcot_rtc.host import Host
from falcot_rtc.policies import ALL

MARKER = f"{paths.STATE}/held"
DROPIN = f"""\
# falcot-rtc holds this service until it is configured: dpkg-reconfigure falcot-rtc
[Unit]
ConditionPathExists=!{MARKER}
"""


def units() -> tuple[str, ...]:
    """The stock units of every provider."""
    return tuple(unit for p in ALL for provider in p.providers for unit in provider.held)


def make_lasting(host: Host, names: tuple[str, ...]) -> None:
    """Keep the units from starting, now and after a reboot, until an apply succeeds."""
    if not names:
        return
    host.write(MARKER, b"", mode=0o644)
    for unit in sorted(set(names)):
        host.write(f"{paths.UNITS_ETC}/{unit}.d/{paths.HOLD_DROPIN}", DROPIN.encode(), mode=0o644)
    if host.has_systemd:
        host.run("systemctl", "daemon-reload")


def keep(host: Host, names: tuple[str, ...], report: Callable[[str], None]) -> None:
    """`make_lasting`, or where that is impossible a report of what the next boot would start."""
    try:
        make_lasting(host, names)
    except FalcotError as error:
        failure = error
    except OSError as error:
        failure = of_system(error)
    else:
        return
    report(f"held until the next boot only: {', '.join(names)}: {failure}")


def held(host: Host) -> tuple[str, ...]:
    """The units that preinst or a failed apply holds back."""
    return tuple(sorted({facts.held_unit(path) for path in facts.holds(host)}))
