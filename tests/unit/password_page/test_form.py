# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.password_page import form
from falcot_rtc.password_page.form import Form, Outcome

TYPED = Form(user="joe", old="one", new="two", again="two", language="de")


def test_a_form_in_any_script() -> None:
    body = b"user=joe&old=Gr%C3%BC%C3%9Fe+%26+K%C3%BCsse&new=%F0%9F%90%88&again=&language=de"
    assert form.parse(body) == Form(
        user="joe", old="Grüße & Küsse", new="\N{CAT}", again="", language="de"
    )
    assert form.parse(b"user=joe") == Form(user="joe")
    assert form.parse(b"") == Form()


@pytest.mark.parametrize(
    "body",
    [
        b"user", b"user=joe&user=jane", b"admin=1", b"user=%ff", b"user=\xff",
        b"user=" + b"&user=" * 100, b"{}", b"user=a&old=b&new=c&again=d&language=e&more=f",
    ],
)  # fmt: skip
def test_what_is_no_form_of_ours(body: bytes) -> None:
    with pytest.raises(ValueError):
        form.parse(body)


@given(st.binary(max_size=200))
def test_junk_is_a_form_or_a_value_error(junk: bytes) -> None:
    try:
        form.parse(junk)
    except ValueError:
        return


def test_passwords_are_not_shown() -> None:
    assert "one" not in repr(TYPED) and "two" not in repr(TYPED)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (TYPED, None),
        (Form(user=" ", old="one", new="two", again="two"), Outcome.MISSING),
        (Form(user="joe", new="two", again="two"), Outcome.MISSING),
        (Form(user="joe", old="one", new="two"), Outcome.MISSING),
        (Form(user="joe", old="one", new="two", again="Two"), Outcome.DIFFERENT),
        (Form(user="joe", old="one", new="one", again="one"), Outcome.SAME),
    ],
)
def test_faults_that_nobody_has_to_look_up(typed: Form, fault: Outcome | None) -> None:
    assert form.fault(typed) is fault
