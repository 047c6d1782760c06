# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator wrote below /etc/falcot-rtc and nothing reads: mistyped keys and names.

Unknown keys of settings.toml are kept, so they are no error; but nobody would learn of a misspelt
one. Unknown tunables are refused (derive.py), since their files are ours alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from falcot_rtc import click_to_call, paths, settings
from falcot_rtc.errors import named
from falcot_rtc.facts import Source
from falcot_rtc.policies import ALL

VERSION = "version"


def found(source: Source) -> tuple[str, ...]:
    """A line for each, with what it may have been meant to be."""
    return (
        *(
            f"{paths.SETTINGS}: {named(path)}: no such key, it changes nothing"
            + _meant(path, _names(), "falcot-rtc config get shows all; notes can be comments")
            for path in _unknown(settings.load(source.settings) if source.settings else {})
        ),
        *_files(source),
    )


def _files(source: Source) -> Iterator[str]:
    policies = [f"{policy.name}.toml" for policy in ALL if policy.tunables]
    for name in (*(f"{stem}.toml" for stem in source.policies), *source.others):
        if name not in policies:
            where = f"{paths.POLICY_D}/{name}"
            yield f"{named(where)}: no policy has that name, nothing reads it" + _meant(
                name, policies
            )
    providers = [provider.name for policy in ALL for provider in policy.providers]
    for name in source.overlays:
        if name not in providers:
            where = f"{paths.LOCAL_D}/{name}"
            yield f"{named(where)}: no service has that name, nothing reads it" + _meant(
                name, providers
            )


def _names() -> list[str]:
    """All keys, and the tables that they stand in."""
    heads = {p[:end] for p in settings.BY_PATH for end, sign in enumerate(p) if sign == "."}
    return [*settings.BY_PATH, *sorted(heads), click_to_call.TABLE]


def _meant(name: str, known: Iterable[str], otherwise: str = "") -> str:
    import difflib

    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f" (hint: {close[0]}?)" if close else f" (hint: {otherwise or ', '.join(names)})"


def _unknown(document: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted paths that are neither a key nor a table with one in it."""
    for name, value in document.items():
        path = f"{prefix}{name}"
        # A key that is unknown in a [[click_to_call]] is an error (click_to_call.py).
        if path in (VERSION, click_to_call.TABLE) or path in settings.BY_PATH:
            continue
        if not any(key.startswith(f"{path}.") for key in settings.BY_PATH):
            yield path
            continue
        # Every [[domain]] may have what the first has.
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, Mapping):
                yield from _unknown(table, f"{path}.")
