# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""debconf's answers against settings.toml: a three-way merge per key. Pure.

Debconf is not a registry (debconf-devel(7)): the base is what both agreed on last. Where the
settings differ from it, an administrator edited them and they win; else a new answer wins.
"""

from __future__ import annotations

from collections.abc import Mapping

from falcot_rtc import settings, settings_file
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import ALL
from falcot_rtc.resources import Question

QUESTIONS: tuple[Question, ...] = tuple(q for policy in ALL for q in policy.questions)
KEYED = tuple(q for q in QUESTIONS if q.key)


def parse(text: str) -> dict[str, str]:
    """`name<TAB>value` lines, as the maintainer scripts and the base file have them."""
    found = {}
    # Not splitlines(): in a value U+2028 and its like are characters, not the end of a line.
    for line in text.split("\n"):
        name, tab, value = line.partition("\t")
        if tab:
            found[name] = value
    return found


def dump(values: Mapping[str, str]) -> str:
    return "".join(f"{name}\t{value}\n" for name, value in sorted(values.items()))


def present(settings_text: str) -> dict[str, str]:
    """What the settings say now, by question; empty when there are none yet."""
    if not settings_text:
        return {}
    document = settings.load(settings_text)
    return {q.name: settings_file.flat(document, q.key) for q in KEYED}


def edited(settings_text: str, base: Mapping[str, str]) -> dict[str, str]:
    """The questions whose settings were edited since base, with the value to show."""
    now = present(settings_text)
    return {name: value for name, value in now.items() if value != base.get(name, "")}


def merged(settings_text: str, base: Mapping[str, str], given: Mapping[str, str]) -> str:
    """The new text of settings.toml; the same text when no answer wins."""
    now = present(settings_text)
    changes = {}
    for q in KEYED:
        answer = given.get(q.name)
        if answer is None:
            continue
        before = base.get(q.name, "")
        if settings_text and now[q.name] != before:
            continue
        if settings_text and not before and answer == q.default:
            # Nobody was asked yet, such as by an older version: an upgrade writes nothing.
            continue
        if not settings_text or answer != before:
            changes[q.key] = answer
    text = settings_file.put(settings_text, changes)
    if settings.is_managed(text):
        settings.parse(text)
    return text


def missing(given: Mapping[str, str]) -> UsageError | None:
    """The one line for a host that was installed without the answers it needs."""
    if given.get("falcot-rtc/manage") != "false" and not given.get("falcot-rtc/domain"):
        return UsageError(
            "no domain is given, so the services stay stopped",
            hint="dpkg-reconfigure falcot-rtc",
        )
    return None
