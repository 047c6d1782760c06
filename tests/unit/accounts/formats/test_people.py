# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from io import BytesIO

from falcot_rtc.accounts import verifier
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.formats import people
from falcot_rtc.accounts.formats.entry import Entry, Note, Refused
from falcot_rtc.accounts.formats.text import lines


def read(text: str) -> list[Entry | Refused | Note]:
    return list(people.read(lines(BytesIO(text.encode()))))


def test_a_row_with_everything() -> None:
    assert read(
        "name,password,domain,extension,aliases,state\n"
        "joe, secret,falcot.com, 1001 ,j.smith; boss  jo,Disabled\n".replace(", secret", ",se cret")
    ) == [
        Entry(
            line=2,
            name="joe",
            password="se cret",
            domain="falcot.com",
            extension="1001",
            aliases=("j.smith", "boss", "jo"),
            state=State.DISABLED,
        )
    ]


def test_absent_columns_leave_open_what_empty_fields_state() -> None:
    assert read("address\njoe@falcot.com\n") == [Entry(line=2, name="joe", domain="falcot.com")]
    assert read("name,password,extension,aliases,state\njoe,,,,\n") == [
        Entry(line=2, name="joe", extension="", aliases=())
    ]


def test_what_can_not_be_meant_is_refused() -> None:
    found = read(
        "address;domain;password;state\n"
        "joe@falcot.com;falcot.org;x;\nanna;; x;\neve;;x;gone\nzoe;;x;\n"
    )
    assert [(one.line, one.name) for one in found if isinstance(one, Refused)] == [
        (2, "joe@falcot.com"),
        (3, "anna"),
        (4, "eve"),
    ]
    assert found[-1] == Entry(line=5, name="zoe", password="x")


def test_exported_facts_are_read_back() -> None:
    joe = Account(
        name="joe",
        domain="falcot.com",
        verifier=verifier.of_ha1("joe", "falcot.com", "0" * 32),
        extension="1001",
        aliases=("boss", "j.smith"),
        state=State.DISABLED,
    )
    anna = replace(joe, name="anna", extension=None, aliases=(), state=State.ACTIVE)
    text = "".join(people.write((joe, anna)))
    assert "0" * 32 not in text
    assert read(text) == [
        Entry(
            line=2,
            name="joe",
            domain="falcot.com",
            extension="1001",
            aliases=("boss", "j.smith"),
            state=State.DISABLED,
        ),
        Entry(
            line=3,
            name="anna",
            domain="falcot.com",
            extension="",
            aliases=(),
            state=State.ACTIVE,
        ),
    ]
