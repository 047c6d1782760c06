# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which formats there are, and which one a file has by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from falcot_rtc.accounts.formats import digests, jsonl, people, repro
from falcot_rtc.accounts.formats.entry import Found, Refused
from falcot_rtc.accounts.formats.text import Line
from falcot_rtc.errors import UsageError, named

Reader = Callable[[Iterator[Line | Refused]], Found]

FORMATS: Mapping[str, Reader] = MappingProxyType(
    {
        "csv": people.read,
        "jsonl": jsonl.read,
        "htdigest": digests.htdigest,
        "return": digests.return_users,
        "repro": repro.read,
    }
)
_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".htdigest": "htdigest",
}


def guess(file: str) -> str:
    """The format of a file by its name; UsageError if that tells nothing."""
    for ending, found in _ENDINGS.items():
        if file.lower().endswith(ending):
            return found
    raise UsageError(
        f"user: the name {named(file)} tells no format",
        hint=f"give --format with one of {', '.join(FORMATS)}",
    )
