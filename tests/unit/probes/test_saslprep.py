# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.saslprep import saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX")],
)
def test_rfc4013_examples(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031"])
def test_rfc4013_prohibited(text: str) -> None:
    with pytest.raises(ProtocolError):
        saslprep(text)


@given(st.text())
def test_anything_else_raises_nothing_else(text: str) -> None:
    try:
        saslprep(text)
    except ProtocolError as error:
        assert "SASLprep" in str(error)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_ascii_stays(text: str) -> None:
    assert saslprep(text) == text
