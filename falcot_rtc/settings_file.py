# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit settings.toml without touching the administrator's comments, order or unknown keys. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from falcot_rtc import settings
from falcot_rtc.errors import UsageError, named, shown

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
        return ", ".join(_line(item) for item in value)
    return _line(value)


def _line(value: object) -> str:
    # debconf's values are single lines; no value that has more of them is valid anyway.
    text = value if isinstance(value, str) else shown(value)
    return " ".join(text.splitlines())


def explained(path: str) -> str:
    """A hint for who gave a value himself: what the key is for."""
    key = settings.BY_PATH.get(path)
    return key.doc if key else settings.EDIT


def _toml(key: settings.Key, value: str, hint: str) -> Any:
    """The TOML form of a value that was given as text, checked by the key's own parser."""
    parsed = settings.parse_value(key, value, "settings.toml", hint)
    if isinstance(parsed, bool):
        return parsed
    if isinstance(parsed, tuple):
        return [str(item) for item in parsed]
    return str(parsed)


def put(text: str, changes: Mapping[str, str], hint: str = settings.EDIT) -> str:
    """The file's text with each dotted path set to its value; an empty value removes the key.

    An empty list is a value of its own: no services is not the same as the default ones. Raises
    UsageError for an unknown key, or with `hint` for a value that its parser refuses.
    """
    text = text or NEW
    settings.load(text)
    for path, value in changes.items():
        text = _put_one(text, path, value, hint)
    return text


def _put_one(text: str, path: str, value: str, hint: str) -> str:
    key = settings.BY_PATH.get(path)
    if key is None:
        known = ", ".join(settings.BY_PATH)
        raise UsageError(f"settings.toml: {named(path)}: no such key", hint=f"known keys: {known}")
    new = _toml(key, value, hint) if value or isinstance(key.default, tuple) else None
    wanted = settings.load(text)
    if not _change(wanted, path, new, table=dict, array=list):
        return text
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    # tomlkit misplaces a new table in a file of dotted keys, and has none inside inline ones: what
    # it wrote counts only when it reads as the old file with this one change.
    for table, array in ((tomlkit.table, tomlkit.aot), (tomlkit.inline_table, tomlkit.array)):
        try:
            document = tomlkit.parse(text)
            _change(document, path, new, table=table, array=array)
            after = tomlkit.dumps(document)
            if _filled(settings.load(after)) == _filled(wanted):
                return after
        except (TOMLKitError, ValueError, RecursionError, UsageError):
            continue
    raise UsageError(
        f"settings.toml: {path}: cannot be changed in a file of this form",
        hint="edit /etc/falcot-rtc/settings.toml by hand; [table] headers suit it best",
    )


def _filled(value: Any) -> Any:
    """The value without its empty tables, which dotted keys can't express; equal to its copy."""
    if isinstance(value, Mapping):
        filled = {key: _filled(inner) for key, inner in value.items()}
        return {key: inner for key, inner in filled.items() if inner != {}}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return "nan" if value != value else value


def _change(
    document: Any, path: str, new: Any, *, table: Callable[[], Any], array: Callable[[], Any]
) -> bool:
    """Set or, for None, remove the key at `path`; False if it is so already."""
    *names, last = path.split(".")
    at = document
    for name in names:
        if name not in at:
            if new is None:
                return False
            at[name] = array() if name == "domain" else table()
        at = at[name]
        if name == "domain":
            if not isinstance(at, list):
                raise UsageError(
                    f"settings.toml: {path}: domain is not a list of tables",
                    hint="write [[domain]] with two brackets on each side",
                )
            if not at:
                if new is None:
                    return False
                at.append(table())
            at = at[0]
        if not isinstance(at, Mapping):
            raise UsageError(
                f"settings.toml: {path}: a value stands where a table belongs", hint=settings.EDIT
            )
    if at.get(last) == new and type(at.get(last)) is type(new):
        return False
    if new is None:
        del at[last]
    else:
        at[last] = new
    return True
