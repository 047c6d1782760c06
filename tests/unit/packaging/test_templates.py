# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

from debian.deb822 import Deb822

from falcot_rtc.packaging import templates
from falcot_rtc.policies import ALL
from falcot_rtc.resources import Question

PO = Path(__file__).parents[3] / "debian" / "po"
STANZAS = list(Deb822.iter_paragraphs(templates.templates(ALL)))


def messages(po: str) -> dict[str, str]:
    """msgid -> msgstr of a PO file; fuzzy entries count as untranslated."""
    found = {}
    for block in po.split("\n\n"):
        texts = {}
        for word in ("msgid", "msgstr"):
            match = re.search(rf'^{word} ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.MULTILINE)
            quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', match[1]) if match else []
            texts[word] = "".join(quoted).replace('\\"', '"')
        found[texts["msgid"]] = "" if "#, fuzzy" in block else texts["msgstr"]
    found.pop("", None)
    return found


def translatable() -> set[str]:
    """What po-debconf extracts from the templates."""
    found = set()
    for question in (*templates.questions(ALL), *templates.ERRORS):
        found |= {question.short, *question.long.split("\n\n")}
        found |= {label for _, label in question.choices}
    return found - {""}


def test_every_question_and_every_error_has_a_template() -> None:
    named = [stanza["Template"] for stanza in STANZAS]
    assert len(named) == len(set(named))
    assert {"falcot-rtc/manage", "falcot-rtc/domain", "falcot-rtc/bad-domain"} <= set(named)


def test_choices_are_tokens_with_translatable_labels() -> None:
    services = next(s for s in STANZAS if s["Template"] == "falcot-rtc/services")
    assert services["Choices-C"] == "turn, sip, xmpp, web"
    assert services["Default"] == "turn, sip, xmpp, web"
    assert len(services["__Choices"].split(", ")) == 4


def test_comma_in_a_label_does_not_make_two() -> None:
    question = Question(
        name="falcot-rtc/x",
        type="select",
        priority="low",
        choices=(("a", "this, that"), ("b", "nothing")),
        short="Which:",
        long="One of them.\n\nReally.",
    )
    assert templates.template(question) == (
        "Template: falcot-rtc/x\nType: select\nChoices-C: a, b\n"
        "__Choices: this\\, that, nothing\n"
        "_Description: Which:\n One of them.\n .\n Really.\n"
    )


def test_the_message_catalogue_has_every_text_of_the_templates() -> None:
    assert set(messages((PO / "templates.pot").read_text(encoding="utf-8"))) == translatable()


def test_german_is_complete() -> None:
    german = messages((PO / "de.po").read_text(encoding="utf-8"))
    assert {text for text in translatable() if not german.get(text)} == set()
    kept = [text for text, translation in german.items() if "${value}" in text + translation]
    assert kept
    assert all("${value}" in german[text] for text in kept)
