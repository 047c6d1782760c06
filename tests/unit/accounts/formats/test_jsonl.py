# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from falcot_rtc.accounts import verifier
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.formats import jsonl
from falcot_rtc.accounts.formats.entry import Entry, Refused
from falcot_rtc.accounts.formats.text import lines
from falcot_rtc.accounts.hashes import ScramKind

JOE = Account(
    name="joe",
    domain="falcot.com",
    verifier=verifier.of_password("joe", "falcot.com", "falcot.com", "secret1", ScramKind.SHA256),
    extension="1001",
    aliases=("boss",),
    state=State.DISABLED,
    created=5,
    updated=7,
)


def read(*rows: str) -> list[object]:
    return list(jsonl.read(lines(BytesIO("\n".join(rows).encode()))))


def test_what_is_written_is_read_back() -> None:
    text = "".join(jsonl.write([JOE]))
    assert text.count("\n") == 1 and "secret1" not in text
    assert read(text) == [
        Entry(
            line=1,
            name="joe",
            domain="falcot.com",
            verifier=JOE.verifier,
            extension="1001",
            aliases=("boss",),
            state=State.DISABLED,
            created=5,
            updated=7,
        )
    ]


def test_a_row_by_hand() -> None:
    assert read('{"name": "joe", "password": "x", "extension": 12, "aliases": "a b"}') == [
        Entry(line=1, name="joe", password="x", extension="12", aliases=("a", "b"))
    ]
    assert read('{"address": "joe@a.example", "extension": null}') == [
        Entry(line=1, name="joe", domain="a.example", extension="")
    ]


@pytest.mark.parametrize(
    "row",
    ["[]", "7", "{", '{"name": 7}', "[" * 9000, "1" * 9000, '{"name": "joe"} x', "null", "NaN"],
)
def test_what_is_no_object_of_ours_is_refused(row: str) -> None:
    found = read(row, '{"name": "zoe"}')
    assert isinstance(found[0], Refused) and found[0].line == 1
    assert found[1] == Entry(line=2, name="zoe")


@pytest.mark.parametrize(
    "change",
    [
        {"passwd": "x"},
        {"password": "x"},
        {"domain": "other.example"},
        {"state": "gone"},
        {"extension": True},
        {"extension": 1.5},
        {"aliases": {"a": 1}},
        {"aliases": [1]},
        {"created": -1},
        {"created": "1"},
        {"updated": 1 << 60},
        {"ha1": "0" * 31},
        {"ha1": "0" * 31 + "G"},
        {"ha1b": None},
        {"login": "joe"},
        {"realm": ""},
        {"scram": "x"},
        {"scram.kind": "SHA-512"},
        {"scram.kind": "SHA-1"},
        {"scram.salt": 'x";os.execute("id")--'},
        {"scram.salt": ""},
        {"scram.stored_key": "0" * 63},
        {"scram.server_key": 1},
        {"scram.iterations": 0},
        {"scram.iterations": 10**8},
    ],
)
def test_a_value_that_no_server_should_get_is_refused(change: dict[str, Any]) -> None:
    row = json.loads("".join(jsonl.write([JOE])))
    for key, value in change.items():
        outer, _, inner = key.partition(".")
        if inner:
            row[outer][inner] = value
        else:
            row[outer] = value
    (found,) = read(json.dumps(row))
    assert isinstance(found, Refused) and found.name == "joe@falcot.com"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(jsonl._KEYS)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
)))  # fmt: skip
def test_any_object_is_an_entry_or_refused(row: dict[str, Any]) -> None:
    (found,) = read(json.dumps(row))
    assert isinstance(found, Entry | Refused)
