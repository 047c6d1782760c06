# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, and what ends a process as gently: a line that dropped, kill(1), a shutdown (signal(7)).

Without a handler SIGHUP and SIGTERM end the interpreter at once, and nothing would be taken back.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

ENDINGS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Each of them is a KeyboardInterrupt meanwhile; what is ignored, as by nohup(1), stays so."""
    with _handled({one for one in ENDINGS if signal.getsignal(one) != signal.SIG_IGN}, _interrupt):
        yield


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """None of them changes anything meanwhile, also for the commands that are run."""
    with _handled(set(ENDINGS), signal.SIG_IGN):
        yield


def _interrupt(number: int, *_: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


@contextlib.contextmanager
def _handled(numbers: set[signal.Signals], handler: object) -> Iterator[None]:
    before = {one: signal.signal(one, handler) for one in numbers}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for one, old in before.items():
            signal.signal(one, old)
