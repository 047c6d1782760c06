# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: where they come from, and which names they have to carry (RFC 6125, RFC 5922)."""

from __future__ import annotations

from falcot_rtc import fields, paths, render
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import xmpp
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import Directory, HostFile, Package, Question, Resource, Unit
from falcot_rtc.settings import Key, Settings

RENEWAL, WATCH = "falcot-rtc-certificate.timer", "falcot-rtc-certificate.path"

QUESTIONS = (
    Question(
        name="falcot-rtc/certificate",
        key="certificate.source",
        type="select",
        priority="high",
        default="own-ca",
        choices=(
            ("own-ca", "a certificate authority of this host"),
            ("existing", "certificate and key that exist already"),
            ("acme", "Let's Encrypt (ACME)"),
        ),
        short="Where do the certificates come from?",
        long=(
            "All services use TLS and need a certificate for the domain and its server names.\n\n"
            "The certificate authority of this host works at once, but devices have to be told to "
            "trust it; the start page offers it.\n\n"
            "Let's Encrypt needs all records in the DNS, and port 80 open from everywhere. Until "
            "it has issued a certificate, the authority of this host stands in."
        ),
    ),
    Question(
        name="falcot-rtc/certificate-path",
        key="certificate.path",
        type="string",
        priority="high",
        short="File with the certificate and its chain:",
        long="Please enter the path of a PEM file that this host keeps up to date.",
    ),
    Question(
        name="falcot-rtc/key-path",
        key="certificate.key",
        type="string",
        priority="high",
        short="File with the private key:",
        long="Please enter the path of a PEM file without a passphrase.",
    ),
    Question(
        name="falcot-rtc/acme-email",
        key="certificate.acme-email",
        type="string",
        priority="high",
        short="Mail address for the certificate authority:",
        long=(
            "Please enter the address to which Let's Encrypt may send warnings. It may be left "
            "empty. Using the service means agreeing to its terms."
        ),
    ),
)

TUNABLES = (
    Key(
        path="days",
        parse=fields.integer(2, 397),
        default=90,
        doc="Days for which the own CA's certificates are valid; renewed when a third is left.",
    ),
    Key(
        path="old-phones",
        parse=fields.boolean,
        default=False,
        doc=(
            "Whether SIP and TURN also offer ciphers without forward secrecy or with CBC, and the "
            "certificate has an RSA key: for desk phones that know TLS 1.2 and nothing newer."
        ),
    ),
)


def names(settings: Settings) -> tuple[str, ...]:
    """Every name that a listener may present, the domains themselves first (SIP ignores wildcards).

    Roles that are not on this host count too: switching one on needs no new certificate. Raises
    UsageError for a domain that has the name of such a listener.
    """
    domains = [domain.name for domain in settings.domains]
    hosts = [settings.host(of) for of in settings.labels]
    components = [f"{label}.{d}" for d in domains for label in (xmpp.CONFERENCE, xmpp.UPLOAD)]
    for taken in {*hosts, *components}.intersection(domains):
        raise UsageError(
            f"settings.toml: domain.name: '{taken}' is the name of a server of this site already",
            hint="serve another domain",
        )
    return (*domains, *hosts, *components)


def resources(site: Site) -> tuple[Resource, ...]:
    """What renews, or notices that somebody else did."""
    if not site.settings.services:
        return ()
    timer = Unit(name=RENEWAL, stock=False)
    given = site.settings.certificate
    webroot = (Directory(path=paths.ACME), Directory(path=paths.ACME_WEBROOT))
    if given.source == "acme":
        return (timer, *webroot) if given.looked_for_on_the_web else (timer, webroot[0])
    if given.source != "existing":
        return (timer,)
    dropins = f"{paths.UNITS_ETC}/{WATCH}.d"
    watched = dict.fromkeys(str(path) for path in (given.path, given.key))
    content = render.template(f"systemd/{WATCH}.conf.j2", watched=list(watched))
    return (
        timer,
        HostFile(path=f"{dropins}/50-falcot-rtc.conf", content=content),
        Unit(name=WATCH, restart_on=(f"{dropins}/",), stock=False),
    )


POLICY = Policy(
    name="tls",
    # Only who chooses ACME needs it; without it the own CA stands in, and `check` says so.
    packages=(Package(name="certbot", recommended=True),),
    questions=QUESTIONS,
    tunables=TUNABLES,
    resources=resources,
)
