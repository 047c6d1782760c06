# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc.accounts import names
from falcot_rtc.policies import accounts


def test_the_password_has_no_place_in_the_settings() -> None:
    rows = {q.name: q for q in accounts.QUESTIONS}
    assert rows["falcot-rtc/admin-password"].key == ""
    assert rows["falcot-rtc/admin-password"].type == "password"
    assert rows["falcot-rtc/admin"].key == "admin"


def test_the_proposed_name_is_one_that_every_service_accepts() -> None:
    (admin,) = (q for q in accounts.QUESTIONS if q.key == "admin")
    assert names.local_part(admin.default) == admin.default
