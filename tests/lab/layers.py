# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepared hosts, kept as layers: what took long once is a starting point for many fresh hosts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.lab.cache import cache, digest, ensure, remove
from tests.lab.host import Host
from tests.lab.release import release as known_release
from tests.lab.rootfs import HOST, base

UNUSED = 3 * 24 * 3600.0


def frozen(
    name: str,
    prepare: Callable[[Host], None],
    *,
    key: object,
    release: str = "trixie",
    lowers: tuple[Path, ...] = (),
    binds: Mapping[str, Path] | None = None,
    zones: Mapping[str, str] | None = None,
    extra_packages: tuple[str, ...] = (),
) -> tuple[Path, ...]:
    """Layers (for `Host(lowers=…)`) of a host that `prepare` has been run on.

    Made once for each `key` (anything JSON can write that decides the result: digests of
    packages, the preseed); the same layers may be asked for by several processes at once.
    """
    below = lowers or (base(known_release(release), HOST),)
    # A layer means nothing without the very layers it was written over.
    identity = digest(key, [f"{lower.parent.name}/{lower.name}" for lower in below])
    target = cache() / "layers" / f"{release}-{name}-{identity}"

    def make(partial: Path) -> None:
        with Host(
            name=f"layer-{identity}",
            release=release,
            lowers=below,
            binds=binds or {},
            zones=zones or {},
            extra_packages=extra_packages,
        ) as host:
            prepare(host)
            host.freeze(partial / "upper")

    made = ensure(target, make)
    os.utime(made)
    _prune(f"{release}-{name}-*")
    return (made / "upper", *below)


def _prune(pattern: str) -> None:
    """Remove what no run has asked for in days: no host can still stand on it."""
    for old in (cache() / "layers").glob(pattern):
        if old.is_dir() and old.stat().st_mtime < time.time() - UNUSED:
            remove(old)
