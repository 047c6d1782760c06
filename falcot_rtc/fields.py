# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsers for the values of settings: from what TOML or debconf gave to the typed value.

A parser raises ValueError with the reason alone; the caller adds the key, the value and the hint.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TypeVar

from falcot_rtc import idn
from falcot_rtc.errors import shown

T = TypeVar("T")

# RFC 1123 §2.1 host names, plus A-labels of RFC 5890; at least two labels, the last not all digits.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_EMAIL_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# A realm has fewer than 128 characters (RFC 8489 section 14.9); coturn cuts off the rest.
_REALM_MAX = 127
_REALM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
# prosody keeps a directory conference.DOMAIN, every dot and hyphen as %xx; NAME_MAX is 255.
_ENCODED_MAX = 255 - len("conference%2e")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~/?=&-]*", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9._+@:,=/-]+", re.ASCII)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not text")
    return value


def domain(value: object) -> str:
    """A lower-case DNS name of at least two labels; U-labels become A-labels (RFC 5891)."""
    name = idn.encoded(text(value).strip().rstrip("."))
    labels = name.split(".")
    valid = len(name) <= 253 and len(labels) >= 2 and all(map(_LABEL.fullmatch, labels))
    if not valid or labels[-1].isdigit():
        raise ValueError("is not a domain name such as example.org")
    return name


def host_label(value: object) -> str:
    """One label of a host name, in lower case."""
    name = text(value).strip().lower()
    if not _LABEL.fullmatch(name) or name.startswith("xn--"):
        raise ValueError("is not a name of letters, digits and hyphens, without a dot")
    return name


def host_name(value: object) -> str:
    """A domain name with the final dot of an absolute one."""
    return f"{domain(value)}."


def server(value: object) -> str:
    """An address, or the name of a host."""
    name = text(value).strip()
    try:
        # A scope is any text that is behind a percent sign.
        return domain(name) if "%" in name else str(ipaddress.ip_address(name))
    except ValueError:
        return domain(name)


def socket(value: object) -> str:
    """A protocol and port, as tcp/25."""
    protocol, _, port = text(value).strip().lower().partition("/")
    if protocol not in ("tcp", "udp") or not re.fullmatch(r"[1-9][0-9]{0,4}", port):
        raise ValueError("is not a protocol and port such as tcp/25")
    if int(port) > 65535:
        raise ValueError("is no port: they end at 65535")
    return f"{protocol}/{port}"


def optional(parse: Callable[[object], T]) -> Callable[[object], T | str]:
    """The same, or an empty text for nothing."""

    def parse_or_nothing(value: object) -> T | str:
        return "" if value == "" else parse(value)

    return parse_or_nothing


def origin(value: object) -> str:
    """An https origin as browsers write it (RFC 6454 section 6.2): no path, no default port."""
    scheme, _, rest = text(value).strip().partition("://")
    host, colon, port = rest.removesuffix("/").partition(":")
    if scheme.lower() != "https":
        raise ValueError("is not an origin such as https://www.example.org")
    if colon and not (re.fullmatch(r"[1-9][0-9]{0,4}", port, re.ASCII) and int(port) < 65536):
        raise ValueError("has no port number behind its ':'")
    try:
        name = domain(host)
    except ValueError as error:
        raise ValueError("is not an origin such as https://www.example.org") from error
    return f"https://{name}" if port in ("", "443") else f"https://{name}:{port}"


def served_domain(value: object) -> str:
    """A domain that every service can have as its realm, its host and in its file names."""
    name = domain(value)
    if len(name) > _REALM_MAX:
        raise ValueError(f"is longer than {_REALM_MAX} characters, the longest realm")
    if len(name) + 2 * sum(not char.isalnum() for char in name) > _ENCODED_MAX:
        raise ValueError("has so many dots and hyphens that prosody can't name its directory")
    return name


