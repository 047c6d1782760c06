# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a site: one row per key, TOML text in, frozen `Settings` out. Pure.

`/etc/falcot-rtc/settings.toml` is the truth; docs/settings.example.toml shows every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from falcot_rtc import addresses, certificate_choice, click_to_call, fields, host_names, port443
from falcot_rtc.accounts import names
from falcot_rtc.addresses import Address as Address
from falcot_rtc.certificate_choice import Certificate as Certificate
from falcot_rtc.click_to_call import ClickToCall
from falcot_rtc.errors import UsageError, shown
from falcot_rtc.keys import EDIT as EDIT
from falcot_rtc.keys import Key as Key
from falcot_rtc.keys import parse_value as parse_value
from falcot_rtc.keys import tables as tables
from falcot_rtc.port443 import Port443

VERSION = 1
# dpkg-reconfigure can put values right, but no text that it can't read.
UNREADABLE = "edit /etc/falcot-rtc/settings.toml"
ROLES = port443.ROLES


def _local_part(value: object) -> str:
    name = fields.text(value).strip()
    if len(name) > names.MAX_LENGTH:
        raise ValueError(f"is longer than {names.MAX_LENGTH} characters")
    return names.local_part(name)


_service = fields.one_of(*ROLES)

KEYS: tuple[Key, ...] = (
    Key(
        path="manage",
        parse=fields.boolean,
        default=True,
        doc="Whether falcot-rtc configures the services of this host at all.",
    ),
    Key(
        path="services",
        parse=fields.list_of(_service),
        default=ROLES,
        doc="The roles of this host; the service of any other role is stopped and disabled.",
    ),
    Key(
        path="admin",
        parse=_local_part,
        default="admin",
        doc="The administrator's account in the first domain, without @ and domain.",
    ),
    Key(path="domain.name", parse=fields.served_domain, doc="The domain, as in joe@falcot.com."),
    Key(
        path="realm",
        parse=fields.realm,
        doc="What SIP and TURN passwords are bound to; absent: the first domain.",
    ),
    Key(path="address.ipv4.bind", parse=fields.ipv4, doc="The IPv4 address to listen on."),
    Key(
        path="address.ipv4.public",
        parse=fields.ipv4,
        doc="What others see of it behind NAT; absent: the same.",
    ),
    Key(
        path="address.ipv4-alternate.bind",
        parse=fields.ipv4,
        doc="A second IPv4 address, with which clients find out what NAT they are behind.",
    ),
    Key(path="address.ipv4-alternate.public", parse=fields.ipv4, doc="As above, behind NAT."),
    Key(path="address.ipv6.bind", parse=fields.ipv6, doc="The IPv6 address to listen on."),
    Key(path="address.ipv6.public", parse=fields.ipv6, doc="As above, behind NAT."),
    *certificate_choice.KEYS,
    Key(
        path="firewall",
        parse=fields.boolean,
        default=False,
        doc="Whether a packet filter lets in only what `falcot-rtc ports` lists, and ssh.",
    ),
    *host_names.KEYS,
    Key(path="turn.provider", parse=fields.one_of("coturn"), default="coturn", doc="TURN server."),
    Key(path="sip.provider", parse=fields.one_of("kamailio"), default="kamailio", doc="SIP proxy."),
    Key(
        path="sip.internal-tcp",
        parse=fields.boolean,
        default=False,
        doc="SIP over plain TCP on port 5060 of the IPv4 address, for a PBX in the own network.",
    ),
    Key(path="xmpp.provider", parse=fields.one_of("prosody"), default="prosody", doc="XMPP."),
    Key(path="web.provider", parse=fields.one_of("apache2"), default="apache2", doc="Web."),
    *port443.KEYS,
)
BY_PATH = {key.path: key for key in KEYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A valid site. `domains` and `addresses` are never empty.

    `realm` is what HA1 and HA1B of the accounts were made for: the first domain, unless that had
    another name when they were.
    """

    manage: bool
    services: tuple[str, ...]
    admin: str
    realm: str
    domains: tuple[Domain, ...]
    addresses: tuple[Address, ...]
    certificate: Certificate
    providers: Mapping[str, str]
    labels: Mapping[str, str]
    sip_internal_tcp: bool
    port443: Port443
    firewall: bool
    click_to_call: tuple[ClickToCall, ...] = ()

    @property
    def domain(self) -> str:
        """The first domain, after which the host's names are made."""
        return self.domains[0].name

    def host(self, of: str) -> str:
        """The full name of the server, or of one of the roles that have a name."""
        return f"{self.labels[of]}.{self.domain}"

    def address(self, family: str) -> Address | None:
        return next((a for a in self.addresses if a.family == family), None)


def load(text: str, where: str = "settings.toml") -> dict[str, Any]:
    """The document as plain tables, at the present version."""
    return migrate(tables(text, where, UNREADABLE), where)


def migrate(document: dict[str, Any], where: str) -> dict[str, Any]:
    """The document in the form of `VERSION`; later versions add their step here."""
    version = document.get("version")
    if version is None:
        raise UsageError(f"{where}: version is missing", hint=f"add: version = {VERSION}")
    if type(version) is not int or version != VERSION:
        raise UsageError(
            f"{where}: version: {shown(version)} is not one that this falcot-rtc knows",
            hint=f"it knows {VERSION}; a newer falcot-rtc may have written the file",
        )
    return document


def is_managed(text: str) -> bool:
    """Whether these settings are to be followed; the rest of them may then be missing or wrong."""
    raw = look_up(load(text), "manage")
    return raw is None or bool(parse_value(BY_PATH["manage"], raw, "settings.toml"))


def look_up(document: Mapping[str, Any], path: str, where: str = "settings.toml") -> object:
    """The raw value at a dotted path, or None. `domain.…` looks into the first `[[domain]]`."""
    at: Any = document
    for part in path.split("."):
        if not isinstance(at, Mapping):
            raise UsageError(f"{where}: {path}: a value stands where a table belongs", hint=EDIT)
        at = at.get(part)
        if part == "domain" and path != "domain":
            at = at[0] if isinstance(at, list) and at else None
        if at is None:
            return None
    return at


def values(document: Mapping[str, Any], where: str = "settings.toml") -> dict[str, Any]:
    """Every key's typed value, the default where the document has none."""
    found: dict[str, Any] = {}
    for key in KEYS:
        raw = look_up(document, key.path, where)
        found[key.path] = key.default if raw in (None, "") else parse_value(key, raw, where)
    return found


def _addresses(found: Mapping[str, Any], where: str) -> tuple[Address, ...]:
    listed = tuple(
        address
        for family in ("ipv4", "ipv4-alternate", "ipv6")
        if (address := addresses.given(found, f"address.{family}", family))
    )
    families = {address.family for address in listed}
    if not families & {"ipv4", "ipv6"}:
        raise UsageError(
            f"{where}: address: neither address.ipv4.bind nor address.ipv6.bind is set", hint=EDIT
        )
    if "ipv4-alternate" in families and "ipv4" not in families:
        raise UsageError(
            f"{where}: address.ipv4-alternate.bind: there is no address.ipv4.bind beside it",
            hint="give the first address as address.ipv4.bind",
        )
    if len({address.bind for address in listed}) != len(listed):
        raise UsageError(
            f"{where}: address.ipv4-alternate.bind: '{found['address.ipv4.bind']}' "
            "is address.ipv4.bind as well",
            hint="name a second address, or none",
        )
    return listed


def _domains(document: Mapping[str, Any], where: str) -> tuple[Domain, ...]:
    listed = document.get("domain")
    if isinstance(listed, Mapping):
        raise UsageError(
            f"{where}: domain: is one table, not a list of them",
            hint="write [[domain]] with two brackets on each side",
        )
    if not isinstance(listed, list) or not listed:
        raise UsageError(f"{where}: domain: no [[domain]] is given", hint=EDIT)
    found = []
    for entry in listed:
        raw = entry.get("name") if isinstance(entry, Mapping) else entry
        if raw is None:
            raise UsageError(f"{where}: domain.name: a [[domain]] has no name", hint=EDIT)
        found.append(Domain(name=str(parse_value(BY_PATH["domain.name"], raw, where))))
    if len(set(found)) != len(found):
        raise UsageError(f"{where}: domain.name: a [[domain]] is given twice", hint=EDIT)
    return tuple(found)


def from_document(document: Mapping[str, Any], where: str = "settings.toml") -> Settings:
    """The valid site that the document describes; raises UsageError naming key, value and fix."""
    found = values(document, where)
    domains = _domains(document, where)
    services = tuple(role for role in ROLES if role in found["services"])
    main = _addresses(found, where)
    return Settings(
        manage=found["manage"],
        services=services,
        admin=found["admin"],
        realm=found["realm"] or domains[0].name,
        domains=domains,
        addresses=main,
        certificate=certificate_choice.read(found, where),
        labels=host_names.labels(found, where),
        providers={role: found[f"{role}.provider"] for role in ROLES},
        sip_internal_tcp=found["sip.internal-tcp"],
        port443=port443.read(found, services, main, where),
        firewall=found["firewall"],
        click_to_call=click_to_call.entries(
            document, [domain.name for domain in domains], domains[0].name, where
        ),
    )


def parse(text: str, where: str = "settings.toml") -> Settings:
    return from_document(load(text, where), where)
