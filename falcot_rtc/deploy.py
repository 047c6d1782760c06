# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which a renewed certificate gets to the services, whatever its source.

Timer, path unit and certbot's hook come here, not to apply: what an administrator has prepared in
the settings is not for them to carry out. Copies are written, services reloaded, and every port is
asked which certificate it shows; when one fails, the old one comes back everywhere.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from falcot_rtc import apply, derive, facts, judgement, material, paths, plan, served, sources
from falcot_rtc.actions import Write
from falcot_rtc.errors import FalcotError
from falcot_rtc.facts import Digests, Facts
from falcot_rtc.host import Host
from falcot_rtc.material import Material
from falcot_rtc.policy import Site
from falcot_rtc.resources import CertificateCopy, Unit

# A pair is two files: who writes them needs a moment for the second.
SETTLED = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """`changed`: services took up another certificate; `ports` show it. `refused`: see Material.

    `unpublished`: why the name server has not got the TLSA records that belong to it.
    """

    changed: bool
    fingerprint: str
    until: datetime.datetime
    ports: int = 0
    refused: str = ""
    unpublished: str = ""


def deploy(host: Host, *, anew: bool = False) -> Deployed:
    """Have the services show what the source has, unless it is worse than what they show.

    Raises FalcotError when a service does not take it up; then all have the old one again.
    """
    from falcot_rtc import certificates

    with host.lock():
        if facts.generation(host) is None:
            raise FalcotError("falcot-rtc is not configured on this host", hint="falcot-rtc apply")
        site, _ = apply.read_site(host)
        resources = derive.desired(site).resources
        copies = [_in_force(host, r) for r in resources if isinstance(r, CertificateCopy)]
        now = datetime.datetime.now(datetime.UTC)
        made = material.certificate(host, site, copies, now, anew=anew, in_force=True)
        units = [r for r in resources if isinstance(r, Unit) and _reads(r, copies)]
        known = facts.gather(host, [], [u.name for u in units], [])
        due = _due(units, known, made)
        chain = _content(host, made, sources.SITE_CHAIN)
        fingerprint, until = certificates.fingerprint(chain), certificates.expiry(chain)
        renewed = chain != host.read(sources.SITE_CHAIN)
        unpublished = _roll_over(host, site, chain) if renewed else ""
        ports = _carry_out(host, site, made, due, fingerprint) if made.writes or due else 0
        _record(host, made, known, due)
        if renewed and not unpublished:
            unpublished = _roll_over(host, site)
    return Deployed(
        changed=bool(made.writes or due),
        fingerprint=fingerprint,
        until=until,
        ports=ports,
        refused=made.refused,
        unpublished=unpublished,
    )


def _in_force(host: Host, copy: CertificateCopy) -> CertificateCopy:
    """The copy as it is there: what settings add or drop since is for apply to make or remove."""
    there = host.names(copy.directory)
    named = [(name, f"{name.removesuffix('.crt')}.key") for name in there if name.endswith(".crt")]
    pairs = dict.fromkeys((*copy.names, *named))
    return replace(copy, names=tuple(pair for pair in pairs if set(pair) <= set(there)))


def _roll_over(host: Host, site: Site, chain: bytes | None = None) -> str:
    """TLSA of a `chain` that comes, or of what is in service now; why that failed.

    It does not keep a certificate back: the one in service would expire first.
    """
    if not site.tunables["dns"]["update-key"]:
        return ""
    from falcot_rtc.zone import rollover

    try:
        if chain is None:
            rollover.settle(host, site)
        else:
            rollover.announce(host, site, chain)
    except FalcotError as error:
        return error.message
    return ""


def _reads(unit: Unit, copies: list[CertificateCopy]) -> bool:
    return any(f"{copy.directory}/" in unit.reload_on for copy in copies)


def _due(units: list[Unit], known: Facts, made: Material) -> dict[str, Digests]:
    """The units that run with another certificate, and what they will have been reloaded with.

    All but the certificate is what the generation in force has, not what the settings say now.
    """
    in_force = tuple(known.tree.values())
    found = {}
    for unit in units:
        last, state = known.running.get(unit.name), known.units[unit.name]
        wanted = plan.wanted_digest(unit.reload_on, in_force, made.digests)
        if last is not None and last.reload != wanted and (state.active or not known.systemd):
            found[unit.name] = Digests(restart=last.restart, reload=wanted)
    return found


def _content(host: Host, made: Material, path: str) -> bytes:
    return next((w.content for w in made.writes if w.path == path), host.read(path) or b"")


def _carry_out(
    host: Host, site: Site, made: Material, due: Mapping[str, Digests], fingerprint: str
) -> int:
    before = [_as_it_is(host, write) for write in made.writes]
    try:
        for write in made.writes:
            _write(host, write)
        return _take_up(host, site, due, fingerprint)
    except BaseException as error:
        for old, new in zip(before, made.writes, strict=True):
            if old is None:
                host.remove(new.path)
            else:
                _write(host, old)
        if host.has_systemd:
            for unit in due:
                host.run("systemctl", "reload", unit, check=False)
        if isinstance(error, FalcotError):
            raise FalcotError(
                f"certificate not deployed, the one before is back: {error.message}",
                hint=error.hint,
            ) from error
        raise


def _take_up(host: Host, site: Site, due: Mapping[str, Digests], fingerprint: str) -> int:
    if not host.has_systemd:
        return 0
    for unit in due:
        if host.permits(unit, "reload"):
            host.run("systemctl", "reload", unit)
    return served.await_everywhere(host, site, fingerprint)


def _as_it_is(host: Host, write: Write) -> Write | None:
    content = host.read(write.path)
    if content is None:
        return None
    _, group, mode = host.access(write.path)
    return Write(path=write.path, content=content, group=group, mode=mode, why="taken back")


def _write(host: Host, write: Write) -> None:
    apply.private_parent(host, write)
    host.write(write.path, write.content, group=write.group, mode=write.mode)


def _record(host: Host, made: Material, known: Facts, due: Mapping[str, Digests]) -> None:
    rows = {name: asdict(row) for name, row in sorted({**known.running, **due}.items())}
    text = json.dumps(rows, indent=1, sort_keys=True) + "\n"
    for path, content in ((paths.RUNNING, text), (paths.JUDGED, judgement.dump(made.judgement))):
        if host.text(path) != content:
            host.write(path, content.encode(), mode=0o644)
