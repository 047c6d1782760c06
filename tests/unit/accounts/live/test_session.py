# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import dataclasses

import pytest

from falcot_rtc.accounts.live.session import Kind, Session


def test_a_session_is_a_value() -> None:
    one = Session(
        service="sip", kind=Kind.CALL, device="joe", where="ringing", since=1, expires=None
    )
    assert one == dataclasses.replace(one)
    assert {one} == {dataclasses.replace(one)}
    assert one.kind == "call"
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.where = "x"  # type: ignore[misc]
