# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import readers

JAILS = "/etc/fail2ban/jail.d/falcot-rtc.conf"
FAIL2BAN = "fail2ban.service"


def test_who_runs_and_reads_is_told_once() -> None:
    touched = [JAILS, "/etc/fail2ban/filter.d/falcot-rtc.conf", "/etc/prosody/x"]
    found = readers.reloads(touched, [FAIL2BAN])
    assert [(action.verb, action.unit) for action in found] == [("reload", FAIL2BAN)]


def test_nobody_is_started_or_told_what_he_does_not_read() -> None:
    assert readers.reloads([JAILS], []) == []
    assert readers.reloads(["/etc/prosody/x"], [FAIL2BAN]) == []
