# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be remembered of a running host so that another process finds it by name."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from falcot_rtc.errors import FalcotError, UsageError
from tests.lab.cache import cache
from tests.lab.network import Network
from tests.lab.nspawn import Process

DIRECTORY = Path("/run/falcot-rtc-lab")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    network: Network
    release: str
    directory: Path
    lowers: tuple[Path, ...]
    binds: tuple[tuple[Path, str], ...]
    container: Process | None = None
    name_server: Process | None = None
    zones: dict[str, str] = field(default_factory=dict)


def checked_name(name: str) -> str:
    """`name` when it can name a machine, a namespace and a unit; UsageError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
        raise UsageError(f"lab host name '{name}' must be a-z, 0-9, '-', at most 40 characters")
    return name


def directory(name: str) -> Path:
    """Where the host `name` keeps its file systems."""
    return cache() / "hosts" / checked_name(name)


def _file(name: str) -> Path:
    return DIRECTORY / f"{checked_name(name)}.json"


def ssh_config_file(name: str) -> Path:
    return DIRECTORY / f"{checked_name(name)}.ssh-config"


def save(state: State) -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    path = _file(state.network.name)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(asdict(state), default=str, indent=1), encoding="utf-8")
    partial.rename(path)


def load(name: str) -> State:
    """The state saved for `name`; FalcotError when there is none."""
    try:
        saved = json.loads(_file(name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FalcotError(f"no lab host '{name}' is running", hint="make demo") from error

    def process(value: dict[str, int] | None) -> Process | None:
        return Process(**value) if value else None

    return State(
        network=Network(**saved["network"]),
        release=saved["release"],
        directory=Path(saved["directory"]),
        lowers=tuple(Path(lower) for lower in saved["lowers"]),
        binds=tuple((Path(source), target) for source, target in saved["binds"]),
        container=process(saved["container"]),
        name_server=process(saved["name_server"]),
        zones=saved["zones"],
    )


def forget(name: str) -> None:
    _file(name).unlink(missing_ok=True)
    ssh_config_file(name).unlink(missing_ok=True)
