# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One key of a file of ours, its value parsed, and TOML text as plain tables. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from falcot_rtc.errors import UsageError, shown

EDIT = "edit /etc/falcot-rtc/settings.toml, or run dpkg-reconfigure falcot-rtc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting: its dotted path, how it is parsed, and what holds when it is absent.

    `domain.name` stands for the first `[[domain]]`. A default of None means: not set.
    """

    path: str
    parse: Callable[[object], object]
    default: object = None
    doc: str


def parse_value(key: Key, value: object, where: str, hint: str = EDIT) -> object:
    try:
        return key.parse(value)
    except ValueError as error:
        raise UsageError(f"{where}: {key.path}: {shown(value)} {error}", hint=hint) from error
    except UsageError as error:
        raise UsageError(f"{where}: {key.path}: {error.message}", hint=error.hint) from error


def tables(text: str, where: str, hint: str) -> dict[str, Any]:
    """The tables of a TOML text; raises UsageError for anything else."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{where}: not valid TOML: nested too deeply", hint=hint) from error
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise UsageError(f"{where}: not valid TOML: {error}", hint=hint) from error
