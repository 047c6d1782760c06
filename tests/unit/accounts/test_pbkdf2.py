# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.accounts import pbkdf2


@pytest.fixture
def without_nettle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pbkdf2, "_nettle", lambda name: None)


def test_the_rfcs_own_vector() -> None:
    # RFC 6070, the third; RFC 7914 section 11, the second one's first 32 bytes.
    assert pbkdf2.pbkdf2("sha1", b"password", b"salt", 4096).hex() == (
        "4b007901b765489abead49d926f721d065a429c1"
    )
    assert pbkdf2.pbkdf2("sha256", b"Password", b"NaCl", 80000).hex() == (
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
    )


@pytest.mark.usefixtures("without_nettle")
def test_without_the_library_too() -> None:
    test_the_rfcs_own_vector()


@given(
    st.sampled_from(["sha1", "sha256"]), st.binary(max_size=200), st.binary(min_size=1, max_size=90)
)
def test_it_is_what_the_standard_library_makes(name: str, password: bytes, salt: bytes) -> None:
    assert pbkdf2.pbkdf2(name, password, salt, 3) == hashlib.pbkdf2_hmac(name, password, salt, 3)
