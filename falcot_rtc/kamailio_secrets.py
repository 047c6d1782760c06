# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a running kamailio accept exactly the secrets of minted.cfg (its auth_ephemeral module).

The reload of kamailio.service runs this as kamailio's user, in the sandbox of the unit.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from falcot_rtc.accounts.live import jsonrpc
from falcot_rtc.errors import FalcotError

SOCKET = Path("/run/kamailio/falcot-rtc")
_LINE = re.compile(r'modparam\("auth_ephemeral", "secret", "([\w-]+)"\)', re.ASCII)
_USED = re.compile(r"ID (\d+): (.*)", re.DOTALL)

Ask = Callable[..., Any]


def wanted(text: str) -> tuple[str, ...]:
    """The secrets that the file names, oldest first."""
    return tuple(_LINE.findall(text))


def bring(ask: Ask, secrets: Sequence[str]) -> None:
    """Add what is missing, then remove what is too much: none is missing at any time."""
    if str(ask("core.version")).startswith("kamailio 5."):
        # The list of 5.6 is each process's own: route[MINTED] follows this variable.
        ask("cfg.sets", "falcot", "secrets", ",".join(secrets))
        return
    present = [secret for _, secret in _used(ask)]
    for secret in secrets:
        if secret not in present:
            ask("autheph.add_secret", secret)
    # The highest first: a number is but a place in the list.
    for number, secret in sorted(_used(ask), reverse=True):
        if secret not in secrets:
            ask("autheph.rm_secret", number)


def _used(ask: Ask) -> list[tuple[int, str]]:
    said = ask("autheph.dump_secrets") or []
    rows = (_USED.fullmatch(row) for row in ([said] if isinstance(said, str) else said))
    return [(int(row[1]), row[2]) for row in rows if row]


def main(argv: Sequence[str] | None = None) -> int:
    """0 when kamailio has them; 1 with a line about the reason."""
    (path,) = sys.argv[1:] if argv is None else argv
    try:
        secrets = wanted(Path(path).read_text(encoding="utf-8"))
        if not secrets:
            raise FalcotError(f"{path}: no secret in it", hint="falcot-rtc apply")
        bring(lambda method, *more: jsonrpc.call(SOCKET, method, *more), secrets)
    except (FalcotError, OSError) as error:
        print(f"minted credentials: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
