# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cached root file systems made by mmdebstrap(1): the bare host, the build root, the client."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cache import cache, digest, ensure
from tests.lab.command import run
from tests.lab.mirror import backports_source, mirror, stable_sources, transport
from tests.lab.progress import step
from tests.lab.release import Release

# Raise when the code below changes what a root file system contains.
RECIPE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What a root file system holds beyond Essential packages and apt."""

    name: str
    packages: tuple[str, ...]


# No python3, no apt-utils, no iproute2: what a provider's smallest image leaves out.
HOST = Variant(
    name="host",
    packages=("systemd", "systemd-sysv", "dbus", "openssh-server", "ca-certificates"),
)

# What debian/control names comes on top, by build-dep.
BUILD = Variant(name="build", packages=("build-essential", "fakeroot", "lintian"))

# The other end of the wire: a name server for the zone, and clients that are not ours.
CLIENT = Variant(
    name="client",
    packages=(
        "baresip-core",
        "bind9",
        "bind9-dnsutils",
        "ca-certificates",
        "coturn",
        "curl",
        "iproute2",
        "nmap",
        "nsd",
        "openssl",
        "pebble",
        "python3-aiohttp",
        "python3-argcomplete",
        "python3-cryptography",
        "python3-dnspython",
        "python3-jinja2",
        "python3-rich",
        "python3-slixmpp",
        "python3-tomlkit",
        "python3-websockets",
        "sipsak",
        "socat",
        "testssl.sh",
    ),
)


def build_dependencies(control: str) -> str:
    """The Build-Depends fields of a debian/control, which decide what a build root holds."""
    fields = re.findall(r"^Build-[^\n]*(?:\n[ \t#][^\n]*)*", control, re.MULTILINE)
    return "\n".join(fields)


def base(release: Release, variant: Variant) -> Path:
    """The cached root file system of `variant`; made from the mirror on first use."""
    name = f"{release.codename}-{variant.name}-{digest(RECIPE, variant.packages)}"
    target = cache() / "rootfs" / name
    return ensure(target, lambda partial: _make(partial, release, variant, ()))


def build_root(release: Release, control: Path) -> Path:
    """The cached root in which the source package of `control` (debian/control) builds."""
    needs = build_dependencies(control.read_text(encoding="utf-8"))
    name = f"{release.codename}-build-{digest(RECIPE, BUILD.packages, needs)}"

    def make(partial: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch, "source", "debian")
            source.mkdir(parents=True)
            (source / "control").write_text(control.read_text(encoding="utf-8"), encoding="utf-8")
            hooks = (
                f"copy-in {source.parent} /tmp",
                'chroot "$1" apt-get --yes --no-install-recommends build-dep /tmp/source/',
            )
            _make(partial, release, BUILD, hooks)

    return ensure(cache() / "rootfs" / name, make)


def _make(target: Path, release: Release, variant: Variant, hooks: tuple[str, ...]) -> None:
    at = mirror()
    sources = list(stable_sources(release, at))
    if variant is BUILD:
        sources.append(backports_source(release, at))
    argv = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"]
    argv += [f"--include={','.join(variant.packages)}"]
    argv += [f"--aptopt={option}" for option in transport()]
    argv += [f"--customize-hook={hook}" for hook in hooks]
    # The builder's proxy, mirror, resolver and name are not the host's.
    argv += [
        f'--customize-hook=rm -f "$1{leftover}"'
        for leftover in (
            "/etc/apt/sources.list",
            "/etc/apt/apt.conf.d/99mmdebstrap",
            "/etc/resolv.conf",
            "/etc/hostname",
        )
    ]
    argv += [release.codename, str(target), *(source.line() for source in sources)]
    with step(f"{release.codename} root file system '{variant.name}' from {at.archive}"):
        run(argv, env={"TMPDIR": "/tmp"}, hint="is the mirror reachable? (MIRROR=URI)")
