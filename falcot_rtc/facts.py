# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of a host now. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from falcot_rtc import paths, readers
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.resources import Directory, TreeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The texts that an administrator writes, and the secrets made for him.

    `others` are the names in policy.d that are neither policies nor somebody's copies of one.
    """

    settings: str
    policies: Mapping[str, str]
    overlays: Mapping[str, Mapping[str, str]]
    secrets: Mapping[str, str]
    release: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """`stale`: systemd has not read the unit's files since they changed.

    `failing`: it ended by itself and systemd is about to start it again, so it does not serve.
    """

    loaded: bool
    active: bool
    enabled: bool
    stale: bool = False
    failing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What a unit was last started and last reloaded with."""

    restart: str
    reload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`outside` maps our paths beyond the generations to their content, link target or None.

    `rendered` has the digest with which each file of the present generation was written, `written`
    those of each file outside: two, if an apply was killed before or after it wrote the newer one.
    """

    systemd: bool
    generation: int | None
    generations: tuple[int, ...]
    tree: Mapping[str, TreeFile]
    outside: Mapping[str, bytes | str | None]
    rendered: Mapping[str, str]
    manifest: tuple[str, ...]
    units: Mapping[str, UnitState]
    managed: tuple[str, ...]
    running: Mapping[str, Digests]
    holds: tuple[str, ...]
    directories: Mapping[str, Directory]
    before: Mapping[str, tuple[bool, bool]]
    # Somebody else's units that run and read files of ours.
    readers: tuple[str, ...] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def release(host: Host) -> str:
    for line in host.text("/etc/os-release").splitlines():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            return value.strip('"')
    raise FalcotError("/etc/os-release: no VERSION_CODENAME", hint="is this Debian 12 or later?")


def _is_spare(name: str) -> bool:
    """Whether an editor, dpkg or a cautious administrator made it of another file."""
    return name.startswith(".") or name.endswith("~") or ".toml." in name


def source(host: Host) -> Source:
    return Source(
        settings=host.text(paths.SETTINGS),
        policies={
            name.removesuffix(".toml"): host.text(f"{paths.POLICY_D}/{name}")
            for name in host.names(paths.POLICY_D)
            if name.endswith(".toml")
        },
        overlays={
            provider: {
                name: host.text(f"{paths.LOCAL_D}/{provider}/{name}")
                for name in host.names(f"{paths.LOCAL_D}/{provider}")
                if not name.startswith(".") and not name.endswith(("~", ".dpkg-new", ".dpkg-old"))
            }
            for provider in host.names(paths.LOCAL_D)
        },
        secrets={
            name: host.text(f"{paths.SECRETS}/{name}").strip()
            for name in host.names(paths.SECRETS)
            if not name.startswith(".")
        },
        release=release(host),
        others=tuple(
            name
            for name in host.names(paths.POLICY_D)
            if not name.endswith(".toml") and not _is_spare(name)
        ),
    )


def generation(host: Host) -> int | None:
    target = host.target(paths.CURRENT)
    return int(target.rpartition("/")[2]) if target else None


def tree(host: Host, number: int | None) -> dict[str, TreeFile]:
    """The files of a generation as they are on disk, hand edits included."""
    if number is None:
        return {}
    base = f"{paths.GENERATIONS}/{number}"
    found = {}
    for name in host.walk(base):
        if name == paths.RENDERED:
            continue
        content = host.read(f"{base}/{name}") or b""
        _, group, mode = host.access(f"{base}/{name}")
        # Only what somebody edited by hand is not UTF-8, and it is kept byte by byte.
        text = content.decode(errors="surrogateescape")
        found[name] = TreeFile(path=name, content=text, group=group, mode=mode)
    return found


def outside(host: Host, names: Iterable[str]) -> dict[str, bytes | str | None]:
    return {name: host.target(name) or host.read(name) for name in names}


def units(host: Host, names: Iterable[str]) -> dict[str, UnitState]:
    """The state of each unit, by one call; without a running systemd by the links it would read."""
    wanted = list(names)
    if not wanted or not host.has_systemd:
        linked = {
            name
            for directory in host.names(paths.UNITS_ETC)
            if directory.endswith(".wants")
            for name in host.names(f"{paths.UNITS_ETC}/{directory}")
        }
        return {
            name: UnitState(loaded=False, active=False, enabled=name in linked) for name in wanted
        }
    properties = "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload"
    shown = host.run("systemctl", "show", f"--property={properties}", "--", *wanted)
    states = {}
    for name, block in zip(wanted, shown.stdout.decode().split("\n\n"), strict=True):
        values = dict(line.split("=", 1) for line in block.strip().splitlines())
        states[name] = UnitState(
            loaded=values["LoadState"] == "loaded",
            active=values["ActiveState"] in ("active", "reloading", "activating"),
            enabled=values["UnitFileState"] == "enabled",
            stale=values["NeedDaemonReload"] == "yes",
            failing=values["SubState"].startswith("auto-restart"),
        )
    return states


def _json(host: Host, path: str) -> dict[str, Any]:
    text = host.text(path)
    try:
        loaded = json.loads(text) if text else {}
    except json.JSONDecodeError as error:
        raise FalcotError(f"{path}: damaged: {error}", hint=f"remove {path}, then apply") from error
    return dict(loaded)


def before(host: Host) -> dict[str, tuple[bool, bool]]:
    """Which stock units were enabled, and which ran, before falcot-rtc came (preinst wrote it)."""
    rows = (line.split() for line in host.text(paths.BEFORE).splitlines())
    return {row[0]: (row[1] == "enabled", row[2] == "active") for row in rows if len(row) == 3}


def holds(host: Host) -> tuple[str, ...]:
    return tuple(
        f"{directory}/{name}/{paths.HOLD_DROPIN}"
        for directory in (paths.UNITS_RUN, paths.UNITS_ETC)
        for name in host.names(directory)
        if name.endswith(".service.d") and host.exists(f"{directory}/{name}/{paths.HOLD_DROPIN}")
    )


def held_unit(dropin: str) -> str:
    """The unit that a hold's drop-in belongs to."""
    return dropin.split("/")[-2].removesuffix(".d")


