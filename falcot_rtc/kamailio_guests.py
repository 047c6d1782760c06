# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a running kamailio know what guests.cfg says: whom callers without an account may call.

The reload of kamailio.service runs this as kamailio's user, in the sandbox of the unit.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from falcot_rtc.accounts.live import jsonrpc
from falcot_rtc.errors import FalcotError
from falcot_rtc.kamailio_secrets import SOCKET

_LINE = re.compile(r'falcot\.(\w+) = "([^"]*)" desc ".*"', re.ASCII)


def wanted(text: str) -> dict[str, str]:
    """The variables that the file sets."""
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {row[1]: row[2] for row in found if row}


def main(argv: Sequence[str] | None = None) -> int:
    """0 when kamailio has them; 1 with a line about the reason."""
    (path,) = sys.argv[1:] if argv is None else argv
    try:
        variables = wanted(Path(path).read_text(encoding="utf-8"))
        if not variables:
            raise FalcotError(f"{path}: no variable in it", hint="falcot-rtc apply")
        for name, value in variables.items():
            jsonrpc.call(SOCKET, "cfg.sets", "falcot", name, value)
    except (FalcotError, OSError) as error:
        print(f"guests: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
