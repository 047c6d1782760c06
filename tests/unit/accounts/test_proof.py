# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import pytest

from falcot_rtc.accounts import hashes, verifier
from falcot_rtc.accounts.account import Account, State
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.proof import proves

KIND = ScramKind.SHA1
JOE = Account(
    name="joe",
    domain="falcot.com",
    verifier=verifier.of_password(
        "joe", "falcot.com", "falcot.com", "right", KIND, iterations=4096
    ),
)
OLD = replace(
    JOE,
    verifier=verifier.of_ha1("joe", "myrealm", hashes.ha1("joe", "myrealm", "right")),
)


@pytest.mark.parametrize("kind", list(ScramKind))
def test_the_password_and_no_other(kind: ScramKind) -> None:
    assert proves("right", JOE, kind)
    for wrong in ("", "Right", "right ", "x" * 128, "\x00", "א1a"):
        assert not proves(wrong, JOE, kind)


def test_an_account_without_scram_is_proved_by_ha1() -> None:
    assert proves("right", OLD, KIND)
    assert not proves("wrong", OLD, KIND)


def test_a_renamed_account_by_scram_alone() -> None:
    assert proves("right", replace(JOE, name="josef"), KIND)


def test_nobody_and_the_disabled_prove_nothing() -> None:
    for one in (None, replace(JOE, state=State.DISABLED), replace(OLD, state=State.DISABLED)):
        for password in ("right", "wrong", ""):
            assert not proves(password, one, KIND)


def test_all_cost_the_same_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[tuple[int, str]] = []
    scram = hashes.scram

    def counted(password: str, *, salt: str, iterations: int, kind: ScramKind) -> hashes.Scram:
        costs.append((iterations, kind))
        return scram(password, salt=salt, iterations=iterations, kind=kind)

    monkeypatch.setattr(hashes, "scram", counted)
    full = replace(
        JOE, verifier=verifier.of_password("joe", "falcot.com", "falcot.com", "right", KIND)
    )
    costs.clear()
    for one in (None, full, replace(full, state=State.DISABLED), OLD):
        proves("wrong", one, KIND)
    assert costs == [(hashes.ITERATIONS, KIND)] * 4
