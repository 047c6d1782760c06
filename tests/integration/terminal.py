# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at a terminal of a lab host: ssh -t in a tmux(1) of its own, read as it is shown."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.command import run
from tests.lab.host import Host

SCREENS = Path(__file__).resolve().parents[2] / "artefacts" / "dialogs"
COLUMNS, ROWS = 90, 50
DEADLINE = 90.0
ENDED = "ended with "


@dataclass(slots=True, kw_only=True)
class Terminal:
    """Runs `command` (for the host's shell) on a terminal of `host`, until the `with` ends.

    Every screen that was waited for is kept below SCREENS, under `name`.
    """

    host: Host
    name: str
    command: str
    full_screen: bool = False
    _read: int = 0
    _shown: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        shown = f"{self.command}; echo {ENDED}$?"
        ssh = ("env", "TERM=screen", *self.host.ssh_command(shown, terminal=True))
        size = ("-x", str(COLUMNS), "-y", str(ROWS))
        # Kept on exit: what a command said last is what one wants to read.
        keep = (";", "set-option", "remain-on-exit", "on")
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, shlex.join(ssh), *keep)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shown.append(self.everything())
        SCREENS.mkdir(parents=True, exist_ok=True)
        kept = f"\n{'=' * COLUMNS}\n".join(self._shown)
        SCREENS.joinpath(f"{self.name}.txt").write_text(kept + "\n", encoding="utf-8")
        self._tmux("kill-server")

    def expect(self, *texts: str, within: float = DEADLINE) -> str:
        """Wait until all of `texts` can be read: on the screen now, or since the last key."""
        deadline = time.monotonic() + within
        while True:
            seen = self.everything() if not self.full_screen else self.screen()
            new = seen if self.full_screen else seen[self._read :]
            # Lines are broken where a dialog box is narrow.
            plain = " ".join(new.replace("│", " ").split())
            if all(text in plain for text in texts):
                self._shown.append(new)
                return plain
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: {texts} did not appear in:\n{seen}")
            time.sleep(0.05)

    def ends(self, *, within: float = DEADLINE) -> str:
        """Wait for the end of the command, which must be a success; all that was shown."""
        self.full_screen = False
        self._read = 0
        said = self.expect(ENDED, within=within)
        assert f"{ENDED}0" in said, said[-2000:]
        return said

    def type(self, text: str = "", *, instead_of: str = "", keys: tuple[str, ...] = ()) -> None:
        """Rub out `instead_of`, type `text`, press `keys` (tmux's names) and Enter."""
        self._read = len(self.everything())
        if instead_of:
            self._tmux("send-keys", *["BSpace"] * len(instead_of))
        if text:
            self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", *keys, "Enter")

    def press(self, *keys: str) -> None:
        self._read = len(self.everything())
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-J").rstrip()

    def everything(self) -> str:
        """The screen and what has scrolled off it."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-").rstrip()

    def _tmux(self, *argv: str) -> str:
        # A server of its own: nobody's sessions and settings are touched.
        socket = f"falcot-rtc-{os.getpid()}-{self.name}"
        return run(["tmux", "-u", "-L", socket, *argv], env={"LC_ALL": "C.UTF-8"}).stdout
