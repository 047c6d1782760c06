# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows is true of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from falcot_rtc import settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "docs" / "settings.example.toml").read_text(encoding="utf-8")


def test_the_example_is_valid() -> None:
    example = settings.parse(EXAMPLE)
    assert example.realm == "falcot.com"
    assert [str(a.bind) for a in example.addresses] == [
        "198.51.100.19",
        "198.51.100.20",
        "2001:db8:1000:2000::19",
    ]


@pytest.mark.parametrize("key", settings.KEYS, ids=lambda key: key.path)
def test_the_example_has_every_key(key: settings.Key) -> None:
    shown = settings.look_up(settings.load(EXAMPLE), key.path)
    assert shown is not None
    if key.default is not None and not isinstance(key.default, tuple):
        assert shown == key.default


def test_the_readme_names_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in readme.split("(docs/")[1:]:
        assert (ROOT / "docs" / line.partition(")")[0]).is_file()
