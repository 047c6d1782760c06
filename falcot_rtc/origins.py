# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the administrator's files a checker's complaint is about. Pure.

A checker names a line of the generation, which is gone once it is refused; and overlays are text
among ours in there (decision 11), each behind a comment with its path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from falcot_rtc import paths

_FILE = r"/generations/\d+/(?P<path>[\w./+-]+?)"
# As coturn_options and Lua say it, as kamailio, as apache.
_PLACES = (
    re.compile(rf"{_FILE}:(?P<line>\d+)\b"),
    re.compile(rf"{_FILE}, line (?P<line>\d+)\b"),
    re.compile(rf"line (?P<line>\d+) of \S*?{_FILE}(?=[:\s]|$)"),
)
_OVERLAY = re.compile(rf"\s*(?:#|--) ({re.escape(paths.LOCAL_D)}/\S+)$")


def overlay(complaint: str, files: Mapping[str, str]) -> str:
    """`FILE, near line N` of the overlay that the complaint is about; empty when it names none.

    `files` are the texts of the generation, by path.
    """
    for pattern in _PLACES:
        for found in pattern.finditer(complaint):
            lines = files.get(found["path"], "").splitlines()[: int(found["line"])]
            for back, line in enumerate(reversed(lines)):
                named = _OVERLAY.match(line)
                if named:
                    # The end of our own file complains of what was left open at the end of his.
                    # kamailio counts one line too many behind some included files.
                    return f"{named[1]}, near line {back}" if back else named[1]
    return ""
