# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts that benchmarks run on, made when one asks for them, gone at the end of the run."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import inside
from tests.lab import build, demo, layers
from tests.lab.host import Host
from tests.lab.pool import depended_on
from tests.lab.release import release as known_release

# Several runs on one machine keep their hosts apart by this.
PREFIX = os.environ.get("FALCOT_RTC_HOSTS", "")


def add_archives(host: Host) -> None:
    """What comes before `apt install falcot-rtc`."""
    demo.add_archive(host)
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    host.preseed(demo.PRESEED.read_text(encoding="utf-8"))


def install(host: Host) -> None:
    add_archives(host)
    host.apt("install", "falcot-rtc")


class Lab:
    """Hosts of one release."""

    def __init__(self, release: str, stack: ExitStack) -> None:
        self.release = release
        self._stack = stack
        self._others: dict[str, Host] = {}

    @functools.cached_property
    def _archive(self) -> Path:
        return build.repo(known_release(self.release))

    @functools.cached_property
    def _debs(self) -> tuple[Path, ...]:
        return build.build(known_release(self.release))

    def prepare(self) -> None:
        """Build what is to be measured, so that no benchmark's time is spent on it."""
        assert self._debs and self._archive

    @functools.cached_property
    def _lowers(self) -> tuple[Path, ...]:
        """The layers of a host with the site of falcot.com."""
        digests = [hashlib.sha256(deb.read_bytes()).hexdigest() for deb in self._debs]
        return layers.frozen(
            "bench",
            install,
            key=digests,
            release=self.release,
            binds={demo.ARCHIVE: self._archive},
            extra_packages=depended_on(list(self._debs)),
        )

    @functools.cached_property
    def site(self) -> Host:
        """One host with the site of falcot.com, for all benchmarks that leave it as it is."""
        return self._stack.enter_context(self._host("bench-site", self._lowers))

    def another(self, name: str, prepare: Callable[[Host], None]) -> Host:
        """A further host with the site, prepared when it is first asked for."""
        if name not in self._others:
            host = self._stack.enter_context(self._host(name, self._lowers))
            prepare(host)
            self._others[name] = host
        return self._others[name]

    @contextmanager
    def bare(self) -> Iterator[Host]:
        """A fresh host on which only falcot-rtc remains to be installed."""
        with self._host("bench-bare") as host:
            add_archives(host)
            yield host

    def _host(self, name: str, lowers: tuple[Path, ...] = ()) -> Host:
        return Host(
            name=PREFIX + name,
            release=self.release,
            lowers=lowers,
            binds={demo.ARCHIVE: self._archive},
            extra_packages=depended_on(list(self._debs)),
            domain=demo.DOMAIN,
        )

    def time(
        self,
        host: Host,
        sides: Mapping[str, Sequence[Sequence[str]]],
        *,
        rounds: int,
        prints: str = "",
    ) -> list[dict[str, float]]:
        """For each round, the seconds that each side's commands took together, in turn.

        The subject's commands have to print `prints`; FalcotError if one fails.
        """
        wanted = {"rounds": rounds, "prints": {"subject": prints}, "sides": sides}
        text = Path(inside.__file__).read_text(encoding="utf-8")
        done = host.run(["python3", "-I", "-c", text, json.dumps(wanted)])
        rows: list[dict[str, float]] = json.loads(done.stdout)
        return rows
