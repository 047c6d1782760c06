# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import answers, settings
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FALCOT

PORT443 = "falcot-rtc/port443"
PRESEED = {
    "falcot-rtc/manage": "true",
    "falcot-rtc/domain": "Falcot.com",
    "falcot-rtc/ipv4": "198.51.100.19",
    "falcot-rtc/ipv4-alternate": "198.51.100.20",
    "falcot-rtc/ipv6": "2001:DB8:1000:2000::19",
    "falcot-rtc/services": "turn, sip, xmpp, web",
    "falcot-rtc/certificate": "own-ca",
    "falcot-rtc/certificate-path": "",
    "falcot-rtc/key-path": "",
    "falcot-rtc/admin": "admin",
}


def installed() -> tuple[str, dict[str, str]]:
    """The settings and the base that a first installation leaves."""
    text = answers.merged("", {}, PRESEED)
    return text, answers.present(text)


def test_every_keyed_question_has_a_setting() -> None:
    assert {q.key for q in answers.KEYED} <= set(settings.BY_PATH)
    assert len({q.name for q in answers.QUESTIONS}) == len(answers.QUESTIONS)


def test_lines() -> None:
    values = {"falcot-rtc/domain": "falcot.com", "falcot-rtc/ipv6": "", "falcot-rtc/x": "a = b\\ c"}
    assert answers.parse(answers.dump(values)) == values
    assert answers.parse("no tab\n\nfalcot-rtc/domain\tfalcot.com") == {
        "falcot-rtc/domain": "falcot.com"
    }


def test_a_first_installation() -> None:
    text, _ = installed()
    assert settings.parse(text) == settings.parse(FALCOT)


def test_the_same_answers_change_nothing() -> None:
    text, base = installed()
    assert answers.merged(text, base, PRESEED) == text
    assert answers.merged(text, base, base) == text


def test_a_new_answer_wins_over_old_settings() -> None:
    text, base = installed()
    new = answers.merged(text, base, {**base, "falcot-rtc/ipv4": "198.51.100.7"})
    assert new == text.replace("198.51.100.19", "198.51.100.7")


def test_a_question_that_is_new_writes_nothing_until_it_is_answered() -> None:
    text, base = installed()
    assert "port443" not in text
    defaults = {q.name: q.default for q in answers.QUESTIONS if q.name.startswith(PORT443)}
    assert defaults[PORT443] == "false" and len(defaults) == 10
    assert answers.merged(text, base, {**base, **defaults}) == text
    on = {PORT443: "true", f"{PORT443}-roles": "turn", f"{PORT443}-turn-ipv4": "198.51.100.21"}
    chosen = answers.merged(text, base, {**base, **defaults, **on})
    assert [str(a.bind) for a in settings.parse(chosen).port443.of("turn")] == ["198.51.100.21"]
    # Off again: the addresses stay for the next time.
    later = answers.present(chosen)
    off = answers.merged(chosen, later, {**later, PORT443: "false"})
    assert settings.parse(off).port443.every == ()
    assert "198.51.100.21" in off


def test_an_edit_wins_over_an_old_answer_and_over_a_new_one() -> None:
    text, base = installed()
    edited = text.replace("198.51.100.19", "198.51.100.8")
    assert answers.merged(edited, base, base) == edited
    assert answers.merged(edited, base, {**base, "falcot-rtc/ipv4": "198.51.100.7"}) == edited
    assert answers.edited(edited, base) == {"falcot-rtc/ipv4": "198.51.100.8"}


def test_after_config_has_shown_the_edit_a_new_answer_wins() -> None:
    text, base = installed()
    edited = text.replace("198.51.100.19", "198.51.100.8")
    base |= answers.edited(edited, base)
    new = answers.merged(edited, base, {**base, "falcot-rtc/ipv4": "198.51.100.7"})
    assert new == text.replace("198.51.100.19", "198.51.100.7")


def test_without_a_base_the_settings_win() -> None:
    text, _ = installed()
    assert answers.merged(text, {}, {**PRESEED, "falcot-rtc/domain": "other.example"}) == text


def test_an_empty_answer_removes_the_key() -> None:
    text, base = installed()
    new = answers.merged(text, base, {**base, "falcot-rtc/ipv6": ""})
    assert settings.parse(new).address("ipv6") is None


def test_no_service_selected_is_none() -> None:
    text, base = installed()
    new = answers.merged(text, base, {**base, "falcot-rtc/services": ""})
    assert settings.parse(new).services == ()
    # And the next upgrade keeps it so.
    assert answers.merged(new, answers.present(new), {"falcot-rtc/services": ""}) == new


def test_answers_that_were_not_given_change_nothing() -> None:
    text, base = installed()
    assert answers.merged(text, base, {}) == text


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("falcot-rtc/domain", "falcot", "domain.name"),
        ("falcot-rtc/ipv4", "198.51.100.300", "address.ipv4.bind"),
        ("falcot-rtc/ipv6", "fe80::1", "address.ipv6.bind"),
        ("falcot-rtc/admin", "Joe Doe", "admin"),
        ("falcot-rtc/services", "ftp", "services"),
        ("falcot-rtc/certificate", "existing", "certificate.path"),
    ],
)
def test_a_wrong_answer_names_the_setting(name: str, value: str, key: str) -> None:
    with pytest.raises(UsageError, match=key.replace(".", r"\.")):
        answers.merged("", {}, {**PRESEED, name: value})


def test_comments_survive_a_new_answer() -> None:
    text, base = installed()
    edited = text.replace("[address.ipv4]", "# The one of rack 7.\n[address.ipv4]")
    new = answers.merged(edited, base, {**base, "falcot-rtc/ipv4": "198.51.100.7"})
    assert "# The one of rack 7.\n" in new


def test_what_is_missing_is_said_in_one_line() -> None:
    missing = answers.missing({})
    assert missing is not None
    assert "\n" not in str(missing)
    assert answers.missing(PRESEED) is None


def test_nothing_is_present_without_settings() -> None:
    assert answers.present("") == {}
    assert answers.edited("", {"falcot-rtc/domain": "falcot.com"}) == {}
