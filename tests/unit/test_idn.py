# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import idn


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ("Falcot.COM", "falcot.com"),
        ("Müller.Example", "xn--mller-kva.example"),
        ("XN--MLLER-KVA.example", "xn--mller-kva.example"),
        # RFC 3490 made strasse.example of it, which belongs to somebody else.
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_names_become_a_labels(given: str, encoded: str) -> None:
    assert idn.encoded(given) == encoded


@pytest.mark.parametrize("given", ["☃.example", "xn--a.example", "a\u0308-.example", "ü..example"])
def test_what_idna_2008_does_not_know_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="IDNA 2008"):
        idn.encoded(given)


def test_people_see_both_forms() -> None:
    assert idn.shown("xn--mller-kva.example") == "müller.example (xn--mller-kva.example)"
    assert idn.shown("falcot.com") == "falcot.com"
    assert idn.shown("xn--\u00fc.example") == "xn--\u00fc.example"
