# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone that announces the site, RFC 1035 text: A, AAAA, SRV (RFC 2782), NAPTR (RFC 3403), CAA.

TLSA records follow from keys, which change without a new generation; they are for those who
publish (falcot_rtc.dns_published), not for the rendered zone.
"""

from __future__ import annotations

from collections.abc import Iterable

from falcot_rtc import fields, idn, render
from falcot_rtc.certificate_choice import LETS_ENCRYPT
from falcot_rtc.endpoints import PUBLIC, Endpoint
from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import DnsRecord, Package, Resource, TreeFile, Validator
from falcot_rtc.settings import Key

# The handbook's, by role: priority and weight.
PRIORITIES = (("turn", 0, 1), ("sip", 0, 1), ("xmpp", 5, 0))
# https://letsencrypt.org/docs/caa/
LETS_ENCRYPT_CAA = "letsencrypt.org"

TUNABLES = (
    Key(
        path="ttl",
        parse=fields.integer(60, 604800),
        default=3600,
        doc="Seconds for which others may keep a record.",
    ),
    Key(
        path="address-ttl",
        parse=fields.integer(60, 604800),
        default=3600,
        doc="The same for addresses. Lower it some time before they change.",
    ),
    *(
        Key(
            path=f"{role}-{what}",
            parse=fields.integer(0, 65000),
            default=default,
            doc=doc,
        )
        for role, priority, weight in PRIORITIES
        for what, default, doc in (
            ("priority", priority, f"Of several servers for {role}, the lowest is tried first."),
            ("weight", weight, f"Share of {role} among servers of the same priority."),
        )
    ),
    Key(
        path="tlsa",
        parse=fields.boolean,
        default=True,
        doc="Whether TLSA records name the keys of the services (they count in signed zones only).",
    ),
    Key(
        path="caa",
        parse=fields.list_of(fields.domain),
        default=(),
        doc=(
            "Public certificate authorities that alone may issue for the domains and all below "
            "them, such as letsencrypt.org; none: no CAA records."
        ),
    ),
    Key(
        path="caa-of-acme",
        parse=fields.boolean,
        default=True,
        doc=(
            "Whether the authority is named that certificate.source = acme asks, where caa names "
            "none (Let's Encrypt alone: others say themselves what to write there)."
        ),
    ),
    Key(
        path="name-servers",
        parse=fields.list_of(fields.host_name),
        default=(),
        doc="Name servers that stand in the rendered zone; none: the server of the site itself.",
    ),
    Key(
        path="update-server",
        parse=fields.optional(fields.server),
        default="",
        doc=(
            "Name or address of the server that takes dynamic updates; absent: the one that the "
            "zone names as its primary."
        ),
    ),
    Key(
        path="publish-on-apply",
        parse=fields.boolean,
        default=False,
        doc=(
            "Whether apply publishes records that it has changed, as falcot-rtc dns update does "
            "with update-key."
        ),
    ),
    Key(
        path="update-key",
        parse=fields.optional(fields.path),
        default="",
        doc="File with the TSIG key for updates, as tsig-keygen makes it; readable for root alone.",
    ),
)


def records(site: Site) -> tuple[DnsRecord, ...]:
    """CAA (RFC 8659): an authority of our own needs none, and others' certificates are not ours."""
    return tuple(
        DnsRecord(name=f"{domain.name}.", type="CAA", data=f'0 issue "{issuer}"')
        for domain in site.settings.domains
        for issuer in _issuers(site)
    )


def _issuers(site: Site) -> tuple[str, ...]:
    tuned, given = site.tunables["dns"], site.settings.certificate
    if tuned["caa"] or not tuned["caa-of-acme"]:
        return tuple(tuned["caa"])
    asked = given.source == "acme" and given.acme_server == LETS_ENCRYPT
    return (LETS_ENCRYPT_CAA,) if asked else ()


def ttl(site: Site, record: DnsRecord) -> int:
    kind = "address-ttl" if record.type in ("A", "AAAA") else "ttl"
    return int(site.tunables["dns"][kind])


def tlsa(site: Site, pins: Iterable[str]) -> tuple[DnsRecord, ...]:
    """TLSA of every public port with TLS, at the SRV target (RFC 6698 §3, RFC 7673 §3).

    `pins` are data of such records: usage, selector, matching type and digest.
    """
    if not site.tunables["dns"]["tlsa"]:
        return ()
    return tuple(
        dict.fromkeys(
            DnsRecord(
                name=f"_{endpoint.port}._{endpoint.protocol}.{name}.",
                type="TLSA",
                data=pin,
                comment="keys of the services, for who has DNSSEC",
            )
            for endpoint in site.endpoints
            if endpoint.reach == PUBLIC and _has_tls(endpoint)
            for name in _names(site, endpoint)
            for pin in pins
        )
    )


def _has_tls(endpoint: Endpoint) -> bool:
    # XMPP's other ports begin with STARTTLS.
    return endpoint.tls or endpoint.purpose.startswith("xmpp-")


def _names(site: Site, endpoint: Endpoint) -> list[str]:
    """Servers have their name below the first domain; web and components one in each domain."""
    first = site.settings.domain
    if endpoint.name.removesuffix(f".{first}") in site.settings.labels.values():
        return [endpoint.name]
    return [endpoint.name.removesuffix(first) + domain.name for domain in site.settings.domains]


def zone_records(site: Site, records: tuple[DnsRecord, ...], domain: str) -> list[DnsRecord]:
    """Those of `records` that belong in the zone of `domain`, each once."""
    others = [d.name for d in site.settings.domains if d.name.endswith(f".{domain}")]

    def belongs(record: DnsRecord) -> bool:
        bare = record.name.rstrip(".")
        inside = bare == domain or bare.endswith(f".{domain}")
        return inside and not any(bare == o or bare.endswith(f".{o}") for o in others)

    return [record for record in dict.fromkeys(records) if belongs(record)]


def zone(site: Site, records: tuple[DnsRecord, ...], domain: str) -> str:
    server = f"{site.settings.host('server')}."
    return render.template(
        "dns/zone.j2",
        domain=domain,
        shown=idn.shown(domain),
        records=zone_records(site, records, domain),
        server=server,
        name_servers=site.tunables["dns"]["name-servers"] or (server,),
        default_ttl=site.tunables["dns"]["ttl"],
        ttl=lambda record: ttl(site, record),
        relative=lambda name: _relative(name, domain),
    )


def _relative(name: str, domain: str) -> str:
    bare = name.rstrip(".")
    return "@" if bare == domain else bare.removesuffix(f".{domain}")


def zone_files(site: Site, records: tuple[DnsRecord, ...]) -> tuple[Resource, ...]:
    """The zone of every domain with its checker; called with the records of all policies."""
    return tuple(
        resource
        for domain in site.settings.domains
        for resource in (
            TreeFile(path=f"dns/{domain.name}.zone", content=zone(site, records, domain.name)),
            Validator(
                name="zone",
                argv=("named-checkzone", "-q", domain.name, f"{{tree}}/dns/{domain.name}.zone"),
            ),
        )
    )


POLICY = Policy(
    name="dns", packages=(Package(name="bind9-utils"),), tunables=TUNABLES, records=records
)
