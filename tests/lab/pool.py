# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own packages for a lab host: a stable and a backports suite that pin like the real ones.

Everything the wanted packages depend on is downloaded once, with recommends off, starting from
nothing installed, so that a host can remove and reinstall whatever it likes without a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import formatdate
from pathlib import Path

from tests.lab.archive import Suite, scan, select, write_suite
from tests.lab.cache import cache, digest, ensure, locked, remove
from tests.lab.command import run
from tests.lab.mirror import Source, backports_source, mirror, stable_sources, transport
from tests.lab.progress import step
from tests.lab.release import Release

RECIPE = 1

STACK = (
    "apache2",
    "apt-utils",
    "bind9-utils",
    "coturn",
    "debconf-utils",
    "fail2ban",
    "haproxy",
    "iproute2",
    "kamailio",
    "kamailio-autheph-modules",
    "kamailio-outbound-modules",
    "kamailio-sqlite-modules",
    "kamailio-tls-modules",
    "kamailio-websocket-modules",
    "nftables",
    "procps",
    "prosody",
    "prosody-modules",
    "python3-argcomplete",
    "python3-cryptography",
    "python3-dnspython",
    "python3-jinja2",
    "python3-pytest",
    "python3-rich",
    "python3-testinfra",
    "python3-tomlkit",
    "sqlite3",
    "strace",
    "tcpdump",
    "whiptail",
)
BACKPORTED = ("prosody", "prosody-modules")

RELATION = re.compile(r"^\s*([a-z0-9][a-z0-9.+-]+)")


def first_alternatives(relation: str) -> tuple[str, ...]:
    """The packages a Depends field asks for, first alternatives, without substvars and versions."""
    names = []
    for clause in relation.split(","):
        named = RELATION.match(clause)
        if named is not None:
            names.append(named.group(1))
    return tuple(names)


def in_pool(name: str) -> str:
    """The file name an archive gives what apt downloads as `name`: without the version's epoch."""
    return re.sub(r"_\d+%3a", "_", name, count=1)


def depended_on(debs: Iterable[Path]) -> tuple[str, ...]:
    """What the packages `debs` pre-depend and depend on, except each other."""
    own: set[str] = set()
    names: set[str] = set()
    for deb in debs:
        own.add(run(["dpkg-deb", "--field", deb, "Package"]).stdout.strip())
        for field in ("Pre-Depends", "Depends"):
            names.update(first_alternatives(run(["dpkg-deb", "--field", deb, field]).stdout))
    return tuple(sorted(names - own))


def pool(release: Release, extra: Iterable[str] = ()) -> Path:
    """An archive with suites CODENAME and CODENAME-backports holding STACK, `extra` and closure.

    Keyed by the list of packages; an unchanged list never touches the network again. Suitable as
    `URIs: file:/srv/debian` when bound there, signed by `signing.keyring()`.
    """
    wanted = tuple(sorted({*STACK, *extra}))
    name = f"{release.codename}-{digest(RECIPE, wanted, BACKPORTED)}"
    target = cache() / "pool" / name
    return ensure(target, lambda partial: _fill(partial, release, wanted))


def _fill(partial: Path, release: Release, wanted: tuple[str, ...]) -> None:
    at = mirror()
    sources = (*stable_sources(release, at), backports_source(release, at))
    architecture = run(["dpkg", "--print-architecture"]).stdout.strip()
    # Files of earlier lists are still good: apt checks their digests.
    debs = cache() / "debs" / release.codename
    state = partial / "apt"
    what = f"packages of the service stack for {release.codename} from {at.archive}"
    with locked(debs.with_suffix(".lock")), step(what) as said:
        (debs / "partial").mkdir(parents=True, exist_ok=True)
        apt = _apt(state, debs, sources)
        run([*apt, "update"], hint="is the mirror reachable? (MIRROR=URI)")
        # As a pin for exactly these packages has it: their dependencies stay with stable.
        backported = tuple(f"{package}/{release.backports}" for package in BACKPORTED)
        files = _fetch(apt, state / "empty", wanted) | _fetch(apt, state / "empty", backported)
        _lay_out(partial, release, debs, files, architecture)
        said.append(f"{len(files)} packages")
    remove(state)


def _apt(state: Path, debs: Path, sources: tuple[Source, ...]) -> tuple[str, ...]:
    """An apt-get that knows only `sources` and believes that nothing is installed."""
    (state / "lists" / "partial").mkdir(parents=True)
    (state / "empty" / "partial").mkdir(parents=True)
    (state / "parts").mkdir()
    (state / "status").touch()
    (state / "sources.list").write_text(
        "".join(f"{source.line()}\n" for source in sources), encoding="utf-8"
    )
    settings = {
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::State::extended_states": state / "extended_states",
        "Dir::Cache": state,
        "Dir::Cache::Archives": debs,
        "Dir::Etc": state,
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "parts",
        "Dir::Etc::Parts": state / "parts",
        "Dir::Etc::Preferences": state / "preferences",
        "Dir::Etc::PreferencesParts": state / "parts",
        "APT::Install-Recommends": "false",
        # The cache may lie below a directory that the user _apt cannot enter.
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    lines = [f'{name} "{value}";' for name, value in settings.items()]
    configuration = state / "apt.conf"
    text = "\n".join([*lines, *transport()]) + "\n"
    configuration.write_text(text, encoding="utf-8")
    # APT_CONFIG is read first of all: nothing of /etc/apt gets in.
    return ("env", f"APT_CONFIG={configuration}", "apt-get", "--yes", "--quiet")


def _fetch(apt: tuple[str, ...], empty: Path, packages: tuple[str, ...]) -> set[str]:
    """Download the closure of `packages`; return the file names."""
    install = (*apt, "install")
    # --print-uris is silent about what is in the download directory: show it an empty one.
    nothing = ("--option", f"Dir::Cache::Archives={empty}")
    listing = run([*install, *nothing, "--print-uris", *packages]).stdout
    run([*install, "--download-only", *packages])
    return {line.split()[1] for line in listing.splitlines() if line.startswith("'")}


def _lay_out(root: Path, release: Release, debs: Path, files: set[str], architecture: str) -> None:
    pool = root / "pool"
    pool.mkdir()
    for name in sorted(files):
        (pool / in_pool(name)).hardlink_to(debs / name)
    files = {in_pool(name) for name in files}
    packages = scan(root)
    date = formatdate(usegmt=True)
    backported = {name for name in files if f"~bpo{release.version}" in name}
    stable = Suite(codename=release.codename, suite=release.suite, origin="Debian", label="Debian")
    backports = Suite(
        codename=release.backports,
        suite=f"{release.suite}-backports",
        origin="Debian Backports",
        label="Debian Backports",
        must_be_asked_for=True,
    )
    write_suite(root, stable, select(packages, files - backported), architecture, date)
    write_suite(root, backports, select(packages, backported), architecture, date)
