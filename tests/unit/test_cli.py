# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from falcot_rtc import cli, verbs
from falcot_rtc.errors import FalcotError, UsageError

ROOT = Path(__file__).parents[2]


def leaves(parser: argparse.ArgumentParser, *path: str) -> list[tuple[str, ...]]:
    """Every verb, as its words."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        return [path]
    return [leaf for name, sub in below[0].choices.items() for leaf in leaves(sub, *path, name)]


def every_verb() -> list[tuple[str, ...]]:
    return leaves(cli.parser())


@pytest.mark.parametrize("words", every_verb(), ids=" ".join)
def test_every_verb_explains_itself(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([*words, "--help"])
    assert caught.value.code == 0
    assert "usage: falcot-rtc" in capsys.readouterr().out


@pytest.mark.parametrize("words", every_verb(), ids=" ".join)
def test_every_verb_does_something(words: tuple[str, ...]) -> None:
    needs = {
        ("cert", "install"): ["site.pem"],
        ("config", "set"): ["admin", "joe"],
        ("user", "list"): [],
        ("user", "export"): [],
        ("user", "sync"): [],
        ("user", "rename"): ["joe", "jim"],
        ("click-to-call", "snippet"): ["sales"],
    }
    usual = ["joe"] if words[0] in ("user", "credentials") else []
    given = cli.parser().parse_args([*words, *needs.get(words, usual)])
    named = inspect.getclosurevars(given.verb).nonlocals
    assert callable(
        getattr(importlib.import_module(f"falcot_rtc.{named['module']}"), named["name"])
    )


@pytest.mark.parametrize(
    "argv",
    [[], ["nonsense"], ["config"], ["config", "set"], ["check", "--json", "--nagios"]],
)
def test_wrong_use_is_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FalcotError("it broke", hint="mend it"), 1, "falcot-rtc: it broke (hint: mend it)\n"),
        (UsageError("no"), 2, "falcot-rtc: no\n"),
        (
            PermissionError(13, "Permission denied", "/etc/x"), 2,
            "falcot-rtc: /etc/x: permission denied (hint: run it as root)\n",
        ),
        (
            OSError(20, "Not a directory", "/etc/x"), 1,
            "falcot-rtc: /etc/x: Not a directory\n",
        ),
        (KeyboardInterrupt(), 130, "falcot-rtc: interrupted\n"),
    ],
)  # fmt: skip
def test_errors_become_exit_codes(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(given: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(verbs, "status", refuse)
    assert cli.main(["status"]) == code
    assert capsys.readouterr() == ("", said)


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(given: argparse.Namespace) -> int:
        raise KeyError("a programmer's error")

    monkeypatch.setattr(verbs, "status", broken)
    with pytest.raises(KeyError):
        cli.main(["status"])


def test_a_reader_that_has_enough_ends_it_quietly() -> None:
    code = (
        "import sys\n"
        "from falcot_rtc import cli, verbs\n"
        "def many(given):\n"
        "    for number in range(100000): print(number)\n"
        "    return 0\n"
        "verbs.status = many\n"
        "sys.exit(cli.main(['status']))\n"
    )
    reading, writing = os.pipe()
    started = subprocess.Popen(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, cwd=ROOT
    )
    os.close(writing)
    os.read(reading, 10)
    os.close(reading)
    _, said = started.communicate(timeout=60)
    assert (started.returncode, said) == (0, b"")


def test_the_first_lines_let_argcomplete_find_it() -> None:
    assert "PYTHON_ARGCOMPLETE_OK" in (ROOT / "falcot_rtc/cli.py").read_text()[:1024]


def test_help_needs_no_library_but_pythons_own() -> None:
    code = (
        "import sys; from falcot_rtc.cli import parser; parser();"
        "print([m for m in ('jinja2', 'cryptography', 'tomlkit', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "[]\n", done.stderr
