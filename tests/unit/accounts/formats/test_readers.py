# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.accounts.formats import readers
from falcot_rtc.cli_bulk import FORMATS
from falcot_rtc.errors import UsageError


def test_a_name_tells_the_format() -> None:
    assert [readers.guess(name) for name in ("people.csv", "a/P.CSV", "x.jsonl", "u.htdigest")] == [
        "csv",
        "csv",
        "jsonl",
        "htdigest",
    ]


@pytest.mark.parametrize("name", ["users.txt", "people", "-", "csv"])
def test_or_it_is_asked_for(name: str) -> None:
    with pytest.raises(UsageError, match="--format"):
        readers.guess(name)


def test_the_command_line_knows_them_all() -> None:
    assert tuple(readers.FORMATS) == FORMATS
