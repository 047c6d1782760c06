# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the build machine as argv tuples, with errors that show what the command said."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from falcot_rtc.errors import FalcotError

TAIL_LINES = 15

# What the caller's shell exports (locale, pip, proxies of a language runtime) must not decide
# what a lab host or a package build does.
CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


def run(
    argv: Sequence[str | Path],
    *,
    input: str | bytes | None = None,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    shown: Sequence[str | Path] | None = None,
    where: str = "",
    hint: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run `argv` to its end and return what it wrote; `env` adds to a clean environment.

    With `check`, FalcotError with the end of the output when it fails. `shown` and `where` name
    the command and the host as a reader knows them, when `argv` only leads there.
    """
    command = [str(word) for word in argv]
    named = [str(word) for word in shown or argv]
    text = f"{where}: '{' '.join(named)}'" if where else f"'{' '.join(named)}'"
    data = input.encode() if isinstance(input, str) else input
    try:
        raw = subprocess.run(
            command,
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            env={**CLEAN_ENVIRONMENT, **(env or {})},
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise FalcotError(
            f"{command[0]} is not installed on this machine", hint="python3 -m tests.lab needs"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise FalcotError(f"{text} took longer than {timeout} s") from error
    completed = subprocess.CompletedProcess(
        args=named,
        returncode=raw.returncode,
        stdout=raw.stdout.decode(errors="replace"),
        stderr=raw.stderr.decode(errors="replace"),
    )
    if check and completed.returncode != 0:
        said = f"{completed.stdout}{completed.stderr}".strip().splitlines()[-TAIL_LINES:]
        lines = "".join(f"\n  | {line}" for line in said)
        raise FalcotError(f"{text} ended with exit code {raw.returncode}{lines}", hint=hint)
    return completed
