# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry a plan's actions out on a host, and take them back when one of them fails."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from falcot_rtc import actions, edits, origins, paths, plan, readers
from falcot_rtc.errors import FalcotError, of_system
from falcot_rtc.facts import Digests, Facts
from falcot_rtc.host import Host
from falcot_rtc.resources import HostFile, Link, Resource, TreeFile, Unit

Report = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Transaction:
    """Carries actions out and remembers how to take each back."""

    host: Host
    resources: tuple[Resource, ...]
    facts: Facts
    copies: Mapping[str, str]
    report: Report
    move: Callable[[str, str], None] | None = None
    undo: list[actions.Action] = field(default_factory=list)
    running: dict[str, Digests] = field(default_factory=dict)
    # Stopped so that another unit can have a port of theirs.
    gave_way: list[str] = field(default_factory=list)

    def carry_out(self, action: actions.Action, *beside: actions.Action) -> None:
        """Carry out an action, or several of one of `batches`."""
        host, before = self.host, self.facts
        match action:
            case actions.Write(path=path, content=content, group=group, mode=mode):
                if path.startswith(f"{paths.TLS}/"):
                    self._remember_file(path)
                host.write(path, content, group=group, mode=mode)
            case actions.Make(directory=d):
                host.make_directory(d.path, owner=d.owner, group=d.group, mode=d.mode)
            case actions.Keep(content=content, aside=aside):
                host.make_directory(paths.EDITED, mode=0o700)
                host.write(aside, content.encode(errors="surrogateescape"), mode=0o600)
            case actions.Stage(number=number, files=files):
                self._stage(number, files)
            case actions.Validate():
                self._judge(action, *(b for b in beside if isinstance(b, actions.Validate)))
            case actions.MoveDomain(old=old, new=new, people=people):
                assert self.move is not None
                # First: what a failure leaves half moved has to go back as well.
                self.undo.append(actions.MoveDomain(old=new, new=old, people=people))
                self.move(old, new)
            case actions.Switch(number=number):
                self.undo.append(actions.Switch(number=before.generation))
                target = f"{paths.GENERATIONS}/{number}"
                if number is None:
                    host.remove(paths.CURRENT)
                elif host.target(paths.CURRENT) != target:
                    host.link(paths.CURRENT, target)
            case actions.Put(item=item):
                self.undo.append(_restore(item.path, before.outside.get(item.path)))
                if isinstance(item, Link):
                    host.link(item.path, item.target)
                else:
                    content = item.content.encode(errors="surrogateescape")
                    host.write(item.path, content, mode=item.mode)
            case actions.Remove(path=path):
                # Holds come back by the caller, who knows that they have to outlive a reboot.
                if path.startswith(f"{paths.TLS}/"):
                    self._remember_file(path)
                elif path not in before.holds:
                    self.undo.append(_restore(path, before.outside.get(path)))
                host.remove(path)
                if path.startswith((paths.UNITS_ETC, paths.UNITS_RUN)):
                    host.remove_empty_directory(path.rpartition("/")[0])
            case actions.ReadUnits():
                self.undo.append(action)
                if before.systemd:
                    host.run("systemctl", "daemon-reload")
            case actions.UnitAction():
                self._unit(action, *(b for b in beside if isinstance(b, actions.UnitAction)))

    def _judge(self, *judges: actions.Validate) -> None:
        """They only read, so all of them look at the tree at once; the first to refuse counts."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor() as pool:
            for complaints in pool.map(self._complaints, judges):
                if complaints:
                    texts = {r.path: r.content for r in self.resources if isinstance(r, TreeFile)}
                    theirs = origins.overlay(complaints, texts)
                    raise FalcotError(complaints, hint=f"correct {theirs}" if theirs else "")

    def _complaints(self, judge: actions.Validate) -> str:
        tree, validator = f"{paths.GENERATIONS}/{judge.number}", judge.validator
        argv = [part.replace("{tree}", tree) for part in validator.argv]
        done = self.host.run(*argv, check=False, env=dict(validator.env))
        if not done.returncode:
            return ""
        said = (done.stderr or done.stdout).decode(errors="replace")
        return f"{validator.name}: {complaint(said) or done.returncode}"

    def _stage(self, number: int, files: tuple[TreeFile, ...]) -> None:
        final, partial = (f"{paths.GENERATIONS}/{n}" for n in (number, f"{number}.partial"))
        self.undo += [actions.Remove(path=final), actions.Remove(path=partial)]
        self.host.remove(partial)
        self.host.remove(final)
        self.host.make_directory(partial)
        for file in files:
            self.host.write(
                f"{partial}/{file.path}", file.content.encode(), group=file.group, mode=file.mode
            )
        rendered = {file.path: edits.fingerprint(file.content) for file in files}
        text = json.dumps(rendered, indent=1, sort_keys=True) + "\n"
        self.host.write(f"{partial}/{paths.RENDERED}", text.encode(), mode=0o644)
        self.host.at(partial).rename(self.host.at(final))

    def _unit(self, action: actions.UnitAction, *beside: actions.UnitAction) -> None:
        host, unit = self.host, action.unit
        if action.verb in actions.LINKING:
            # Works without a running systemd, as in an image build. The hooks for init scripts of
            # the same name, which systemd ignores, would have it read all units twice more.
            self._remember("disable" if action.verb == "enable" else "enable", unit)
            argv = ("systemctl", action.verb, "--quiet", "--no-reload", unit)
            host.run(*argv, env={"SYSTEMCTL_SKIP_SYSV": "1"})
            return
        self._jobs(action, *beside)

    def _jobs(self, *jobs: actions.UnitAction) -> None:
        """Have systemd do the same to several units at once; it knows which waits for which."""
        host, verb = self.host, jobs[0].verb
        ours = {r.name for r in self.resources if isinstance(r, Unit)}
        units = []
        for job in jobs:
            if not self.facts.systemd or not host.permits(job.unit, verb):
                if not self.facts.systemd:
                    # The first boot starts it with what is there now.
                    self._started(job.unit)
                what = actions.describe(job)
                self.report(f"not done: {what}: this system starts no services now")
                continue
            before = self.facts.units.get(job.unit)
            if before is not None:
                self._remember("restart" if before.active else "stop", job.unit)
            if verb == "stop" and job.unit in ours:
                self.gave_way.append(job.unit)
            units.append(job.unit)
        if not units:
            return
        foreign = jobs[0].unit in readers.READERS.values()
        if foreign:
            self._remember(verb, jobs[0].unit)
        done = host.run("systemctl", verb, *units, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace")
            unit = next((u for u in units if u in said), units[0])
            failure = FalcotError(
                f"{unit} does not {verb}: {host.last_words(unit)}", hint=f"journalctl -u {unit}"
            )
            if verb != "start" and not foreign:
                raise failure
            # It runs its own settings again, or would, or is none of ours: nothing to seize anew.
            self.report(str(failure))
            return
        self._started(*units)

    def _started(self, *units: str) -> None:
        for resource in self.resources:
            if isinstance(resource, Unit) and resource.name in units:
                digests = plan.digests(resource, self.resources, self.copies)
                self.running[resource.name] = digests

    def _remember_file(self, path: str) -> None:
        """Certificates come back as they were: prosody might serve one that is new as well."""
        content = self.host.read(path)
        if content is not None:
            _, group, mode = self.host.access(path)
            why = "taken back"
            self.undo.append(
                actions.Write(path=path, content=content, group=group, mode=mode, why=why)
            )
        else:
            self.undo.append(actions.Remove(path=path))

    def _remember(self, verb: str, unit: str) -> None:
        self.undo.append(actions.UnitAction(verb=verb, unit=unit, why="taken back"))

    def take_back(self) -> None:
        """Undo, last step first; but units only when all the files are back that they read.

        Who gave way for another's start gives way for that one's return as well.
        """
        steps, self.undo = self.undo[::-1], []
        units = [step for step in steps if isinstance(step, actions.UnitAction)]
        links = [step for step in units if step.verb in actions.LINKING]
        jobs = [step for step in units if step.verb not in actions.LINKING]
        if self.gave_way:
            # Each once, and last what had to go first.
            jobs = [step for at, step in enumerate(jobs) if step not in jobs[at + 1 :]]
            gone = [
                actions.UnitAction(verb="stop", unit=unit, why="taken back")
                for unit in dict.fromkeys(self.gave_way)
            ]
            jobs = [*gone, *jobs]
        reading = [step for step in steps if isinstance(step, actions.ReadUnits)]
        if links:
            reading.append(actions.ReadUnits())
        files = [
            step for step in steps if not isinstance(step, actions.UnitAction | actions.ReadUnits)
        ]
        for step in [*files, *links, *reading[:1], *jobs]:
            try:
                self.carry_out(step)
            except FalcotError as error:
                self.report(f"while taking back: {error}")
            except OSError as error:
                self.report(f"while taking back: {of_system(error)}")


def batches(rows: Iterable[actions.Action]) -> Iterator[tuple[actions.Action, ...]]:
    """The actions in their order; neighbours that may happen side by side are in one batch."""
    for together, batch in itertools.groupby(rows, _side_by_side):
        if together:
            yield tuple(batch)
        else:
            yield from ((action,) for action in batch)


def _side_by_side(action: actions.Action) -> str:
    """What an action may be side by side with; empty: it has to be alone."""
    match action:
        case actions.Validate():
            return "checkers"
        case actions.UnitAction(verb="restart", unit=unit) if unit.endswith(".service"):
            return "services"
    return ""


def _restore(path: str, before: bytes | str | None) -> actions.Action:
    if before is None:
        return actions.Remove(path=path)
    if isinstance(before, str):
        return actions.Put(item=Link(path=path, target=before))
    return actions.Put(item=HostFile(path=path, content=before.decode(errors="surrogateescape")))


def complaint(said: str) -> str:
    """Why a checker refuses, on one line: from where it speaks of an error, else its last words.

    prosodyctl ends with wishes of good luck, apache2 says what is wrong after it has said where.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [number for number, line in enumerate(lines) if "error" in line.lower()]
    return "; ".join(lines[named[0] :][:2] if named else lines[-3:])
