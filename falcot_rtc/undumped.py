# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the memory of this process, with passwords in it, out of core dumps (core(5), prctl(2))."""

from __future__ import annotations

import ctypes
import os
import resource

from falcot_rtc.errors import FalcotError

_PR_SET_DUMPABLE = 4


def undumped() -> None:
    """From now on; a limit alone would not keep it from a handler such as systemd-coredump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise FalcotError(f"prctl: {os.strerror(ctypes.get_errno())}")
