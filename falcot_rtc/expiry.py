# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the end of a certificate is somebody's business: 30, 14 and 7 days before. Pure.

Whoever renews by a timer does so when a third of the validity is left (our own CA, certbot), which
with 90 days are 30. So each threshold is at most its share of the validity: a certificate that is
renewed in time never gets there, and one of six days is not complained about from its first hour.
"""

from __future__ import annotations

DAY = 86400.0
# Days, the share of the validity, and whether it is past patience.
STAGES = ((7, 0.075, True), (14, 0.15, False), (30, 0.3, False))


def stage(begins: float, expires: float, now: float) -> tuple[int, bool] | None:
    """The threshold in days that is passed, and whether it is an alarm; None while there is time.

    All three in Unix seconds.
    """
    for days, share, alarming in STAGES:
        if expires - now < min(days * DAY, share * (expires - begins)):
            return days, alarming
    return None
