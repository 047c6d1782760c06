# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installer would have written on a new server: its name, network, sources, root's key."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tests.lab.network import networkd_file, resolv_conf
from tests.lab.release import Release

KEYRING = "/usr/share/keyrings/falcot-rtc-lab.gpg"


def sources(release: Release) -> str:
    """The deb822 sources of a bare server: stable alone, backports nowhere."""
    return (
        "Types: deb\n"
        "URIs: file:/srv/debian\n"
        f"Suites: {release.codename}\n"
        "Components: main\n"
        f"Signed-By: {KEYRING}\n"
    )


def hosts(hostname: str, domain: str) -> str:
    return (
        "127.0.0.1\tlocalhost\n"
        f"127.0.1.1\t{hostname}.{domain}\t{hostname}\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
    )


def write(
    root: Path,
    *,
    release: Release,
    hostname: str,
    domain: str,
    keyring: Path,
    ssh_key: str,
    addresses_by_host: bool,
) -> None:
    """Provision the mounted, not yet booted root file system `root`."""
    files = {
        "etc/hostname": f"{hostname}\n",
        "etc/hosts": hosts(hostname, domain),
        "etc/resolv.conf": resolv_conf(),
        "etc/apt/sources.list.d/debian.sources": sources(release),
        "root/.ssh/authorized_keys": ssh_key,
    }
    if addresses_by_host:
        files["etc/systemd/network/10-lab.network"] = networkd_file()
    machine_id = root / "etc/machine-id"
    known = machine_id.read_text(encoding="utf-8").strip() if machine_id.exists() else ""
    if known in ("", "uninitialized"):
        # Otherwise every boot is a first boot, which presets (enables) all units.
        files["etc/machine-id"] = hashlib.md5(hostname.encode()).hexdigest() + "\n"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "root/.ssh").chmod(0o700)
    shutil.copyfile(keyring, root / KEYRING.strip("/"))
    (root / KEYRING.strip("/")).chmod(0o644)
    if addresses_by_host:
        wants = root / "etc/systemd/system/multi-user.target.wants"
        online = root / "etc/systemd/system/network-online.target.wants"
        _enable(wants, "systemd-networkd.service")
        _enable(online, "systemd-networkd-wait-online.service")


def _enable(wants: Path, unit: str) -> None:
    wants.mkdir(parents=True, exist_ok=True)
    link = wants / unit
    if not link.is_symlink():
        link.symlink_to(f"/usr/lib/systemd/system/{unit}")
