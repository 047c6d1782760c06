# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apply can do to a host, as values, and a line for people about each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from falcot_rtc import paths
from falcot_rtc.resources import Directory, HostFile, Link, TreeFile, Validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write secret or certificate material; daemons read it, no template does."""

    path: str
    content: bytes
    group: str = "root"
    mode: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    directory: Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Put a file that somebody edited by hand aside, before its generation is left."""

    path: str
    content: str
    aside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Write a generation beside the present one; nothing reads it yet."""

    number: int
    files: tuple[TreeFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validate:
    validator: Validator
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Point /etc/falcot-rtc/current at a generation; None removes it."""

    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDomain:
    """Let the accounts and data of one domain be those of another (accounts/move.py)."""

    old: str
    new: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Bring a file or link of ours into place."""

    item: HostFile | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUnits:
    """Let systemd read its unit files again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAction:
    """`verb` is start, stop, restart, reload, enable or disable."""

    verb: str
    unit: str
    why: str


# What changes files alone: systemd has to read them afterwards, once for all of them.
LINKING = ("enable", "disable")

Action = (
    Write
    | Make
    | Keep
    | Stage
    | Validate
    | MoveDomain
    | Switch
    | Put
    | Remove
    | ReadUnits
    | UnitAction
)


def describe(action: Action) -> str:
    match action:
        case Write(path=path, why=why):
            return f"write {path} ({why})"
        case Make(directory=directory):
            return f"make directory {directory.path}"
        case Keep(path=path, aside=aside):
            return (
                f"keep {path}, edited by hand, as {aside} "
                f"(local changes belong in {paths.LOCAL_D}/)"
            )
        case Stage(number=number):
            return f"write generation {number}"
        case Validate(validator=validator):
            return f"let {validator.name} judge it"
        case MoveDomain(old=old, new=new, people=people):
            return (
                f"move {people} account{'' if people == 1 else 's'} from {old} to {new}, with "
                "contacts, rooms, archives and uploads (a new password is needed by who logs in to "
                f"SIP or TURN as name@{old}; bookmarks of rooms, and contacts on other servers, "
                "still name the old domain)"
            )
        case Switch(number=None):
            return "let go of the present generation"
        case Switch(number=number):
            return f"switch to generation {number}"
        case Put(item=Link(path=path, target=target)):
            return f"link {path} -> {target}"
        case Put(item=HostFile(path=path)):
            return f"write {path}"
        case Remove(path=path):
            return f"remove {path}"
        case ReadUnits():
            return "let systemd read its units again"
        case UnitAction(verb=verb, unit=unit, why=why):
            return f"{verb} {unit} ({why})"
    raise TypeError(action)
