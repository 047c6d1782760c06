# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference between what a host should have and what it has, as ordered actions. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from falcot_rtc import paths, readers
from falcot_rtc.actions import (
    LINKING,
    Action,
    Keep,
    Make,
    MoveDomain,
    Put,
    ReadUnits,
    Remove,
    Stage,
    Switch,
    UnitAction,
    Validate,
)
from falcot_rtc.edits import edited, edited_outside, fingerprint
from falcot_rtc.facts import Digests, Facts, held_unit
from falcot_rtc.resources import (
    Data,
    Directory,
    HostFile,
    Link,
    Masked,
    Resource,
    TreeFile,
    Unit,
    Validator,
)


def outside_names(resources: Iterable[Resource]) -> list[str]:
    return [r.path for r in resources if isinstance(r, HostFile | Link)]


def unit_names(resources: Iterable[Resource]) -> list[str]:
    return [r.name for r in resources if isinstance(r, Unit | Masked)]


def foreign(resources: Iterable[Resource], facts: Facts) -> set[str]:
    """Stock units that ours could stand beside, and that somebody used before we came and uses now.

    They are left alone; where one has a port of ours, apply refuses.
    """
    return {
        r.name
        for r in resources
        if isinstance(r, Masked)
        and facts.before.get(r.name, (False, False))[1]
        and facts.units[r.name].active
    }


def _in_place(item: HostFile | Link, present: bytes | str | None) -> bool:
    return present == (item.target if isinstance(item, Link) else item.content.encode())


def below(path: str, prefixes: Iterable[str]) -> bool:
    """Whether `path` is one of the prefixes, or lies in a directory among them."""
    return any(path == p or (p.endswith("/") and path.startswith(p)) for p in prefixes)


def wanted_digest(
    prefixes: Iterable[str], resources: Iterable[Resource], present: Mapping[str, str]
) -> str:
    """The digest of all that is rendered below each prefix.

    `present` holds the digests of the certificate directories, which no template renders.
    """
    rendered = {
        (r.path if isinstance(r, HostFile) else f"/{r.path}"): r.content
        for r in resources
        if isinstance(r, HostFile | TreeFile)
    }
    total = hashlib.sha256()
    for prefix in prefixes:
        base = prefix if prefix.startswith("/") else f"/{prefix}"
        if prefix in present:
            total.update(present[prefix].encode())
        for name in sorted(rendered):
            if below(name, (base,)):
                total.update(name.encode() + b"\0" + rendered[name].encode())
    return total.hexdigest()


def _keeps(facts: Facts) -> list[Action]:
    tree, aside = facts.tree, f"{paths.EDITED}/{facts.generation}"
    return [Keep(path=p, content=tree[p].content, aside=f"{aside}/{p}") for p in edited(facts)]


def _keeps_outside(
    facts: Facts, resources: tuple[Resource, ...], touched: Iterable[str]
) -> list[Action]:
    changed = edited_outside(facts, resources)
    # No generation counts the edits of these, so the name tells one from the next.
    return [
        Keep(
            path=path,
            content=changed[path],
            aside=f"{paths.EDITED}/{facts.generation}{path}.{fingerprint(changed[path])[:8]}",
        )
        for path in touched
        if path in changed
    ]


def digests(unit: Unit, resources: tuple[Resource, ...], copies: Mapping[str, str]) -> Digests:
    return Digests(
        restart=wanted_digest(unit.restart_on, resources, copies),
        reload=wanted_digest(unit.reload_on, resources, copies),
    )


