# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit settings.toml without touching the administrator's comments, order or unknown keys. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from falcot_rtc import settings
from falcot_rtc.errors import UsageError

NEW = f"""\
# The settings of this falcot-rtc site. After a change: falcot-rtc plan, then falcot-rtc apply.
# falcot-rtc(8) and /usr/share/doc/falcot-rtc/settings.example.toml explain every key.
version = {settings.VERSION}
"""


def flat(document: Mapping[str, Any], path: str) -> str:
    """The value at a dotted path in debconf's text form; empty when it is not set."""
    value = settings.look_up(document, path)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _toml(key: settings.Key, value: str) -> Any:
    """The TOML form of a value that was given as text, checked by the key's own parser."""
    parsed = settings.parse_value(key, value, "settings.toml")
    if isinstance(parsed, bool):
        return parsed
    if isinstance(parsed, tuple):
        return [str(item) for item in parsed]
    return str(parsed)


def put(text: str, changes: Mapping[str, str]) -> str:
    """The file's text with each dotted path set to its value; an empty value removes the key.

    An empty list is a value of its own: no services is not the same as the default ones. Raises
    UsageError for an unknown key or a value that its parser refuses.
    """
    text = text or NEW
    settings.load(text)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"settings.toml: not valid TOML: {error}", hint=settings.EDIT) from error
    for path, value in changes.items():
        key = settings.BY_PATH.get(path)
        if key is None:
            known = ", ".join(settings.BY_PATH)
            raise UsageError(f"settings.toml: {path}: no such key", hint=f"known keys: {known}")
        *tables, last = path.split(".")
        keep = bool(value) or isinstance(key.default, tuple)
        table = _table(document, tables, path, make=keep)
        if table is None:
            continue
        if keep:
            new = _toml(key, value)
            if table.get(last) != new:
                table[last] = new
        elif last in table:
            del table[last]
    return tomlkit.dumps(document)


def _table(document: Any, names: list[str], path: str, *, make: bool) -> Any:
    """The table with these names, the first [[domain]] for `domain`; None if absent or not made."""
    table = document
    for name in names:
        if name not in table:
            if not make:
                return None
            table[name] = tomlkit.aot() if name == "domain" else tomlkit.table()
        table = table[name]
        if name == "domain":
            if not isinstance(table, list):
                raise UsageError(
                    f"settings.toml: {path}: domain is not a list of tables",
                    hint="write [[domain]] with two brackets on each side",
                )
            if not table:
                if not make:
                    return None
                table.append(tomlkit.table())
            table = table[0]
        if not isinstance(table, Mapping):
            raise UsageError(
                f"settings.toml: {path}: a value stands where a table belongs", hint=settings.EDIT
            )
    return table
