# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc.accounts import hashes, verifier
from falcot_rtc.accounts.hashes import ScramKind


def test_a_password_gives_everything() -> None:
    made = verifier.of_password("joe", "falcot.com", "realm", "secret1", ScramKind.SHA256)
    assert made.login == "joe@falcot.com"
    assert made.ha1 == hashes.ha1("joe", "realm", "secret1")
    assert made.ha1b == hashes.ha1("joe@falcot.com", "realm", "secret1")
    assert made.scram is not None
    assert made.scram.kind is ScramKind.SHA256
    assert "secret1" not in repr(made)


def test_nobody_knows_the_ha1b_of_a_foreign_file() -> None:
    first, second = (verifier.of_ha1("joe", "falcot.com", "0" * 32) for _ in range(2))
    assert first.scram is None
    assert len(first.ha1b) == 32
    assert first.ha1b != second.ha1b