def directories(host: Host, names: Iterable[str]) -> dict[str, Directory]:
    found = {}
    for name in names:
        if host.at(name).is_dir():
            owner, group, mode = host.access(name)
            found[name] = Directory(path=name, owner=owner, group=group, mode=mode)
    return found


def gather(
    host: Host,
    outside_names: Iterable[str],
    unit_names: Iterable[str],
    directory_names: Iterable[str],
) -> Facts:
    """All that a plan needs to know; the names are those of the wanted resources."""
    manifest = _json(host, paths.MANIFEST)
    owned = tuple(manifest.get("paths", ()))
    managed = tuple(manifest.get("units", ()))
    present = generation(host)
    stock = before(host)
    lying = holds(host)
    held = [held_unit(path) for path in lying]
    reading = tuple(readers.READERS.values())
    states = units(host, dict.fromkeys([*unit_names, *managed, *held, *reading]))
    return Facts(
        systemd=host.has_systemd,
        generation=present,
        generations=tuple(sorted(int(n) for n in host.names(paths.GENERATIONS) if n.isdigit())),
        tree=tree(host, present),
        rendered=_json(host, f"{paths.GENERATIONS}/{present}/{paths.RENDERED}"),
        outside=outside(host, dict.fromkeys([*outside_names, *owned])),
        manifest=owned,
        units={name: state for name, state in states.items() if name not in reading},
        managed=managed,
        running={
            unit: Digests(restart=row["restart"], reload=row["reload"])
            for unit, row in _json(host, paths.RUNNING).items()
        },
        holds=lying,
        directories=directories(host, directory_names),
        before=stock,
        readers=tuple(name for name in reading if states[name].active),
        written={path: tuple(row) for path, row in manifest.get("files", {}).items()},
    )
