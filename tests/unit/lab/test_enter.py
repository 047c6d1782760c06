# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.enter: users of another root file system."""

from __future__ import annotations

import pytest

from tests.lab.enter import account

PASSWD = "root:x:0:0:root:/root:/bin/bash\nbuilder:x:1000:1001::/srv/build:/bin/sh\n"


def test_account_gives_ids_and_home() -> None:
    assert account(PASSWD, "builder") == (1000, 1001, "/srv/build")


def test_an_unknown_user_is_named() -> None:
    with pytest.raises(LookupError, match="nobody"):
        account(PASSWD, "nobody")
