# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client end of the wire: the site's CA, our small programs there, and ones that keep running.

Programs in clients/ run in the client's own Debian root, by Debian's python3 and libraries.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab import overlay
from tests.lab.command import CLEAN_ENVIRONMENT
from tests.lab.host import Host

PROGRAMS = Path(__file__).with_name("clients")
PLACE = "/srv/clients"
CA = "/srv/lab/ca.crt"
PUBLIC_CA = "/var/lib/falcot-rtc/tls/ca.crt"
PATIENCE = 90.0  # seconds for what takes a moment on an idle machine


def root(host: Host) -> Path:
    """The client's root file system as the build machine sees it."""
    return overlay.root(host.running.directory / "client")


def place(host: Host, path: str, content: str | bytes) -> str:
    """Write a file of the client; returns its path there."""
    target = root(host) / path.strip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def trust(host: Host) -> str:
    """The path, in the client, of the site's CA certificate as the host has it."""
    return place(host, CA, host.read(PUBLIC_CA))


def run(
    host: Host, *argv: str, input: str | None = None, timeout: float = 120, check: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program of the client's own root; what it says and its exit code are the result."""
    binds = {PROGRAMS: PLACE}
    return host.client(argv, own_root=True, binds=binds, input=input, timeout=timeout, check=check)


class Running:
    """A program that keeps running, its standard input open and its output read line by line."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**CLEAN_ENVIRONMENT, **env},
        )
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def line(self, wanted: Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """The next line of output that is `wanted`; what came before it is in `said`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.said.append(line)
            if wanted(line):
                return line
        raise FalcotError("the awaited line did not come; it said:\n" + "\n".join(self.said))

    def poll(self, seconds: float) -> None:
        """Wait that long for the program, which must still run then."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise FalcotError(f"it ended with exit code {self.process.returncode}")

    def end(self, seconds: float = PATIENCE) -> list[str]:
        """Close its standard input, wait until it ends, return every line it ever wrote."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join()
            self.process.stdout.close()
        while not self._lines.empty():
            line = self._lines.get()
            self.said += [] if line is None else [line]
        return self.said


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A process of the build machine (see Host.command, Host.client_command) and its end."""
    program = Running(command, env or {})
    try:
        yield program
    finally:
        if program.process.stdin and not program.process.stdin.closed:
            program.end()
