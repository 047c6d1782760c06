# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nouns that policies are made of: what a host should have. Frozen values, no action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A Debian package that a role needs.

    `floors` gives the lowest version for each Debian release that has one; `alternatives` are
    packages that fill the same role, as `Depends: a | b`. What is only `recommended` may be absent.
    """

    name: str
    floors: Mapping[str, str] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()
    recommended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A debconf question; `key` is the place of its answer in settings.toml, if it has one.

    `choices` pairs each untranslated token with its English label.
    """

    name: str
    key: str = ""
    type: str
    priority: str
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    short: str
    long: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUser:
    """A sysusers.d(5) user of our own, without home or shell."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeFile:
    """A rendered file; `path` is relative to the generation that /etc/falcot-rtc/current names."""

    path: str
    content: str
    group: str = "root"
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFile:
    """A file of ours outside the generations, such as a systemd drop-in; owned by root."""

    path: str
    content: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    path: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    path: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCopy:
    """One daemon's own copy of the site's certificate and key, below /var/lib/falcot-rtc/tls."""

    daemon: str
    group: str
    names: tuple[tuple[str, str], ...] = (("fullchain.pem", "key.pem"),)

    @property
    def directory(self) -> str:
        return f"/var/lib/falcot-rtc/tls/{self.daemon}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A systemd unit of a role and what it reads.

    A change below one of `restart_on` restarts it, below one of `reload_on` reloads it. Paths are
    relative to the generation, or absolute. `stock` units come with another package and run that
    package's own configuration without us.
    """

    name: str
    restart_on: tuple[str, ...] = ()
    reload_on: tuple[str, ...] = ()
    stock: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A stock unit that must not run beside ours, such as the wildcard apache2.service."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What `unit` keeps for our domains in its own state directory; it goes on purge.

    Where the unit ran before us it may be somebody else's, and stays.
    """

    path: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A service's own checker; `{tree}` in `argv` is the generation to be judged."""

    name: str
    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRecord:
    """A record in zone-file terms; `name` is absolute and ends in a dot."""

    name: str
    type: str
    data: str
    comment: str = ""


Resource = (
    TreeFile | HostFile | Link | Directory | CertificateCopy | Unit | Masked | Data | Validator
)
