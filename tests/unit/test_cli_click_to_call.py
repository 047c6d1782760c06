# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import cli


def test_its_arguments() -> None:
    given = cli.parser().parse_args(["click-to-call", "snippet", "sales"])
    assert given.name == "sales"
    assert cli.parser().parse_args(["click-to-call", "list", "--json"]).json


@pytest.mark.parametrize("words", [[], ["snippet"], ["list", "sales"], ["remove"]])
def test_wrong_use(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["click-to-call", *words])
    assert caught.value.code == 2