def realm(value: object) -> str:
    """The realm of digests: a token that needs no quoting in any configuration."""
    name = text(value).strip()
    if not _REALM.fullmatch(name):
        raise ValueError("is not a realm (letters, digits, '.', '-' and '_')")
    if len(name) > _REALM_MAX:
        raise ValueError(f"is longer than {_REALM_MAX} characters")
    return name


def _host_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_unspecified:
        raise ValueError("is a wildcard; name the address itself")
    if address.is_loopback or address.is_multicast or address.is_link_local:
        raise ValueError("is not an address that other hosts can reach")


def ipv4(value: object) -> ipaddress.IPv4Address:
    try:
        address = ipaddress.IPv4Address(text(value).strip())
    except ipaddress.AddressValueError as error:
        raise ValueError("is not an IPv4 address") from error
    _host_address(address)
    if address == ipaddress.IPv4Address("255.255.255.255"):
        raise ValueError("is the broadcast address")
    return address


def ipv6(value: object) -> ipaddress.IPv6Address:
    try:
        address = ipaddress.IPv6Address(text(value).strip())
    except ipaddress.AddressValueError as error:
        raise ValueError("is not an IPv6 address") from error
    if address.scope_id is not None:
        raise ValueError("has a scope; name the address alone")
    if address.ipv4_mapped is not None:
        raise ValueError("is an IPv4-mapped address; give the IPv4 address as such")
    _host_address(address)
    return address


def boolean(value: object) -> bool:
    """A TOML boolean, or debconf's `true` and `false`."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("is neither true nor false")


def path(value: object) -> PurePosixPath:
    """An absolute path of characters that no configuration language gives a meaning."""
    given = text(value).strip()
    if not _PATH.fullmatch(given) or ".." in given.split("/"):
        raise ValueError("is not an absolute path of plain characters")
    # POSIX leaves the meaning of exactly two leading slashes to the system.
    found = PurePosixPath("/" + given.lstrip("/"))
    if not found.name:
        raise ValueError("is the root directory; name a file")
    # PATH_MAX counts the final NUL, NAME_MAX does not (limits.h).
    if len(str(found)) > 4095 or max(map(len, found.parts)) > 255:
        raise ValueError("is longer than a path can be")
    return found


def https_url(value: object) -> str:
    """An https URI of plain characters, such as the directory of an ACME server (RFC 8555)."""
    given = text(value).strip()
    host = given.removeprefix("https://").partition("/")[0].partition(":")[0]
    if not _HTTPS.fullmatch(given):
        raise ValueError("is not a URL such as https://ca.example.org/directory")
    domain(host)
    return given


def email(value: object) -> str:
    local, at, host = text(value).strip().rpartition("@")
    if not at or len(local) > 64 or not _EMAIL_LOCAL.fullmatch(local):
        raise ValueError("is not a mail address")
    return f"{local}@{domain(host)}"


def integer(low: int, high: int) -> Callable[[object], int]:
    """A whole number from `low` to `high`."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return value

    return parse


def one_of(*tokens: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in tokens:
            raise ValueError(f"is not one of: {', '.join(tokens)}")
        return str(value)

    return parse


def _item(parse: Callable[[object], T], item: object) -> T:
    try:
        return parse(item)
    except ValueError as error:
        raise ValueError(f"has {shown(item)}, which {error}") from error


def list_of(parse_item: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A TOML array, or debconf's comma-separated text; each item once."""

    def parse(value: object) -> tuple[T, ...]:
        if isinstance(value, str):
            items: list[object] = [part.strip() for part in value.split(",") if part.strip()]
        elif isinstance(value, list | tuple):
            items = list(value)
        else:
            raise ValueError("is not a list")
        parsed = tuple(_item(parse_item, item) for item in items)
        if len(set(parsed)) != len(parsed):
            raise ValueError("names something twice")
        return parsed

    return parse


def network(value: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    given = text(value).strip()
    if "%" in given:
        # ipaddress takes any text behind it for the scope, line breaks included.
        raise ValueError("has a scope; name the network alone")
    try:
        return ipaddress.ip_network(given)
    except ValueError as error:
        raise ValueError("is not a network such as 192.0.2.0/24") from error
