# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import actions
from falcot_rtc.resources import Link


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (actions.Switch(number=7), "switch to generation 7"),
        (actions.Switch(number=None), "let go of the present generation"),
        (actions.Put(item=Link(path="/etc/a", target="/b")), "link /etc/a -> /b"),
        (
            actions.UnitAction(verb="reload", unit="prosody.service", why="new certificate"),
            "reload prosody.service (new certificate)",
        ),
    ],
)
def test_a_line_says_what_and_where(action: actions.Action, line: str) -> None:
    assert actions.describe(action) == line


def test_a_move_says_whom_it_costs_a_password() -> None:
    one = actions.describe(actions.MoveDomain(old="falcot.com", new="example.org", people=1))
    assert one.startswith("move 1 account from falcot.com to example.org, with contacts, rooms,")
    assert "name@falcot.com" in one
    many = actions.describe(actions.MoveDomain(old="falcot.com", new="example.org", people=2))
    assert many.startswith("move 2 accounts ")


def test_material_is_never_shown() -> None:
    secret = actions.Write(path="/etc/s", content=b"hush", mode=0o600, why="a new secret")
    assert actions.describe(secret) == "write /etc/s (a new secret)"
