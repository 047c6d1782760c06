# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe needs to know about a site, as data that can be carried to another machine."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from falcot_rtc.errors import UsageError

VERSION = 1
ROLES = ("turn", "sip", "xmpp", "web")
# Which of a host's addresses: the main one, the second, and those of port 443 (policies.common).
PLACES = ("", "-alternate", "-own", "-443", "-server", "-turn", "-sip", "-xmpp")
FAMILIES = tuple(f"{family}{place}" for family in ("ipv4", "ipv6") for place in PLACES)
PROTOCOLS = ("tcp", "udp")
HINT = "make a new ticket on the host with this version of falcot-rtc"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A user name and its password; the password never shows in a repr."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One listening socket of the site, as a client reaches it.

    `tls` means TLS from the first byte. `name` is the TLS name a client expects, and
    `fingerprint` the SHA-256 of the configured leaf certificate in lower-case hex; both are ""
    where there is none. `public` is what others see of `address` behind NAT, "" without NAT.
    """

    id: str
    purpose: str
    family: str
    role: str
    protocol: str
    tls: bool
    address: str
    port: int
    name: str = ""
    fingerprint: str = ""
    public: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """All that `run` needs; `ca` is PEM text, or "" for the system's authorities.

    `expires` is in Unix seconds: accounts and minted credentials end no later than that.
    """

    version: int = VERSION
    domain: str
    realm: str
    services: tuple[str, ...]
    ca: str
    endpoints: tuple[Target, ...]
    accounts: tuple[Credentials, Credentials]
    minted: Credentials | None
    relay_ports: tuple[int, int]
    expires: int


def dumps(ticket: Ticket) -> str:
    """JSON text, sorted and newline-terminated; it holds passwords, so write it 0600."""
    value = {
        "version": ticket.version,
        "domain": ticket.domain,
        "realm": ticket.realm,
        "services": list(ticket.services),
        "ca": ticket.ca,
        "endpoints": [
            {name: getattr(target, name) for name in Target.__slots__}
            for target in ticket.endpoints
        ],
        "accounts": [_credentials_value(account) for account in ticket.accounts],
        "minted": None if ticket.minted is None else _credentials_value(ticket.minted),
        "relay_ports": list(ticket.relay_ports),
        "expires": ticket.expires,
    }
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def loads(text: str) -> Ticket:
    """The ticket in `text`; a UsageError names the first field that is wrong."""
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"ticket: not JSON: {error}", hint=HINT) from error
    reader = _Reader("ticket", value, tuple(Ticket.__slots__))
    version = reader.integer("version", 1, 1_000_000)
    if version != VERSION:
        raise UsageError(f"ticket: version {version} is not {VERSION}", hint=HINT)
    low = reader.items("relay_ports", _port)
    if len(low) != 2 or low[0] > low[1]:
        raise _wrong("ticket.relay_ports", list(low), "two ports, the lower first")
    accounts = reader.items("accounts", _credentials)
    if len(accounts) != 2:
        raise _wrong("ticket.accounts", f"{len(accounts)} accounts", "two")
    minted = value["minted"]
    return Ticket(
        version=version,
        domain=reader.text("domain", empty=False),
        realm=reader.text("realm", empty=False),
        services=reader.items("services", _role),
        ca=reader.text("ca"),
        endpoints=reader.items("endpoints", _target),
        accounts=(accounts[0], accounts[1]),
        minted=None if minted is None else _credentials("ticket.minted", minted),
        relay_ports=(low[0], low[1]),
        expires=reader.integer("expires", 0, 1 << 53),
    )


def _wrong(path: str, value: object, expected: str) -> UsageError:
    return UsageError(f"{path}: {value!r} is not {expected}", hint=HINT)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"ticket: field {twice!r} appears twice", hint=HINT)
    return value


class _Reader:
    """Typed access to one JSON object whose set of fields is exactly `names`."""

    def __init__(self, path: str, value: object, names: tuple[str, ...]) -> None:
        if not isinstance(value, Mapping):
            raise UsageError(f"{path}: not a JSON object", hint=HINT)
        for name in names:
            if name not in value:
                raise UsageError(f"{path}.{name}: missing", hint=HINT)
        for name in value:
            if name not in names:
                raise UsageError(f"{path}.{name}: unknown field", hint=HINT)
        self.path = path
        self.value: Mapping[str, object] = value

    def text(self, name: str, *, empty: bool = True) -> str:
        value = self.value[name]
        # JSON can write half a surrogate pair, which no protocol can carry.
        is_text = isinstance(value, str) and not re.search("[\ud800-\udfff]", value)
        if not is_text or not (value or empty):
            raise _wrong(f"{self.path}.{name}", value, "text")
        return str(value)

    def integer(self, name: str, low: int, high: int) -> int:
        return _integer(f"{self.path}.{name}", self.value[name], low, high)

    def boolean(self, name: str) -> bool:
        value = self.value[name]
        if not isinstance(value, bool):
            raise _wrong(f"{self.path}.{name}", value, "true or false")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        return _choice(f"{self.path}.{name}", self.value[name], choices)

    def items(self, name: str, read: Callable[[str, object], T]) -> tuple[T, ...]:
        value = self.value[name]
        if not isinstance(value, list):
            raise _wrong(f"{self.path}.{name}", value, "a list")
        return tuple(read(f"{self.path}.{name}[{n}]", item) for n, item in enumerate(value))


def _integer(path: str, value: object, low: int, high: int) -> int:
    # bool is a subclass of int: true would pass for 1.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _wrong(path, value, f"a whole number from {low} to {high}")
    return value


def _choice(path: str, value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _wrong(path, value, f"one of {', '.join(choices)}")
    return value


def _port(path: str, value: object) -> int:
    return _integer(path, value, 1, 65535)


def _role(path: str, value: object) -> str:
    return _choice(path, value, ROLES)


def _credentials_value(credentials: Credentials) -> dict[str, str]:
    return {"user": credentials.user, "password": credentials.password}


def _credentials(path: str, value: object) -> Credentials:
    reader = _Reader(path, value, tuple(Credentials.__slots__))
    return Credentials(
        user=reader.text("user", empty=False), password=reader.text("password", empty=False)
    )


def _target(path: str, value: object) -> Target:
    reader = _Reader(path, value, tuple(Target.__slots__))
    address, public = reader.text("address"), reader.text("public")
    for field_name, text in (("address", address), ("public", public or address)):
        try:
            ipaddress.ip_address(text)
        except ValueError as error:
            raise _wrong(f"{path}.{field_name}", text, "an IP address") from error
    fingerprint = reader.text("fingerprint")
    if fingerprint and not re.fullmatch(r"[0-9a-f]{64}", fingerprint):
        raise _wrong(f"{path}.fingerprint", fingerprint, "64 lower-case hexadecimal digits")
    return Target(
        id=reader.text("id", empty=False),
        purpose=reader.text("purpose", empty=False),
        family=reader.choice("family", FAMILIES),
        role=reader.choice("role", ROLES),
        protocol=reader.choice("protocol", PROTOCOLS),
        tls=reader.boolean("tls"),
        address=address,
        port=reader.integer("port", 1, 65535),
        name=reader.text("name"),
        fingerprint=fingerprint,
        public=public,
    )
