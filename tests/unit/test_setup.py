# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interview on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from falcot_rtc import setup
from falcot_rtc.answers import QUESTIONS


class Script:
    """A person who types the given lines, and all that is said to her."""

    def __init__(self, *lines: str) -> None:
        self.lines: Iterator[str] = iter(lines)
        self.said: list[str] = []
        self.asked: list[str] = []

    def answer(self, prompt: str) -> str:
        self.asked.append(prompt)
        return next(self.lines)

    @property
    def terminal(self) -> setup.Terminal:
        return setup.Terminal(say=self.said.append, ask=self.answer, ask_hidden=self.answer)


def test_five_questions_are_asked() -> None:
    script = Script("falcot.com", "198.51.100.19", "own-ca", "joe", "secret words")
    given = setup.interview(script.terminal, {})
    assert len(script.asked) == 5
    assert given["falcot-rtc/domain"] == "falcot.com"
    assert given["falcot-rtc/admin"] == "joe"
    assert given["falcot-rtc/admin-password"] == "secret words"
    assert given["falcot-rtc/services"] == "turn, sip, xmpp, web"


def test_a_wrong_answer_is_asked_again_with_the_reason() -> None:
    script = Script("falcot.com", "198.51.100.300", "198.51.100.19", "own-ca", "", "")
    given = setup.interview(script.terminal, {})
    assert "! '198.51.100.300' is not an IPv4 address" in script.said
    assert given["falcot-rtc/ipv4"] == "198.51.100.19"


def test_back_returns_to_the_question_before() -> None:
    script = Script("falcot.org", "<", "falcot.com", "198.51.100.19", "own-ca", "", "")
    assert setup.interview(script.terminal, {})["falcot-rtc/domain"] == "falcot.com"


def test_back_at_the_first_question_stays_there() -> None:
    script = Script("<", "falcot.com", "198.51.100.19", "own-ca", "", "")
    assert setup.interview(script.terminal, {})["falcot-rtc/domain"] == "falcot.com"


def test_existing_files_are_asked_for_only_when_chosen(tmp_path: Path) -> None:
    files = (str(tmp_path / "site.pem"), str(tmp_path / "site.key"))
    for file in files:
        Path(file).touch()
    script = Script("falcot.com", "198.51.100.19", "existing", *files, "", "")
    given = setup.interview(script.terminal, {})
    assert given["falcot-rtc/certificate-path"] == files[0]
    assert given["falcot-rtc/key-path"] == files[1]


def test_present_settings_are_proposed_and_kept() -> None:
    script = Script("", "", "", "", "")
    proposed = {"falcot-rtc/domain": "falcot.com", "falcot-rtc/ipv4": "198.51.100.19"}
    given = setup.interview(script.terminal, proposed)
    assert given["falcot-rtc/domain"] == "falcot.com"
    assert any("[falcot.com]" in prompt for prompt in script.asked)


def test_all_asks_every_question_that_applies() -> None:
    script = Script("true", "falcot.com", "198.51.100.19", "", "", "", "", "own-ca", "", "")
    setup.interview(script.terminal, {}, every=True)
    # Neither files, nor the address for a public CA, nor what follows from port 443.
    assert len(script.asked) == len(QUESTIONS) - 3 - 9


def test_addresses_of_port_443_are_asked_for_who_is_to_have_it() -> None:
    main, own = ("true", "falcot.com", "198.51.100.19", "", ""), ("198.51.100.21", "198.51.100.23")
    script = Script(*main, "turn, xmpp, web", "true", "turn, sip, xmpp", *own, "", "", "")
    given = setup.interview(script.terminal, {}, every=True)
    addresses = {n: v for n, v in given.items() if n.startswith("falcot-rtc/port443-") and v in own}
    assert addresses == {
        "falcot-rtc/port443-turn-ipv4": own[0],
        "falcot-rtc/port443-xmpp-ipv4": own[1],
    }


def test_a_public_ca_wants_a_mail_address() -> None:
    script = Script("falcot.com", "198.51.100.19", "acme", "no address", "me@falcot.com", "", "")
    given = setup.interview(script.terminal, {})
    assert given["falcot-rtc/acme-email"] == "me@falcot.com"


def test_manage_false_asks_nothing_more() -> None:
    script = Script("false")
    setup.interview(script.terminal, {}, every=True)
    assert len(script.asked) == 1


def test_a_certificate_that_is_not_there_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "falcot.com.pem"
    file.touch()
    there = str(file)
    script = Script(
        *("falcot.com", "198.51.100.19", "existing"),
        *(f"{there}.old", "", there, there, "joe", ""),
    )
    given = setup.interview(script.terminal, {})
    assert f"! '{there}.old' is not an existing file" in script.said
    assert "! a file is needed" in script.said
    assert given["falcot-rtc/certificate-path"] == there
