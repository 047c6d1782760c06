# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`[[click_to_call]]` in settings.toml: whom people without an account may call. Pure.

docs/web-phone-api.md tells what a page does with one.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from falcot_rtc import fields
from falcot_rtc.accounts import names
from falcot_rtc.errors import UsageError, named
from falcot_rtc.keys import EDIT, Key, parse_value

TABLE = "click_to_call"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)


def _name(value: object) -> str:
    name = fields.text(value).strip()
    if not _NAME.fullmatch(name):
        raise ValueError("is not 1 to 32 of a-z, 0-9 and '-', such as sales")
    return name


def _target(value: object) -> str:
    """A number, or the name of an account or of an alias, with or without its domain."""
    local, at, domain = fields.text(value).strip().partition("@")
    try:
        checked = names.extension(local) if local.isdigit() else names.local_part(local)
    except UsageError as error:
        raise ValueError("is nobody's name or number, such as sales or 1001") from error
    return f"{checked}@{fields.domain(domain)}" if at else checked


def _title(value: object) -> str:
    title = fields.text(value).strip()
    if not title.isprintable() or not 1 <= len(title) <= 80:
        raise ValueError("is not one line of 1 to 80 printable characters")
    return title


def _until(value: object) -> datetime.date:
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError("is not a date such as 2027-12-31") from error
    if type(value) is not datetime.date:
        raise ValueError("is not a date such as 2027-12-31")
    return value


KEYS: tuple[Key, ...] = (
    Key(path="name", parse=_name, doc="What pages call it by."),
    Key(
        path="target",
        parse=_target,
        doc="Who rings: an account, alias or extension, with @ and a domain if not of the first.",
    ),
    Key(path="title", parse=_title, doc="What callers read; absent: the name."),
    Key(
        path="origins",
        parse=fields.list_of(fields.origin),
        default=(),
        doc="Pages of which sites may show it, such as https://www.falcot.com, beside this one.",
    ),
    Key(
        path="limit",
        parse=fields.integer(1, 1000),
        default=10,
        doc="Calls a minute that one address may begin (of IPv6 a /64).",
    ),
    Key(
        path="ttl",
        parse=fields.integer(30, 3600),
        default=300,
        doc="Seconds within which the call has to begin.",
    ),
    Key(path="until", parse=_until, doc="The last day, by UTC; absent: no end."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickToCall:
    """One destination; `target` is name@domain."""

    name: str
    target: str
    title: str
    origins: tuple[str, ...]
    limit: int
    ttl: int
    until: datetime.date | None

    @property
    def ends(self) -> int | None:
        """The second (Unix time) from which on it is no more; None: never."""
        if self.until is None:
            return None
        midnight = datetime.datetime.combine(self.until, datetime.time(), datetime.UTC)
        return int(midnight.timestamp()) + 86400


def entries(
    document: Mapping[str, Any], domains: Collection[str], first: str, where: str
) -> tuple[ClickToCall, ...]:
    """Those of the document, for a site of `domains`; UsageError naming key, value and fix."""
    listed = document.get(TABLE, [])
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise UsageError(
            f"{where}: {TABLE}: is not a list of tables",
            hint=f"write [[{TABLE}]] with two brackets on each side",
        )
    found = tuple(_entry(one, domains, first, where) for one in listed)
    seen: set[str] = set()
    for one in found:
        if one.name in seen:
            raise UsageError(
                f"{where}: {TABLE}.name: '{one.name}' is given twice", hint="give each its own name"
            )
        seen.add(one.name)
    return found


def _entry(
    given: Mapping[str, Any], domains: Collection[str], first: str, where: str
) -> ClickToCall:
    known = {key.path: key for key in KEYS}
    for name in given:
        if name not in known:
            raise UsageError(
                f"{where}: {TABLE}: {named(name)}: no such key",
                hint=f"known here: {', '.join(known)}",
            )
    found = {key.path: _value(key, given, where) for key in KEYS}
    for name in ("name", "target"):
        if found[name] is None:
            raise UsageError(
                f"{where}: {TABLE}.{name}: a [[{TABLE}]] has no {name}",
                hint=f"give every [[{TABLE}]] a name and a target",
            )
    local, at, domain = found["target"].partition("@")
    if at and domain not in domains:
        raise UsageError(
            f"{where}: {TABLE}.target: '{found['target']}' is of a domain that is not served here",
            hint=f"name somebody of {', '.join(domains)}",
        )
    found["target"] = f"{local}@{domain or first}"
    return ClickToCall(**{**found, "title": found["title"] or found["name"]})


def _value(key: Key, given: Mapping[str, Any], where: str) -> Any:
    if key.path not in given:
        return key.default
    shown = Key(path=f"{TABLE}.{key.path}", parse=key.parse, doc=key.doc)
    return parse_value(shown, given[key.path], where, EDIT)