def plan(
    resources: tuple[Resource, ...],
    facts: Facts,
    copies: Mapping[str, str],
    move: MoveDomain | None = None,
    stale: Iterable[str] = (),
    yielding: Iterable[str] = (),
) -> tuple[Action, ...]:
    """What to do, in order, so that the host has exactly `resources`; empty when it has.

    `copies` maps each certificate directory to the digest of what will be in it; `stale` files go.
    The units in `yielding` have a port that another is about to take.
    """
    actions: list[Action] = [
        Make(directory=d)
        for d in resources
        if isinstance(d, Directory) and facts.directories.get(d.path) != d
    ]
    files = tuple(sorted((r for r in resources if isinstance(r, TreeFile)), key=lambda f: f.path))
    if files and dict(facts.tree) != {file.path: file for file in files}:
        number = max(facts.generations, default=0) + 1
        actions += _keeps(facts)
        actions.append(Stage(number=number, files=files))
        for validator in dict.fromkeys(r for r in resources if isinstance(r, Validator)):
            actions.append(Validate(validator=validator, number=number))
        actions += _moves(move, resources, facts)
        actions.append(Switch(number=number))

    outside: list[Action] = [
        Put(item=item)
        for item in resources
        if isinstance(item, HostFile | Link) and not _in_place(item, facts.outside.get(item.path))
    ]
    keep = set(outside_names(resources))
    actions += _stops(resources, facts)
    giving = {name for name in yielding if name in facts.units and facts.units[name].active}
    why = "another service gets a port of it"
    actions += [UnitAction(verb="stop", unit=name, why=why) for name in sorted(giving)]
    gone = [n for n in facts.manifest if n not in keep and facts.outside.get(n) is not None]
    # What was held and has no role here is stopped and disabled by now.
    outside += [Remove(path=name) for name in [*gone, *stale, *facts.holds]]
    touched = [a.item.path if isinstance(a, Put) else a.path for a in outside]  # type: ignore[union-attr]
    actions += _keeps_outside(facts, resources, touched)
    actions += outside
    following = _unit_actions(resources, facts, copies, giving)
    actions += [a for a in following if a.verb == "enable"]
    moved = any(path.startswith((paths.UNITS_ETC, paths.UNITS_RUN)) for path in touched)
    linked = any(isinstance(a, UnitAction) and a.verb in LINKING for a in actions)
    # Stale without a change of ours: an apply was killed before systemd could read its files.
    if moved or linked or any(state.stale for state in facts.units.values()):
        actions.append(ReadUnits())
    actions += [a for a in following if a.verb != "enable"]
    actions += readers.reloads(touched, facts.readers)
    if not files and facts.generation is not None:
        actions.append(Switch(number=None))
    return tuple(actions)


def _moves(move: MoveDomain | None, resources: tuple[Resource, ...], facts: Facts) -> list[Action]:
    """Nobody may write below the old name any more; the unit comes back with its new settings."""
    if move is None:
        return []
    owners = {r.unit for r in resources if isinstance(r, Data)}
    stops = [
        UnitAction(verb="stop", unit=name, why="its data moves")
        for name in sorted(owners)
        if name in facts.units and facts.units[name].active
    ]
    return [*stops, move]


def _stops(resources: tuple[Resource, ...], facts: Facts) -> list[Action]:
    """Units of ours that have to go, stopped while the files are there with which they run."""
    wanted = {r.name for r in resources if isinstance(r, Unit)}
    replaced = {r.name for r in resources if isinstance(r, Masked)}
    spared = foreign(resources, facts)
    # Holds are about to be lifted, and a unit that no role needs would start at the next boot.
    held = {held_unit(path) for path in facts.holds}
    actions: list[Action] = []
    for name in sorted((replaced | ((set(facts.managed) | held) - wanted)) - spared):
        state = facts.units[name]
        why = "an instance of ours replaces it" if name in replaced else "no role needs it here"
        if state.active:
            actions.append(UnitAction(verb="stop", unit=name, why=why))
        if state.enabled:
            actions.append(UnitAction(verb="disable", unit=name, why=why))
    return actions


def _unit_actions(
    resources: tuple[Resource, ...], facts: Facts, copies: Mapping[str, str], giving: set[str]
) -> list[UnitAction]:
    actions: list[UnitAction] = []
    wanted = [r for r in resources if isinstance(r, Unit)]
    changed = [*edited(facts), *edited_outside(facts, resources)]
    for name in sorted(set(facts.managed) - set(unit_names(resources))):
        was_enabled, was_active = facts.before.get(name, (False, False))
        why = "back to its own settings"
        if was_enabled:
            actions.append(UnitAction(verb="enable", unit=name, why=why))
        if was_active:
            actions.append(UnitAction(verb="start", unit=name, why=why))
    for unit in wanted:
        state = facts.units[unit.name]
        last = facts.running.get(unit.name)
        wanted_with = digests(unit, resources, copies)
        if not state.enabled:
            actions.append(UnitAction(verb="enable", unit=unit.name, why="it starts at boot"))
        if not state.active:
            actions.append(UnitAction(verb="restart", unit=unit.name, why="it does not run"))
        elif unit.name in giving:
            actions.append(UnitAction(verb="restart", unit=unit.name, why="it gave way"))
        elif state.failing:
            actions.append(UnitAction(verb="restart", unit=unit.name, why="it keeps failing"))
        elif last is None or last.restart != wanted_with.restart:
            actions.append(UnitAction(verb="restart", unit=unit.name, why="its settings change"))
        elif any(below(path, unit.restart_on) for path in changed):
            # Somebody may have restarted it with the edit.
            actions.append(UnitAction(verb="restart", unit=unit.name, why="its file was edited"))
        elif any(below(path, unit.reload_on) for path in changed):
            actions.append(UnitAction(verb="reload", unit=unit.name, why="its file was edited"))
        elif last.reload != wanted_with.reload:
            actions.append(
                UnitAction(verb="reload", unit=unit.name, why="new certificate, pages or secrets")
            )
    return actions
