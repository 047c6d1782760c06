# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import pytest

from falcot_rtc import cli, start

ROOT = Path(__file__).parents[2]


def test_the_overview_names_all_that_the_parser_takes() -> None:
    shown = [line.split()[0] for line in start.overview().splitlines() if line.startswith("  ")]
    (verbs,) = (a.choices for a in cli.parser()._actions if a.choices)
    options = {o for a in cli.parser()._actions for o in a.option_strings}
    assert sorted(shown) == sorted([*verbs, "-h,", "--version"])
    assert options == {"-h", "--help", "--version"}


def test_it_fits_a_terminal() -> None:
    assert all(len(line) <= 80 for line in start.overview().splitlines())


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_the_same_with_and_without_the_parser(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["falcot-rtc", option])
    assert start.main() == 0
    quick = capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        cli.main([option])
    assert caught.value.code == 0
    assert quick == capsys.readouterr().out == start.overview()


def test_help_imports_nothing_more() -> None:
    """In a Python of its own: the difference to a bare one is the command's own two modules."""
    code = "import sys; before = set(sys.modules); sys.argv = ['falcot-rtc', '--help']; {}"
    call = "from falcot_rtc.start import main; main(); print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", code.format(call)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said, _, modules = done.stdout.rpartition("\n" + start.EPILOG + "\n")
    assert said.startswith("usage: falcot-rtc")
    assert set(modules.split()) == {"falcot_rtc", "falcot_rtc.start"}


def test_everything_else_goes_to_the_parser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["falcot-rtc", "config", "--help"])
    monkeypatch.setattr("falcot_rtc.undumped.undumped", lambda: None)
    with pytest.raises(SystemExit) as caught:
        start.main()
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: falcot-rtc config")
