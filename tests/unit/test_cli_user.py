# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb does with its arguments is tested with the verb, from the command line on."""

import pytest

from falcot_rtc import cli


@pytest.mark.parametrize(
    "argv",
    [
        ["user"],
        ["user", "add"],
        ["user", "add", "joe", "--generate", "--password-stdin"],
        ["user", "add", "joe", "jane"],
        ["user", "rename", "joe"],
        ["user", "delete"],
        ["user", "add", "joe", "--password", "secret1"],
    ],
)
def test_wrong_use_is_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
