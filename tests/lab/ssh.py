# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A root key for lab hosts, and an ssh_config(5) that reaches one from the build machine."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tests.lab.cache import cache, ensure
from tests.lab.command import run
from tests.lab.network import HOST_IPV4, Network

PASS_DESCRIPTOR = Path(__file__).with_name("passfd.py")


def _make(partial: Path) -> None:
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", partial / "key"])


def private_key() -> Path:
    return ensure(cache() / "ssh", _make) / "key"


def public_key() -> str:
    return private_key().with_suffix(".pub").read_text(encoding="utf-8")


def configuration(network: Network) -> str:
    """An ssh_config in which the host's lab name leads to its first address."""
    proxy = (
        "/usr/bin/nsenter",
        f"--net={network.client_namespace()}",
        sys.executable,
        str(PASS_DESCRIPTOR),
    )
    lines = [
        f"Host {network.name}",
        f"  HostName {HOST_IPV4[0]}",
        "  User root",
        f"  IdentityFile {private_key()}",
        "  IdentitiesOnly yes",
        "  StrictHostKeyChecking no",
        "  UserKnownHostsFile /dev/null",
        "  LogLevel ERROR",
        "  ProxyUseFdpass yes",
        f"  ProxyCommand {shlex.join(proxy)} %h %p",
    ]
    return "\n".join(lines) + "\n"
