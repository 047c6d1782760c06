# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from io import BytesIO

from falcot_rtc.accounts.account import State
from falcot_rtc.accounts.formats import digests
from falcot_rtc.accounts.formats.entry import Entry, Note, Refused
from falcot_rtc.accounts.formats.text import lines

# printf joe:falcot.com:secret1 | md5sum
HA1 = "bcb15f821479b4d5772bd0ca866c00ad"


def stream(text: str) -> BytesIO:
    return BytesIO(text.encode())


def shown(found: list[Entry | Refused | Note]) -> list[object]:
    return [
        (one.line, one.name, one.verifier and (one.verifier.realm, one.verifier.ha1), one.state)
        if isinstance(one, Entry)
        else (one.line, getattr(one, "name", ""))
        for one in found
    ]


def test_htdigest() -> None:
    text = f"joe:falcot.com:{HA1}\nanna:falcot.com:{HA1.upper()}\n\nx:y\nzoe:a:b:c\neve:r:12\n"
    found = list(digests.htdigest(lines(stream(text))))
    assert shown(found) == [
        (1, "joe", ("falcot.com", HA1), None),
        (2, "anna", ("falcot.com", HA1), None),
        (4, "x"),
        (5, "zoe"),
        (6, "eve"),
    ]
    joe = found[0]
    assert isinstance(joe, Entry) and joe.verifier is not None and joe.verifier.scram is None


def test_users_of_return_hashed_or_not() -> None:
    # After the file that its package brings.
    text = (
        "#\n# reTurnServer user database file\n#\n"
        f"joe:{HA1}:falcot.com:authorized\n"
        "test : foobar : example.org : Restricted \n"
        f"eve:{HA1}:falcot.com:REFUSED\n"
        "test:foobar:example.org:\n"
        "test:foobar:example.org\n"
        "test::example.org:authorized\n"
    )
    found = list(digests.return_users(lines(stream(text))))
    assert shown(found) == [
        (4, "joe", ("falcot.com", HA1), State.ACTIVE),
        (5, "test", None, State.ACTIVE),
        (6, "eve", ("falcot.com", HA1), State.DISABLED),
        (7, "test"),
        (8, "test"),
        (9, "test"),
    ]
    assert isinstance(found[1], Entry) and found[1].password == "foobar"
