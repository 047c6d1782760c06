# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records that we published, by zone: those alone may be withdrawn again.

A record is noted before it is sent, and forgotten after it was withdrawn, so that a run that was
killed leaves nothing in a zone that nobody would remember.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.zone.records import Row

Memory = Mapping[str, frozenset[Row]]


def load(host: Host) -> dict[str, frozenset[Row]]:
    text = host.text(paths.PUBLISHED)
    if not text:
        return {}
    try:
        return {
            zone: frozenset(Row(name=name, type=kind, data=data) for name, kind, data in rows)
            for zone, rows in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise FalcotError(
            f"{paths.PUBLISHED}: is damaged: {error}",
            hint="remove it: then records of former settings stay until you delete them",
        ) from error


def save(host: Host, zone: str, rows: Iterable[Row]) -> None:
    """What is remembered of one zone from now on; the others stay as they are."""
    kept: dict[str, frozenset[Row]] = {**load(host), zone: frozenset(rows)}
    listed = {
        name: [[row.name, row.type, row.data] for row in sorted(kept[name])]
        for name in sorted(kept)
        if kept[name]
    }
    host.write(paths.PUBLISHED, (json.dumps(listed, indent=1) + "\n").encode(), mode=0o600)
