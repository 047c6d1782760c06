# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.password_page import page
from falcot_rtc.password_page.form import Answer, Outcome
from tests.unit import parsers
from tests.unit.fake_host import FALCOT
from tests.unit.test_derive import site


def test_languages() -> None:
    assert page.languages() == ("de", "en")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_every_outcome_has_a_text_and_all_but_one_a_form(
    language: str, outcome: Outcome | None
) -> None:
    answer = Answer(outcome=outcome, seconds=17) if outcome else None
    found = parsers.html(page.page(site(), language, answer, "joe"))
    assert found[0] == ("html lang", language)
    fields = [value for element, value in found if element == "input name"]
    if outcome is Outcome.DONE:
        assert fields == [] and ("section role", "status") in found
        return
    assert fields == ["language", "user", "old", "new", "again"]
    labels = {value for element, value in found if element == "label for"}
    assert labels == {"user", "old", "new", "again"}
    completed = [value for element, value in found if element == "input autocomplete"]
    assert completed == ["username", "current-password", "new-password", "new-password"]
    # One field has the cursor, whatever happened.
    assert len([1 for element, _ in found if element == "input autofocus"]) == 1
    assert (("p role", "alert") in found) is (outcome is not None)
    marked = outcome in page._FIELDS
    assert (("input aria-invalid", "true") in found) is marked
    assert (("input aria-describedby", "said") in found) is (outcome is not None)
    assert any("17" in text for _, text in found) is (outcome is Outcome.LIMITED)


def test_what_was_typed_is_shown_as_text() -> None:
    hostile = '"><script>alert(1)</script>'
    text = page.page(site(), "en", Answer(outcome=Outcome.WRONG), hostile)
    assert "<script>" not in text
    assert ("input value", hostile) in parsers.html(text)


def test_a_language_that_nobody_wrote_is_english() -> None:
    for odd in ("", "xx", "../de", "de\n"):
        assert '<html lang="en">' in page.page(site(), odd)


def test_devices_of_services_that_are_there() -> None:
    alone = page.page(
        site('services = ["xmpp", "web"]\n' + FALCOT), "en", Answer(outcome=Outcome.DONE)
    )
    assert "Chat programs" in alone and "SIP" not in alone and "TURN" not in alone
