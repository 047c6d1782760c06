# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports by which administrators come in: of sshd(8), of its socket unit, of this very session.

Each source alone misses some: sshd -T needs a directory that a booting host has not made yet, a
socket unit overrides sshd_config(5), and a changed file is not in force before a restart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from falcot_rtc import listening, preflight
from falcot_rtc.host import Host

SSHD = "/usr/sbin/sshd"
CONFIGURATION = "/etc/ssh/sshd_config"
UNITS = ("ssh.service", "sshd.service", "ssh.socket", "sshd.socket")
DEFAULT = 22
_PORT = re.compile(r"^\s*port[\s=]+\"?(\d{1,5})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(
    r"^\s*listenaddress[\s=]+\"?(?:\[[^\]\s]*\]|[^\s:\]]+):(\d{1,5})", re.IGNORECASE | re.MULTILINE
)
_LISTEN = re.compile(r"^Listen=.*?:(\d{1,5}) \(Stream\)", re.MULTILINE)


def configured(text: str) -> set[int]:
    """The ports that an sshd_config(5), or what sshd -T prints, names."""
    return {int(port) for one in (_PORT, _ADDRESS) for port in one.findall(text)}


def socket_unit(shown: str) -> set[int]:
    """The ports of a socket unit as systemctl shows it; Debian ships one that nobody uses."""
    used = {"ActiveState=active", "UnitFileState=enabled"} & set(shown.splitlines())
    return {int(port) for port in _LISTEN.findall(shown)} if used else set()


def find(host: Host, environment: Mapping[str, str]) -> tuple[int, ...]:
    """All of them, sorted; none where there is no sshd and nobody is logged in by one."""
    found = set()
    if host.exists(SSHD):
        names = [n for n in host.names(f"{CONFIGURATION}.d") if n.endswith(".conf")]
        files = [CONFIGURATION, *(f"{CONFIGURATION}.d/{name}" for name in names)]
        found |= {port for path in files for port in configured(host.text(path))}
        found |= configured(_said(host, SSHD, "-T"))
        found |= socket_unit(_said(host, "systemctl", "show", "ssh.socket"))
        found |= {DEFAULT} if not found else set()
    found |= _held(host)
    connection = environment.get("SSH_CONNECTION", "").split()
    if len(connection) == 4 and connection[3].isdigit():
        found.add(int(connection[3]))
    return tuple(sorted(port for port in found if 0 < port < 65536))


def _said(host: Host, *argv: str) -> str:
    done = host.run(*argv, check=False)
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _held(host: Host) -> set[int]:
    sockets = [s for s in listening.present(host) if s.protocol == "tcp"]
    holders = preflight.holders(host, (s.inode for s in sockets))
    return {
        s.port
        for s in sockets
        if (by := holders.get(s.inode)) and (by.command == "sshd" or by.unit in UNITS)
    }
