# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import sys
from subprocess import run

import pytest

from falcot_rtc import cli_bulk, verbs_bulk


def parse(*argv: str) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    cli_bulk.register(top.add_subparsers(required=True), lambda name: getattr(verbs_bulk, name))
    return top.parse_args(argv)


def test_the_arguments() -> None:
    given = parse("import", "people.csv", "--dry-run", "--domain", "falcot.org")
    assert given.verb is verbs_bulk.user_import
    assert (given.file, given.format, given.dry_run, given.domain) == (
        "people.csv",
        None,
        True,
        "falcot.org",
    )
    given = parse("export", "--format", "jsonl", "--output", "x")
    assert given.verb is verbs_bulk.user_export
    assert (given.format, given.output) == ("jsonl", "x")
    assert parse("export").format == "csv"


@pytest.mark.parametrize(
    "argv", [("import",), ("import", "x", "--format", "xml"), ("export", "--format", "htdigest")]
)
def test_wrong_use(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2


def test_help_loads_nothing_of_what_it_is_about() -> None:
    program = "import sys, falcot_rtc.cli_bulk; print('sqlite3' in sys.modules)"
    done = run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
