# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a public CA by ACME (RFC 8555), through certbot(1) with directories of our own.

certbot's ordinary directories, and what an administrator does there, are not touched; so its timer
does not know ours, and our timer asks. Only whether it is time is decided here.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass

from falcot_rtc import paths
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.host import Host
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site

CERTBOT = "/usr/bin/certbot"
LAST = f"{paths.ACME}/last.json"
HOOK = "/usr/bin/falcot-rtc cert renew --deploy"
CHALLENGE = "/usr/bin/python3 -I -m falcot_rtc.zone.challenge"
TIMEOUT = 600
HINTS = {
    "http-01": "are all names in the DNS, and port 80 open? falcot-rtc cert renew asks again",
    "dns-01": "does falcot-rtc dns update work? falcot-rtc cert renew asks again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The last time that the CA was asked: when (Unix seconds), whom, and what it refused."""

    when: int
    server: str
    error: str


def last(host: Host) -> Attempt | None:
    try:
        row = json.loads(host.text(LAST))
        return Attempt(when=int(row["when"]), server=str(row["server"]), error=str(row["error"]))
    except (ValueError, TypeError, KeyError):
        return None


def why_due(host: Host, site: Site, now: datetime.datetime) -> str:
    """Why the CA is to be asked now; empty when it is not."""
    from falcot_rtc import bundle, certificates

    chain = host.read(paths.ACME_CHAIN)
    if not chain:
        return "there is no certificate yet"
    before = last(host)
    if before is not None and before.server != site.settings.certificate.acme_server:
        return "another CA is chosen"
    leaf = certificates.leaf(chain)
    if set(certificates.names_of(chain)) != set(tls.names(site.settings)):
        return "the names have changed"
    if certificates.has_rsa(chain) != site.tunables["tls"]["old-phones"]:
        return "a key of another kind is wanted"
    begins, ends = bundle.begins(leaf), bundle.expires(leaf)
    # A third, as RFC 8555's CAs recommend: 30 days of 90.
    return "a third of its validity is left" if ends - now < (ends - begins) / 3 else ""


def command(site: Site) -> tuple[str, ...]:
    """certbot's call that gets a certificate for every name of the site."""
    given = site.settings.certificate
    who = (
        ("--email", given.acme_email)
        if given.acme_email
        else ("--register-unsafely-without-email",)
    )
    return (
        CERTBOT,
        "certonly",
        "--non-interactive",
        "--agree-tos",
        *who,
        *("--server", given.acme_server),
        *("--config-dir", f"{paths.ACME}/config"),
        *("--work-dir", f"{paths.ACME}/work"),
        *("--logs-dir", f"{paths.ACME}/logs"),
        # Debian's cli.ini has 0: then the log would begin with what earlier runs complained about.
        *("--max-log-backups", "10"),
        *("--cert-name", paths.ACME_LINEAGE),
        *("--key-type", "rsa" if site.tunables["tls"]["old-phones"] else "ecdsa"),
        # Whether it is time is known; without these certbot would judge it anew, or ask.
        "--force-renewal",
        "--renew-with-new-domains",
        *_challenge(site),
        *("--deploy-hook", HOOK),
        *(word for name in tls.names(site.settings) for word in ("--domain", name)),
    )


def _challenge(site: Site) -> tuple[str, ...]:
    if site.settings.certificate.looked_for_on_the_web:
        return ("--webroot", "--webroot-path", paths.ACME_WEBROOT)
    return (
        *("--manual", "--preferred-challenges", "dns"),
        *("--manual-auth-hook", f"{CHALLENGE} publish"),
        *("--manual-cleanup-hook", f"{CHALLENGE} withdraw"),
    )


def request(host: Host, site: Site, now: datetime.datetime) -> None:
    """Ask the CA; raises FalcotError with what it said. The certificate is not deployed by this."""
    server = site.settings.certificate.acme_server
    if not host.exists(CERTBOT):
        raise UsageError(
            "certificate: certbot is not installed, so no CA can be asked",
            hint="apt install certbot",
        )
    by_dns = not site.settings.certificate.looked_for_on_the_web
    if by_dns and not site.tunables["dns"]["update-key"]:
        raise UsageError(
            "certificate: the challenge by DNS needs a key for dynamic updates",
            hint="name its file as update-key in /etc/falcot-rtc/policy.d/dns.toml",
        )
    host.make_directory(paths.ACME)
    for private in ("config", "work", "logs"):
        host.make_directory(f"{paths.ACME}/{private}", mode=0o700)
    if not by_dns:
        host.make_directory(paths.ACME_WEBROOT)
    try:
        host.run(*command(site), timeout=TIMEOUT)
    except FalcotError as error:
        # Its argv is long, and says nothing that an administrator does not know.
        said = error.message.rpartition(f"{HOOK} ")[2].rpartition(": ")[2] or error.message
        refused = complaint(host) or said
        _note(host, Attempt(when=int(now.timestamp()), server=server, error=refused))
        raise FalcotError(
            f"certificate: {server} issued none: {refused}",
            hint=HINTS[site.settings.certificate.acme_challenge],
        ) from error
    _note(host, Attempt(when=int(now.timestamp()), server=server, error=""))


def complaint(host: Host) -> str:
    """What our hook or the CA found wrong, by certbot's log; empty where neither says a thing."""
    log = host.read(f"{paths.ACME}/logs/letsencrypt.log") or b""
    lines = [line.strip() for line in log.decode(errors="replace").splitlines()]
    # What the hook could not publish, the CA could not find.
    hook = [line for line in lines if line.startswith("dns challenge: ")]
    details = [line.partition("Detail: ")[2] for line in lines if line.startswith("Detail: ")]
    return "; ".join(dict.fromkeys((hook or details)[:2]))


def _note(host: Host, attempt: Attempt) -> None:
    host.write(LAST, json.dumps(asdict(attempt), indent=1).encode() + b"\n", mode=0o600)
