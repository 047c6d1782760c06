# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows is true of the code."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from falcot_rtc import cli, click_to_call, settings

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


def test_the_example_has_every_key_of_click_to_call() -> None:
    (shown,) = settings.load(EXAMPLE)["click_to_call"]
    assert shown.keys() == {key.path for key in click_to_call.KEYS}
    assert shown["limit"] == 10 and shown["ttl"] == 300


def test_the_readme_names_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in readme.split("(docs/")[1:]:
        assert (ROOT / "docs" / line.partition(")")[0]).is_file()


def verbs(parser: argparse.ArgumentParser) -> set[str]:
    return {
        name
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name in action.choices
    }


def test_the_man_page_has_exactly_the_verbs_of_the_command() -> None:
    page = (ROOT / "debian" / "falcot-rtc.8").read_text(encoding="utf-8").replace("\\-", "-")
    section = page.partition(".SH VERBS")[2].partition(".SH ")[0]
    heads = [entry.lstrip("\n").partition("\n")[0] for entry in section.split(".TP\n")[1:]]
    named = {line.split(maxsplit=1)[1].strip('"').split()[0].strip('"') for line in heads}
    assert named == verbs(cli.parser())
