# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc dns`: the records of the site, shown, published and compared with what is there."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from falcot_rtc import apply, idn, tables
from falcot_rtc.errors import UsageError, named
from falcot_rtc.fields import server as parse_server
from falcot_rtc.host import Host
from falcot_rtc.policies import dns as policy
from falcot_rtc.policy import Site
from falcot_rtc.resources import DnsRecord

STYLES = {"add": "green", "delete": "red", "change": "yellow", "note": "dim"}


def show(given: argparse.Namespace) -> int:
    from falcot_rtc.zone import records

    host = Host()
    site, _ = apply.read_site(host)
    wanted = records.wanted(host, site)
    domains = _domains(site, given.domain)
    if given.format == "zone":
        for domain in domains:
            sys.stdout.write(policy.zone(site, wanted, domain))
        return 0
    rows = [(d, r) for d in domains for r in policy.zone_records(site, wanted, d)]
    if given.format == "json":
        print(json.dumps([_as_json(site, domain, record) for domain, record in rows], indent=1))
        return 0
    for domain in domains:
        print(f"; {idn.shown(domain)}")
        for of, record in rows:
            if of == domain:
                ttl = policy.ttl(site, record)
                print(f"update add {record.name} {ttl} {record.type} {record.data}")
        print("send")
    return 0


def _as_json(site: Site, domain: str, record: DnsRecord) -> dict[str, object]:
    return {
        "domain": domain,
        "name": record.name,
        "ttl": policy.ttl(site, record),
        "type": record.type,
        "data": record.data,
    }


def _domains(site: Site, given: str) -> list[str]:
    every = [domain.name for domain in site.settings.domains]
    if not given:
        return every
    try:
        wanted = idn.encoded(given.rstrip("."))
    except ValueError as error:
        raise UsageError(f"dns: {named(given)} {error}") from error
    if wanted not in every:
        raise UsageError(
            f"dns: {named(given)} is no domain of this site",
            hint=f"its domains: {', '.join(map(idn.shown, every))}",
        )
    return [wanted]


def update(given: argparse.Namespace) -> int:
    from falcot_rtc.zone import tsig
    from falcot_rtc.zone import update as updating

    host = Host()
    with host.lock():
        site, _ = apply.read_site(host)
        tuned = site.tunables["dns"]
        try:
            name = parse_server(given.server) if given.server else tuned["update-server"]
        except ValueError as error:
            raise UsageError(f"dns update: --server {named(given.server)} {error}") from error
        path = given.key_file or str(tuned["update-key"])
        key = tsig.parse(_key_text(path), path) if path else None
        changes = updating.plan(host, site, updating.find_server(host, name))
        lines = 0
        for change in changes:
            lines += len(change.lines)
            for line in change.lines:
                print(line)
            if not given.dry_run:
                updating.carry_out(host, change, key)
    if not lines:
        print("nothing to do")
    return 0


def _key_text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"dns update: {path}: cannot be read: {error}", hint="make one with tsig-keygen"
        ) from error


def check(given: argparse.Namespace) -> int:
    from falcot_rtc.zone import check as checking

    host = Host()
    site, _ = apply.read_site(host)
    verdicts = [checking.judge(host, site, d) for d in _domains(site, given.domain)]
    failed = any(verdict.status == "fail" for verdict in verdicts)
    if given.json:
        print(json.dumps([{"status": v.status, **asdict(v)} for v in verdicts], indent=1))
        return int(failed)
    for verdict in verdicts:
        where = f", asked of {', '.join(verdict.servers)}" if verdict.servers else ""
        print(f"{idn.shown(verdict.domain)}: {verdict.records} records{where}")
        tables.show(
            (
                (
                    finding.action,
                    finding.record,
                    finding.instead,
                    "; ".join(part for part in (finding.why, _only_at(finding.servers)) if part),
                )
                for finding in verdict.findings
            ),
            ("", "record", "should be", "because"),
            styles=STYLES,
        )
        if not verdict.findings:
            print("as it should be")
    return int(failed)


def _only_at(servers: tuple[str, ...]) -> str:
    return f"at {', '.join(servers)}" if servers else ""
