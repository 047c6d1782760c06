# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`falcot-rtc cert`: what is configured and served, and how it is renewed."""

from __future__ import annotations

import argparse
import datetime
import json
import select
import sys
import time
from typing import Any

from falcot_rtc import apply, audit, certificates, deploy, facts, served, sources, standing, tables
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site

PATIENCE = 30.0
SHOWN = 16


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def status(given: argparse.Namespace) -> int:
    host = Host()
    site, _ = apply.read_site(host)
    found = standing.read(host, site, _now())
    seen = served.look(host, site, served.with_tls(site.endpoints))
    rows = [_row(one) for one in seen]
    differing = [row for row in rows if row["served"] != found.fingerprint]
    verdict = standing.judge(found, _now())
    if given.json:
        shown = {
            "source": found.source,
            "own_ca": found.own,
            "names": list(found.names),
            "issuer": found.issuer,
            "begins": found.begins.isoformat(),
            "expires": found.expires.isoformat(),
            "fingerprint": found.fingerprint,
            "refused": found.refused,
            "waiting": found.waiting,
            "status": verdict.status,
            "detail": verdict.detail,
            "listeners": rows,
        }
        print(json.dumps(shown, indent=1))
    else:
        _print(found, verdict.detail, rows)
    return 1 if differing or verdict.status == "fail" else 0


def _row(seen: served.Seen) -> dict[str, Any]:
    e = seen.endpoint
    row = {"id": e.id, "name": e.name, "address": e.address, "port": e.port}
    if not seen.certificate:
        return {**row, "issuer": "", "expires": "", "served": "", "error": seen.error}
    chain = certificates.of_der(seen.certificate)
    return {
        **row,
        "issuer": certificates.issuer(chain),
        "expires": certificates.expiry(chain).isoformat(),
        "served": seen.fingerprint,
        "error": "",
    }


def _print(found: standing.Standing, detail: str, rows: list[dict[str, Any]]) -> None:
    print(f"source       {found.source}")
    print(f"certificate  {detail}")
    print(f"valid        {found.begins:%Y-%m-%d %H:%M} to {found.expires:%Y-%m-%d %H:%M} UTC")
    print(f"names        {', '.join(found.names)}")
    print(f"fingerprint  {certificates.readable(found.fingerprint)}")
    if found.refused:
        print(f"refused      {found.refused}")
    if found.waiting:
        print(f"waiting      {found.waiting}")
    tables.show(
        (
            (
                row["id"],
                row["name"],
                f"{row['address']} {row['port']}",
                row["issuer"],
                row["expires"][:10],
                found.fingerprint[:SHOWN],
                row["error"] or row["served"][:SHOWN],
                "" if row["served"] == found.fingerprint else "NOT SERVED",
            )
            for row in rows
        ),
        ("listener", "name", "at", "issuer", "until", "configured", "served", ""),
    )


def renew(given: argparse.Namespace) -> int:
    host = Host()
    if (given.due or given.deploy) and not _is_set_up(host):
        return 0
    site, _ = apply.read_site(host)
    certificate = site.settings.certificate
    failure = _ask(host, site, due=given.due) if not given.deploy else None
    anew = certificate.source == "own-ca" and not given.due and not given.deploy
    while True:
        before = _stamps(host, site)
        if given.due:
            _settle(host, before)
        done = _deploy(host, anew=anew)
        # What changed meanwhile triggered nothing: systemd does not watch while this runs.
        if _stamps(host, site) == before:
            break
    if failure is not None:
        raise failure
    if done.unpublished:
        raise FalcotError(
            f"certificate in service, but not its TLSA records: {done.unpublished}",
            hint="falcot-rtc dns update",
        )
    if done.refused:
        raise FalcotError(
            f"certificate refused, the one before stays in service: {done.refused}",
            hint="falcot-rtc cert status",
        )
    if done.changed or not given.due:
        what = "is served" if done.changed else "was served already"
        ports = f" on {done.ports} ports" if done.ports else ""
        print(f"the certificate until {done.until:%Y-%m-%d} {what}{ports}")
    return 0


def _ask(host: Host, site: Site, *, due: bool) -> FalcotError | None:
    """Ask the CA if that is the source, and if it is time; what it refused is for later.

    Without the lock: certbot's hook takes it, and the CA may take minutes.
    """
    if site.settings.certificate.source != "acme":
        return None
    from falcot_rtc import acme

    why = acme.why_due(host, site, _now()) if due else "asked for"
    if not why:
        return None
    try:
        acme.request(host, site, _now())
    except FalcotError as error:
        audit.note(error.message)
        return error
    audit.note(f"certificate: {site.settings.certificate.acme_server} issued one ({why})")
    return None


def _deploy(host: Host, *, anew: bool) -> deploy.Deployed:
    try:
        done = deploy.deploy(host, anew=anew)
    except FalcotError as error:
        audit.note(f"certificate: {error.message}")
        raise
    if done.refused:
        audit.note(f"certificate: refused, the one before stays in service: {done.refused}")
    if done.unpublished:
        audit.note(f"certificate: TLSA records are not published: {done.unpublished}")
    if done.changed:
        audit.note(
            f"certificate: {done.fingerprint[:SHOWN]} until {done.until:%Y-%m-%d} is served "
            f"on {done.ports} ports"
        )
    return done


def _is_set_up(host: Host) -> bool:
    return apply.is_managed(host) and facts.generation(host) is not None


def _stamps(host: Host, site: Site) -> dict[str, float]:
    """When the files of the administrator changed last."""
    given = site.settings.certificate
    if given.source != "existing":
        return {}
    return {
        path: host.at(path).stat().st_mtime
        for path in (str(given.path), str(given.key))
        if host.at(path).exists()
    }


def _settle(host: Host, stamps: dict[str, float]) -> None:
    """Wait until nobody is in the middle of writing them: chain and key are two files."""
    deadline = time.monotonic() + PATIENCE
    while stamps and time.monotonic() < deadline:
        youngest = max(host.at(p).stat().st_mtime for p in stamps if host.at(p).exists())
        age = time.time() - youngest
        if not 0 <= age < deploy.SETTLED:
            return
        select.select([], [], [], deploy.SETTLED - age)


def install(given: argparse.Namespace) -> int:
    from falcot_rtc import verbs_cert_install

    return verbs_cert_install.install(given)


def ca(given: argparse.Namespace) -> int:
    chain = Host().read(sources.CA_CHAIN)
    if not chain:
        raise FalcotError(
            "this host has no certificate authority of its own",
            hint="it gets one with certificate.source = own-ca",
        )
    fingerprint = certificates.readable(certificates.fingerprint(chain))
    if given.fingerprint:
        print(fingerprint)
        return 0
    # For a file: what people have to compare goes beside it.
    print(
        f"{certificates.issuer(chain)}, until {certificates.expiry(chain):%Y-%m-%d}, "
        f"SHA-256 {fingerprint}",
        file=sys.stderr,
    )
    sys.stdout.write(chain.decode())
    return 0
