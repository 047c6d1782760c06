# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian host of the lab, and what can be done in it and from the other end of the wire.

with Host(name="t1", release="trixie") as host:
    host.run(["systemctl", "is-active", "ssh.service"])
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import client, ssh
from tests.lab import state as states
from tests.lab.command import run
from tests.lab.machine import Machine, entering

COMMAND_TIMEOUT = 900.0


@dataclass(slots=True, kw_only=True)
class Host(Machine):
    """A machine with hands: commands, files, packages, and a client that looks at it."""

    def command(self, argv: Sequence[str | Path]) -> tuple[str, ...]:
        """The command of the build machine that runs `argv` as root in the host."""
        return entering(self.pid, argv)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        input: str | bytes | None = None,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        timeout: float = COMMAND_TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Run `argv` as root in the host; FalcotError with its output when `check` fails."""
        return run(
            self.command(argv),
            shown=argv,
            where=self.name,
            input=input,
            check=check,
            env=env,
            timeout=timeout,
        )

    def shell(self, script: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `script` with /bin/sh -e in the host."""
        return self.run(["/bin/sh", "-e", "-c", script], check=check)

    def push(
        self, path: str, content: str | bytes, *, mode: int = 0o644, owner: str = "root:root"
    ) -> None:
        """Write `content` to `path` in the host; directories above it are made."""
        user, _, group = owner.partition(":")
        options = ("-D", f"--mode={mode:o}", f"--owner={user}", f"--group={group or user}")
        self.run(["install", *options, "/dev/stdin", path], input=content)

    def read(self, path: str) -> str:
        return self.run(["cat", path]).stdout

    def exists(self, path: str) -> bool:
        return self.run(["test", "-e", path], check=False).returncode == 0

    def apt(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run apt-get in the host, asking nothing."""
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        return self.run(["apt-get", "--yes", "--quiet", *argv], check=check, env=quiet)

    def install(self, *packages: str) -> subprocess.CompletedProcess[str]:
        self.apt("update")
        return self.apt("install", *packages)

    def preseed(self, selections: str) -> None:
        self.run(["debconf-set-selections"], input=selections)

    def journal(self, *options: str) -> str:
        return self.run(["journalctl", "--no-pager", "--output=short-iso", *options]).stdout

    def client(
        self,
        argv: Sequence[str | Path],
        *,
        own_root: bool = False,
        user: str = "root",
        binds: Mapping[Path, str] | None = None,
        input: str | bytes | None = None,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        timeout: float = COMMAND_TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Run `argv` at the other end of the wire: a program of the build machine, or with
        `own_root` one of the client's own root file system (rootfs.CLIENT)."""
        return run(
            self.client_command(argv, own_root=own_root, user=user, binds=binds),
            shown=argv,
            where=f"client of {self.name}",
            input=input,
            check=check,
            env=env,
            timeout=timeout,
        )

    def client_command(
        self,
        argv: Sequence[str | Path],
        *,
        own_root: bool = False,
        user: str = "root",
        binds: Mapping[Path, str] | None = None,
    ) -> tuple[str, ...]:
        """The command that `client` runs, for callers that want the process itself."""
        assert self.state is not None
        if not own_root:
            return client.outside(self.state.network, argv)
        directory = self.state.directory / "client"
        return client.inside(self.state.network, directory, argv, user=user, binds=binds)

    def ssh_config(self) -> Path:
        """An ssh_config with which `ssh NAME` reaches root on this host from the build machine."""
        path = states.ssh_config_file(self.name)
        path.write_text(ssh.configuration(self.running.network), encoding="utf-8")
        return path

    def ssh_command(self, *argv: str, terminal: bool = False) -> tuple[str, ...]:
        options = ("-t",) if terminal else ()
        return ("ssh", *options, "-F", str(self.ssh_config()), self.name, *argv)

    def testinfra_options(self) -> tuple[str, ...]:
        """What pytest needs to run testinfra against this host from the build machine."""
        return (f"--hosts=ssh://root@{self.name}", f"--ssh-config={self.ssh_config()}")
