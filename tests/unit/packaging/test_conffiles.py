# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import tomllib

import pytest

from falcot_rtc import derive
from falcot_rtc.packaging.conffiles import conffiles
from falcot_rtc.policies import ALL

FILES = conffiles(ALL)


def uncommented(text: str) -> str:
    """What an administrator gets who removes the # before every value."""
    return re.sub(r'^#(?=\w|]|  ")', "", text, flags=re.MULTILINE)


def test_there_is_a_file_for_each_policy_with_tunables_and_no_other() -> None:
    assert set(FILES) == {f"{policy.name}.toml" for policy in ALL if policy.tunables}


@pytest.mark.parametrize("name", FILES)
def test_shipped_file_changes_nothing(name: str) -> None:
    assert tomllib.loads(FILES[name]) == {}


@pytest.mark.parametrize("name", FILES)
def test_uncommented_file_gives_every_tunable_its_default(name: str) -> None:
    policy = next(p for p in ALL if f"{p.name}.toml" == name)
    given = derive.tunables({policy.name: uncommented(FILES[name])})
    assert given[policy.name] == derive.tunables({})[policy.name]
    assert set(tomllib.loads(uncommented(FILES[name]))) == {key.path for key in policy.tunables}


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_comment_of_bounded_width(name: str) -> None:
    assert all(not line or line.startswith("#") for line in FILES[name].splitlines())
    assert max(len(line) for line in FILES[name].splitlines()) <= 88
