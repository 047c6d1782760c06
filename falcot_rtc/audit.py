# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line in the journal for each thing that was done: journalctl -t falcot-rtc (syslog(3))."""

from __future__ import annotations

import os
import pwd
import syslog
from pathlib import Path

IDENTIFIER = "falcot-rtc"


def note(line: str) -> None:
    """`line` names what happened and to whom; never a secret. Control characters are escaped."""
    syslog.openlog(IDENTIFIER, syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_NOTICE, line.encode("unicode_escape").decode())


def who() -> str:
    """The person behind this process, through sudo or su."""
    try:
        login = int(Path("/proc/self/loginuid").read_text(encoding="ascii"))
        return pwd.getpwuid(login).pw_name
    except (OSError, ValueError, KeyError, OverflowError):
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
