# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The debconf templates, marked for translation: debconf-devel(7), po-debconf(7)."""

from __future__ import annotations

from collections.abc import Sequence

from falcot_rtc.packaging.text import banner, wrapped
from falcot_rtc.policy import Policy
from falcot_rtc.resources import Question

# What `config` answers to a value that settings would refuse.
ERRORS = (
    Question(
        name="falcot-rtc/bad-domain",
        type="error",
        priority="critical",
        short="Not a domain name: ${value}",
        long="A domain name has at least two parts, such as falcot.com, made of letters, digits "
        "and hyphens.",
    ),
    Question(
        name="falcot-rtc/bad-ipv4",
        type="error",
        priority="critical",
        short="Not a usable IPv4 address: ${value}",
        long="An address of this host such as 198.51.100.19 is needed, which other hosts can "
        "reach: no wildcard, no loopback, link-local or multicast address, no host name.",
    ),
    Question(
        name="falcot-rtc/bad-ipv6",
        type="error",
        priority="critical",
        short="Not a usable IPv6 address: ${value}",
        long="An address of this host such as 2001:db8:1000:2000::19 is needed, which other hosts "
        "can reach: no wildcard, no loopback, link-local or multicast address, no host name.",
    ),
    Question(
        name="falcot-rtc/bad-admin",
        type="error",
        priority="critical",
        short="Not a usable account name: ${value}",
        long="An account name has up to 64 small letters, digits, dots, hyphens and underscores, "
        "but not digits alone. It does not begin or end with a dot, and does not begin with "
        "falcot-rtc-check-.",
    ),
    Question(
        name="falcot-rtc/bad-email",
        type="error",
        priority="critical",
        short="Not a mail address: ${value}",
        long="A mail address is needed, such as hostmaster@falcot.com, or nothing.",
    ),
    Question(
        name="falcot-rtc/bad-path",
        type="error",
        priority="critical",
        short="No such file: ${value}",
        long="The absolute path of an existing file is needed, such as "
        "/etc/ssl/private/falcot.com.pem, without spaces and quotes.",
    ),
)


def questions(policies: Sequence[Policy]) -> tuple[Question, ...]:
    return tuple(question for policy in policies for question in policy.questions)


def choice(label: str) -> str:
    """A label in a comma-separated list."""
    return label.replace("\\", "\\\\").replace(",", "\\,")


def template(question: Question) -> str:
    """The stanza of one question; labels and texts are translatable, tokens are not."""
    lines = [f"Template: {question.name}\n", f"Type: {question.type}\n"]
    if question.choices:
        lines.append(f"Choices-C: {', '.join(choice(token) for token, _ in question.choices)}\n")
        lines.append(f"__Choices: {', '.join(choice(label) for _, label in question.choices)}\n")
    if question.default:
        lines.append(f"Default: {question.default}\n")
    lines.append(f"_Description: {question.short}\n")
    paragraphs = question.long.split("\n\n") if question.long else []
    lines.append(" .\n".join(wrapped(paragraph, " ") for paragraph in paragraphs))
    return "".join(lines)


def templates(policies: Sequence[Policy]) -> str:
    stanzas = (template(question) for question in (*questions(policies), *ERRORS))
    return banner() + "\n" + "\n".join(stanzas)
