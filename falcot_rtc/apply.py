# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply: bring a host to its settings as one transaction, and back if a service refuses.

Order: material and accounts (additive), a new generation beside the old, the services' own
checkers, one symlink, drop-ins and links, units, then a wait for every declared listener.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from falcot_rtc import derive, facts, hold, listening, material, paths, plan, settings
from falcot_rtc.accounts import sync
from falcot_rtc.errors import FalcotError
from falcot_rtc.facts import Facts
from falcot_rtc.host import Host
from falcot_rtc.policy import Site
from falcot_rtc.resources import (
    CertificateCopy,
    Data,
    Directory,
    HostFile,
    Link,
    Resource,
    TreeFile,
    Unit,
)

KEPT_GENERATIONS = 5
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that apply is about to do; nothing of it has happened."""

    site: Site | None
    resources: tuple[Resource, ...]
    facts: Facts
    writes: tuple[plan.Write, ...]
    digests: Mapping[str, str]
    accounts: tuple[str, ...]
    actions: tuple[plan.Action, ...]

    @property
    def lines(self) -> list[str]:
        return [plan.describe(a) for a in (*self.writes, *self.actions)] + list(self.accounts)


def read_site(host: Host) -> tuple[Site, tuple[plan.Write, ...]]:
    """The site that the files below /etc/falcot-rtc describe, and secrets still to be written."""
    source = facts.source(host)
    if not source.settings:
        raise FalcotError(
            f"{paths.SETTINGS}: does not exist",
            hint="run dpkg-reconfigure falcot-rtc, or falcot-rtc setup",
        )
    chosen = settings.parse(source.settings)
    tuned = derive.tunables(source.policies)
    secrets, writes = material.with_secrets(source.secrets, derive.secret_names(chosen))
    site = Site(
        settings=chosen,
        release=source.release,
        endpoints=derive.endpoints(chosen, tuned),
        tunables=tuned,
        secrets=secrets,
        overlays=source.overlays,
    )
    return site, writes


def prepare(host: Host, *, active: bool = True) -> Prepared:
    """What makes the host follow its settings, or with `active=False` lets go of it."""
    site: Site | None = None
    resources: tuple[Resource, ...] = ()
    writes: tuple[plan.Write, ...] = ()
    digests: Mapping[str, str] = {}
    accounts: tuple[str, ...] = ()
    if active:
        site, secret_writes = read_site(host)
        if site.settings.manage:
            resources = derive.desired(site).resources
            copies = [r for r in resources if isinstance(r, CertificateCopy)]
            now = datetime.datetime.now(datetime.UTC)
            made = material.certificate(host, site, copies, now)
            writes, digests = (*secret_writes, *made.writes), made.digests
            accounts = sync.pending(host, site)
        else:
            site = None
    known = facts.gather(
        host,
        plan.outside_names(resources),
        plan.unit_names(resources),
        [r.path for r in resources if isinstance(r, Directory)],
    )
    return Prepared(
        site=site,
        resources=resources,
        facts=known,
        writes=writes,
        digests=digests,
        accounts=accounts,
        actions=plan.plan(resources, known, digests),
    )


@dataclass(slots=True, kw_only=True)
class Transaction:
    """Carries actions out and remembers how to take each back."""

    host: Host
    prepared: Prepared
    report: Report
    undo: list[plan.Action] = field(default_factory=list)
    running: dict[str, facts.Digests] = field(default_factory=dict)

    def carry_out(self, action: plan.Action) -> None:
        host, before = self.host, self.prepared.facts
        match action:
            case plan.Write(path=path, content=content, group=group, mode=mode):
                host.write(path, content, group=group, mode=mode)
            case plan.Make(directory=d):
                host.make_directory(d.path, owner=d.owner, group=d.group, mode=d.mode)
            case plan.Stage(number=number, files=files):
                self._stage(number, files)
            case plan.Validate(validator=validator, number=number):
                tree = f"{paths.GENERATIONS}/{number}"
                argv = [part.replace("{tree}", tree) for part in validator.argv]
                host.run(*argv, env=dict(validator.env))
            case plan.Switch(number=number):
                self.undo.append(plan.Switch(number=before.generation))
                if number is None:
                    host.remove(paths.CURRENT)
                else:
                    host.link(paths.CURRENT, f"{paths.GENERATIONS}/{number}")
            case plan.Put(item=item):
                self.undo.append(_restore(item.path, before.outside.get(item.path)))
                if isinstance(item, Link):
                    host.link(item.path, item.target)
                else:
                    host.write(item.path, item.content.encode(), mode=item.mode)
            case plan.Remove(path=path):
                # Holds come back by the caller, who knows that they have to outlive a reboot.
                if path not in before.holds:
                    self.undo.append(_restore(path, before.outside.get(path)))
                host.remove(path)
                if path.startswith((paths.UNITS_ETC, paths.UNITS_RUN)):
                    host.remove_empty_directory(path.rpartition("/")[0])
            case plan.ReadUnits():
                self.undo.append(action)
                if before.systemd:
                    host.run("systemctl", "daemon-reload")
            case plan.UnitAction():
                self._unit(action)

    def _stage(self, number: int, files: tuple[TreeFile, ...]) -> None:
        final, partial = (f"{paths.GENERATIONS}/{n}" for n in (number, f"{number}.partial"))
        self.host.remove(partial)
        self.host.remove(final)
        self.host.make_directory(partial)
        for file in files:
            self.host.write(
                f"{partial}/{file.path}", file.content.encode(), group=file.group, mode=file.mode
            )
        self.host.at(partial).rename(self.host.at(final))

    def _unit(self, action: plan.UnitAction) -> None:
        host, unit = self.host, action.unit
        before = self.prepared.facts.units.get(unit)
        if action.verb in ("enable", "disable"):
            # Works without a running systemd, as in an image build.
            self._remember("disable" if action.verb == "enable" else "enable", unit)
            host.run("systemctl", action.verb, "--quiet", unit)
            return
        if not self.prepared.facts.systemd or not host.permits(unit, action.verb):
            self.report(f"not done: {plan.describe(action)}: this system starts no services now")
            return
        if before is not None:
            self._remember("restart" if before.active else "stop", unit)
        done = host.run("systemctl", action.verb, unit, check=False)
        if done.returncode:
            raise FalcotError(
                f"{unit} does not {action.verb}: {host.last_words(unit)}",
                hint=f"journalctl -u {unit}",
            )
        wanted = {r.name: r for r in self.prepared.resources if isinstance(r, Unit)}
        if unit in wanted:
            self.running[unit] = plan.digests(
                wanted[unit], self.prepared.resources, self.prepared.digests
            )

    def _remember(self, verb: str, unit: str) -> None:
        self.undo.append(plan.UnitAction(verb=verb, unit=unit, why="taken back"))

    def take_back(self) -> None:
        """Undo in the order in which it was done: files first, then the units that read them."""
        steps, self.undo = list(dict.fromkeys(self.undo)), []
        files: list[plan.Action] = []
        reading: list[plan.Action] = []
        units: list[plan.Action] = []
        for step in steps:
            match step:
                case plan.UnitAction():
                    units.append(step)
                case plan.ReadUnits():
                    reading.append(step)
                case _:
                    files.append(step)
        for step in [*reversed(files), *reading, *units]:
            try:
                self.carry_out(step)
            except FalcotError as error:
                self.report(f"while taking back: {error}")


def _restore(path: str, before: bytes | str | None) -> plan.Action:
    if before is None:
        return plan.Remove(path=path)
    if isinstance(before, str):
        return plan.Put(item=Link(path=path, target=before))
    return plan.Put(item=HostFile(path=path, content=before.decode()))


def _record(host: Host, prepared: Prepared, running: Mapping[str, facts.Digests]) -> None:
    rows = {**prepared.facts.running, **running}
    units = plan.unit_names(prepared.resources)
    kept = {name: asdict(row) for name, row in sorted(rows.items()) if name in units}
    _write_json(host, paths.RUNNING, kept)


def _claim(host: Host, prepared: Prepared, *, only: bool) -> None:
    """Note what is ours outside the generations: before it is made, and again once old is gone."""
    names, units = plan.outside_names(prepared.resources), plan.unit_names(prepared.resources)
    if not only:
        names, units = [*names, *prepared.facts.manifest], [*units, *prepared.facts.managed]
    content = {"paths": sorted(set(names)), "units": sorted(set(units))}
    _write_json(host, paths.MANIFEST, content)
    # Only ever grows: postrm believes it when there is no Python any more.
    foreign = [unit for unit, (_, active) in prepared.facts.before.items() if active]
    data = [r.path for r in prepared.resources if isinstance(r, Data) and r.unit not in foreign]
    listed = sorted({*host.text(paths.PURGE_LIST).splitlines(), *names, *data})
    _write(host, paths.PURGE_LIST, "".join(f"{path}\n" for path in listed))


def _write_json(host: Host, path: str, content: object) -> None:
    _write(host, path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _write(host: Host, path: str, text: str) -> None:
    if host.read(path) != text.encode():
        host.write(path, text.encode(), mode=0o644)


def _prune(host: Host, current: int | None) -> None:
    numbers = sorted(int(n) for n in host.names(paths.GENERATIONS) if n.isdigit())
    for number in numbers[:-KEPT_GENERATIONS]:
        if number != current:
            host.remove(f"{paths.GENERATIONS}/{number}")


def apply(
    host: Host,
    *,
    active: bool = True,
    password: str = "",
    report: Report = print,
) -> Prepared:
    """Carry out `prepare(host)`; returns what was done.

    Raises FalcotError with the reason after everything was taken back. `password` is set for the
    administrator's account.
    """
    with host.lock():
        prepared = prepare(host, active=active)
        site = prepared.site
        for write in prepared.writes:
            _private_parent(host, write)
        transaction = Transaction(host=host, prepared=prepared, report=report)
        additive = plan.Write | plan.Make
        for action in (*prepared.writes, *prepared.actions):
            if isinstance(action, additive):
                transaction.carry_out(action)
        if site is not None:
            sync.administrator(host, site, password, report)
            sync.project(host, site)
        changes = [a for a in prepared.actions if not isinstance(a, additive)]
        if changes:
            _claim(host, prepared, only=False)
        try:
            for action in changes:
                report(plan.describe(action))
                transaction.carry_out(action)
            if site is not None and changes:
                _await(host, prepared, transaction)
        except FalcotError as error:
            transaction.take_back()
            hold.make_lasting(host, tuple(hold.unit_of(path) for path in prepared.facts.holds))
            raise FalcotError(
                f"not applied, everything is as before: {error.message}", hint=error.hint
            ) from error
        if changes:
            _record(host, prepared, transaction.running)
            _claim(host, prepared, only=True)
            _prune(host, facts.generation(host))
        return prepared


def _await(host: Host, prepared: Prepared, transaction: Transaction) -> None:
    if not prepared.facts.systemd or not transaction.running or prepared.site is None:
        return
    units = [r.name for r in prepared.resources if isinstance(r, Unit)]
    listening.wait(host, prepared.site.endpoints, units)


def _private_parent(host: Host, write: plan.Write) -> None:
    """Directories of secrets are closed before the first file is in them."""
    parent = write.path.rpartition("/")[0]
    mode = 0o700 if parent in (paths.SECRETS, paths.CA, f"{paths.TLS}/site") else 0o755
    host.make_directory(parent, mode=mode)
