# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc setup`: debconf's questions on a terminal, for whoever installed without answers."""

from __future__ import annotations

import os.path
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from falcot_rtc import answers, settings
from falcot_rtc.errors import UsageError
from falcot_rtc.resources import Question

BACK = "<"
FILES = ("falcot-rtc/certificate-path", "falcot-rtc/key-path")
ON_443 = "falcot-rtc/port443"
SHOWN_BY_DEFAULT = ("high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """How to say a line, ask one, ask one that does not show, and look for a file."""

    say: Callable[[str], None]
    ask: Callable[[str], str]
    ask_hidden: Callable[[str], str]
    is_file: Callable[[str], bool] = os.path.isfile


def applies(question: Question, given: Mapping[str, str]) -> bool:
    """Whether the answers so far leave this question open."""
    if given.get("falcot-rtc/manage") == "false":
        return question.name == "falcot-rtc/manage"
    if question.name in FILES:
        return given.get("falcot-rtc/certificate") == "existing"
    if question.name == "falcot-rtc/acme-email":
        return given.get("falcot-rtc/certificate") == "acme"
    if question.name.startswith(f"{ON_443}-"):
        return given.get(ON_443) == "true" and _has_443(question, given)
    return True


def _has_443(question: Question, given: Mapping[str, str]) -> bool:
    """Whether the role and the family of the question about an address are wanted at all."""
    role, _, family = question.name.removeprefix(f"{ON_443}-").partition("-")
    if not family:
        return True
    listed = [
        given.get(name, "").split(", ") for name in ("falcot-rtc/services", f"{ON_443}-roles")
    ]
    return all(role in names for names in listed) and bool(given.get(f"falcot-rtc/{family}"))


def fault(question: Question, value: str) -> str:
    """Why the answer can't be meant; empty when it can."""
    if not question.key or not value:
        return ""
    try:
        settings.parse_value(settings.BY_PATH[question.key], value, "setup")
    except UsageError as error:
        return error.message.removeprefix(f"setup: {question.key}: ")
    return ""


def missing_file(question: Question, value: str, is_file: Callable[[str], bool]) -> str:
    """Why the services would find no certificate or key there; empty when they would."""
    if question.name not in FILES or (value and is_file(value)):
        return ""
    return f"'{value}' is not an existing file" if value else "a file is needed"


def _put(terminal: Terminal, question: Question, default: str) -> str:
    terminal.say("")
    for paragraph in question.long.split("\n\n"):
        terminal.say(textwrap.fill(paragraph, 78))
    for token, label in question.choices:
        terminal.say(f"  {token:<10} {label}")
    ask = terminal.ask_hidden if question.type == "password" else terminal.ask
    shown = f" [{default}]" if default and question.type != "password" else ""
    return ask(f"{question.short}{shown} ").strip()


def interview(
    terminal: Terminal, proposed: Mapping[str, str], *, every: bool = False
) -> dict[str, str]:
    """The answers, valid one by one; `<` goes back, an empty line takes what is proposed.

    `every` asks the questions of lower priority too.
    """
    given = {q.name: proposed.get(q.name) or q.default for q in answers.QUESTIONS}
    asked = [q for q in answers.QUESTIONS if every or q.priority in SHOWN_BY_DEFAULT]
    terminal.say(f"An empty line takes what stands in brackets, {BACK} goes back one question.")
    at = 0
    while at < len(asked):
        question = asked[at]
        if not applies(question, given):
            at += 1
            continue
        answer = _put(terminal, question, given[question.name])
        if answer == BACK:
            at = max((i for i in range(at) if applies(asked[i], given)), default=0)
            continue
        reason = fault(question, answer) or missing_file(
            question, answer or given[question.name], terminal.is_file
        )
        if reason:
            terminal.say(f"! {reason}")
            continue
        given[question.name] = answer or given[question.name]
        at += 1
    return given
