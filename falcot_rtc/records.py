# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apply notes of its work in /var/lib/falcot-rtc, so that the next one can finish it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from falcot_rtc import edits, judgement, paths, plan
from falcot_rtc.facts import Digests, Facts
from falcot_rtc.host import Host
from falcot_rtc.judgement import Judgement
from falcot_rtc.resources import Data, HostFile, Resource

KEPT_GENERATIONS = 5


def started(
    host: Host, resources: Iterable[Resource], facts: Facts, running: Mapping[str, Digests]
) -> None:
    """What each unit runs with now."""
    rows = {**facts.running, **running}
    units = plan.unit_names(resources)
    kept = {name: asdict(row) for name, row in sorted(rows.items()) if name in units}
    _write_json(host, paths.RUNNING, kept)


def judged(host: Host, found: Judgement) -> None:
    _write(host, paths.JUDGED, judgement.dump(found))


def claim(host: Host, resources: Iterable[Resource], facts: Facts, *, only: bool) -> None:
    """Note what is ours outside the generations: before it is made, and again once old is gone."""
    rows = tuple(resources)
    names, units = plan.outside_names(rows), plan.unit_names(rows)
    files = {r.path: {edits.fingerprint(r.content)} for r in rows if isinstance(r, HostFile)}
    if not only:
        names, units = [*names, *facts.manifest], [*units, *facts.managed]
        for path, digests in facts.written.items():
            files.setdefault(path, set()).update(digests)
    content = {
        "files": {path: sorted(digests) for path, digests in files.items()},
        "paths": sorted(set(names)),
        "units": sorted(set(units)),
    }
    _write_json(host, paths.MANIFEST, content)
    # Only ever grows: postrm believes it when there is no Python any more.
    foreign = [unit for unit, (_, active) in facts.before.items() if active]
    data = [r.path for r in rows if isinstance(r, Data) and r.unit not in foreign]
    listed = sorted({*host.text(paths.PURGE_LIST).splitlines(), *names, *data})
    _write(host, paths.PURGE_LIST, "".join(f"{path}\n" for path in listed))


def clear(host: Host, resources: Iterable[Resource], facts: Facts) -> None:
    """What a kill in the middle of a removal or a write left where nothing of ours belongs now."""
    for path in set(facts.manifest) - set(plan.outside_names(resources)):
        host.remove(path)
        if path.startswith(paths.UNITS_ETC):
            host.remove_empty_directory(path.rpartition("/")[0])


def prune(host: Host, current: int | None) -> None:
    """Remove all but the latest generations."""
    numbers = sorted(int(n) for n in host.names(paths.GENERATIONS) if n.isdigit())
    for number in numbers[:-KEPT_GENERATIONS]:
        if number != current:
            host.remove(f"{paths.GENERATIONS}/{number}")


def _write_json(host: Host, path: str, content: object) -> None:
    _write(host, path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _write(host: Host, path: str, text: str) -> None:
    if host.read(path) != text.encode():
        host.write(path, text.encode(), mode=0o644)
