# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.expiry import DAY, stage


@pytest.mark.parametrize(
    ("validity", "left", "found"),
    [
        # A year: 30, 14 and 7 days.
        (365, 30.1, None),
        (365, 29.9, (30, False)),
        (365, 13.9, (14, False)),
        (365, 6.9, (7, True)),
        (365, -1, (7, True)),
        # Ninety days are renewed when 30 are left: no complaint at that very moment.
        (90, 30, None),
        (90, 27.1, None),
        (90, 26.9, (30, False)),
        (90, 13.4, (14, False)),
        (90, 6.7, (7, True)),
        # Six days, as public CAs offer them.
        (6, 5, None),
        (6, 1.7, (30, False)),
        (6, 0.4, (7, True)),
    ],
)
def test_stages(validity: float, left: float, found: tuple[int, bool] | None) -> None:
    expires = 2_000_000_000.0
    assert stage(expires - validity * DAY, expires, expires - left * DAY) == found
