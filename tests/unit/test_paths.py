# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import paths


def test_names_that_scripts_rely_on() -> None:
    assert paths.SETTINGS == "/etc/falcot-rtc/settings.toml"
    assert paths.POLICY_D == "/etc/falcot-rtc/policy.d"
    assert paths.LOCAL_D == "/etc/falcot-rtc/local.d"
    assert paths.SECRETS == "/etc/falcot-rtc/secrets"
    assert paths.CURRENT == "/etc/falcot-rtc/current"
    assert paths.ACCOUNTS == "/var/lib/falcot-rtc/accounts.sqlite"
    assert paths.LOCK == "/run/lock/falcot-rtc.lock"


def test_everything_of_ours_lies_below_names_of_ours() -> None:
    for name, path in vars(paths).items():
        if name.isupper() and path.startswith(("/etc", "/var")) and name != "UNITS_ETC":
            assert path.startswith(
                ("/etc/falcot-rtc", "/var/lib/falcot-rtc", "/var/cache/falcot-rtc")
            ), name
