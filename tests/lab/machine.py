# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a lab host: made from layers, booted, halted, rebooted, frozen, found by its name."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from falcot_rtc.errors import FalcotError
from tests.lab import client, network, nspawn, overlay, provision, ssh
from tests.lab import state as states
from tests.lab.cache import cache, locked
from tests.lab.command import run
from tests.lab.network import Network
from tests.lab.nspawn import Process
from tests.lab.pool import pool
from tests.lab.release import release as known_release
from tests.lab.rootfs import CLIENT, HOST, base
from tests.lab.signing import keyring
from tests.lab.state import State

BOOT_TIMEOUT = 120.0
UP = ("running", "degraded")


@dataclass(slots=True, kw_only=True)
class Machine:
    """Describes a host; `start` (or `with`) boots it from `lowers`, default a bare server.

    `binds`: read-only directories of the build machine, as path inside -> source; the lab's
    Debian archive is always at /srv/debian. `zones`: what the client's name server answers
    for, as origin -> zone file text.
    """

    name: str
    release: str = "trixie"
    lowers: tuple[Path, ...] = ()
    hostname: str = "server1"
    domain: str = "falcot.com"
    duplicate_address_detection: bool = False
    addresses_by_host: bool = False
    binds: Mapping[str, Path] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    extra_packages: tuple[str, ...] = ()
    state: State | None = None

    @classmethod
    def find(cls, name: str) -> Self:
        """The host that an earlier process left running under `name`; FalcotError if none."""
        found = states.load(name)
        if found.container is None or not found.container.is_alive():
            raise FalcotError(f"lab host '{name}' is not running", hint="make demo")
        return cls(name=name, release=found.release, lowers=found.lowers, state=found)

    @classmethod
    def discard(cls, name: str) -> None:
        """End whatever runs, is mounted or left over under `name`; nothing at all is fine."""
        directory = states.directory(name)
        try:
            saved = states.load(name)
        except FalcotError:
            saved = None
        if saved is not None:
            directory = saved.directory
            if saved.container is not None and saved.container.is_alive():
                nspawn.end(name, saved.container, orderly=False)
            _stop_name_server(saved)
        overlay.discard(directory / "client")
        overlay.discard(directory)
        network.destroy(name)
        states.forget(name)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            Machine.discard(self.name)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        Machine.discard(self.name)

    @property
    def running(self) -> State:
        if self.state is None or self.state.container is None:
            raise FalcotError(f"lab host '{self.name}' is not running")
        return self.state

    @property
    def root(self) -> Path:
        """The root file system as the build machine sees it (beware of absolute links)."""
        return overlay.root(states.directory(self.name))

    @property
    def pid(self) -> int:
        """The host's PID 1 as the build machine numbers it."""
        found = nspawn.leader(self.running.container) if self.running.container else None
        if found is None:
            raise FalcotError(f"lab host '{self.name}' is not running")
        return found

    def prepare(self) -> tuple[Path, tuple[Path, ...], Path]:
        """The archive, the host's layers and the client's root for `start`; slow only once."""
        release = known_release(self.release)
        debian = pool(release, self.extra_packages)
        return debian, self.lowers or (base(release, HOST),), base(release, CLIENT)

    def start(self) -> None:
        """Make the host anew from its layers and boot it; return when it has settled."""
        release = known_release(self.release)
        debian, lowers, client_base = self.prepare()
        binds = {"/srv/debian": debian, **self.binds}
        with locked(cache() / "hosts" / f"{states.checked_name(self.name)}.lock"):
            Machine.discard(self.name)
            directory = states.directory(self.name)
            made = State(
                network=Network(
                    name=self.name,
                    duplicate_address_detection=self.duplicate_address_detection,
                    addresses_by_host=self.addresses_by_host,
                ),
                release=self.release,
                directory=directory,
                lowers=lowers,
                binds=tuple((source, target) for target, source in binds.items()),
            )
            self.state = made
            states.save(made)
            network.create(made.network)
            client.set_up(directory / "client", (client_base,))
            overlay.mount(directory, lowers)
            provision.write(
                self.root,
                release=release,
                hostname=self.hostname,
                domain=self.domain,
                keyring=keyring(),
                ssh_key=ssh.public_key(),
                addresses_by_host=self.addresses_by_host,
            )
            self.serve(self.zones)
            self.boot()

    def boot(self) -> None:
        """Boot the halted host as it is."""
        assert self.state is not None
        made = self.state
        network.prepare_host_side(made.network)
        argv = nspawn.command(self.name, self.root, made.network.namespace(), made.binds)
        console = made.directory / "console"
        container = nspawn.launch(self.name, argv, console)
        self._remember(replace(made, container=container))
        deadline = time.monotonic() + BOOT_TIMEOUT
        try:
            first = nspawn.await_leader(container, deadline)
            self._await_boot(container, first, deadline)
        except FalcotError as error:
            said = console.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise FalcotError(f"{self.name}: {error.message}\n{said}", hint=str(console)) from error

    def _await_boot(self, container: Process, first: int, deadline: float) -> None:
        ask = entering(first, ["systemctl", "is-system-running", "--wait"])
        reported = ""
        while time.monotonic() < deadline and container.is_alive():
            remaining = max(1.0, deadline - time.monotonic())
            # Until the manager listens, systemctl fails at once.
            reported = run(ask, check=False, timeout=remaining).stdout.strip()
            if reported in UP:
                return
            container.wait(0.05)
        raise FalcotError(f"the host did not finish booting: '{reported}'")

    def _remember(self, changed: State) -> None:
        self.state = changed
        states.save(changed)

    def halt(self) -> None:
        """Power off in order; the file system stays for `boot`, `freeze` or a look."""
        self._end(orderly=True)

    def pull_plug(self) -> None:
        """End every process of the host at once, as a power cut does."""
        self._end(orderly=False)

    def _end(self, *, orderly: bool) -> None:
        made = self.running
        assert made.container is not None
        nspawn.end(self.name, made.container, orderly=orderly)
        self._remember(replace(made, container=None))

    def reboot(self) -> None:
        self.halt()
        self.boot()

    def freeze(self, target: Path) -> tuple[Path, ...]:
        """Halt, keep what this host wrote as `target`, and return layers for further hosts."""
        if self.state is not None and self.state.container is not None:
            self.halt()
        assert self.state is not None
        overlay.unmount(self.state.directory)
        target.parent.mkdir(parents=True, exist_ok=True)
        overlay.upper(self.state.directory).rename(target)
        lowers = self.state.lowers
        Machine.discard(self.name)
        self.state = None
        return (target, *lowers)

    def serve(self, zones: Mapping[str, str]) -> None:
        """Let the client's name server answer for `zones` (origin -> text) from now on."""
        assert self.state is not None
        _stop_name_server(self.state)
        server = client.serve(self.state.network, self.state.directory / "client", zones)
        self._remember(replace(self.state, name_server=server, zones=dict(zones)))


def entering(first: int, argv: Sequence[str | Path]) -> tuple[str, ...]:
    """The command that runs `argv` in every namespace of the process `first`."""
    return ("nsenter", f"--target={first}", "--all", "--", *(str(word) for word in argv))


def _stop_name_server(made: State) -> None:
    server = made.name_server
    if server is not None and server.is_alive():
        os.kill(server.pid, 15)
        if not server.wait(5):
            os.kill(server.pid, 9)
            server.wait(5)
