# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser sends of the form, and what is wrong with it whoever sent it (WHATWG URL §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl

TYPE = "application/x-www-form-urlencoded"
# Three passwords of 128 characters, every byte of four as %xx, and a name.
LARGEST = 8192
FIELDS = ("user", "old", "new", "again", "language")


class Outcome(StrEnum):
    """What came of a form; the pages have a text for each."""

    DONE = "done"
    WRONG = "wrong"
    LIMITED = "limited"
    MISSING = "missing"
    DIFFERENT = "different"
    SAME = "same"
    LONG = "long"
    UNTYPABLE = "untypable"
    WEAK = "weak"
    FOREIGN = "foreign"
    MALFORMED = "malformed"
    BUSY = "busy"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields as typed, empty where one is missing; `language` is that of the page."""

    user: str = ""
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    again: str = field(default="", repr=False)
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it, and after how many `seconds` another try makes sense."""

    outcome: Outcome
    seconds: int = 0


def parse(body: bytes) -> Form:
    """The form in a request's body; ValueError if it is none of ours."""
    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        strict_parsing=True,
        errors="strict",
        max_num_fields=len(FIELDS),
    )
    found = dict(pairs)
    if len(found) != len(pairs) or not found.keys() <= set(FIELDS):
        raise ValueError("not the fields of the form")
    return Form(**found)


def fault(form: Form) -> Outcome | None:
    """What keeps it from being tried at all, and tells nothing of any account."""
    if not all((form.user.strip(), form.old, form.new, form.again)):
        return Outcome.MISSING
    if form.new != form.again:
        return Outcome.DIFFERENT
    if form.new == form.old:
        return Outcome.SAME
    return None
