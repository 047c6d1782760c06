# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host itself shows: units, listeners, nothing foreign altered, no secret open."""

from __future__ import annotations

import json
from typing import Any

from falcot_rtc import listening
from falcot_rtc.pytest_plugin import status

TABLES = ("tcp", "tcp6", "udp", "udp6")


def test_the_package_is_configured(host: Any) -> None:
    package = host.package("falcot-rtc")
    assert package.is_installed
    assert status(host)["held"] == []
    assert status(host)["pending"] == []


def test_every_unit_runs_and_starts_at_boot(host: Any) -> None:
    units = status(host)["units"]
    assert units
    for unit in units:
        service = host.service(unit)
        assert service.is_running, unit
        assert service.is_enabled, unit


def test_listeners_stand_on_the_declared_addresses(host: Any) -> None:
    rows = json.loads(host.check_output("falcot-rtc ports --json"))
    assert rows
    # testinfra's own socket module needs ss or netstat, which a minimal host does not have.
    tables = [(name, host.run(f"cat /proc/net/{name}").stdout) for name in TABLES]
    held = {(s.protocol, s.address, s.port) for s in listening.sockets(tables)}
    for row in rows:
        if row["last_port"] is None:
            assert (row["protocol"], row["address"], row["port"]) in held, row["id"]


def test_no_conffile_of_another_package_was_altered(host: Any) -> None:
    packages = ["coturn", "kamailio", "prosody", "apache2"]
    present = [name for name in packages if host.package(name).is_installed]
    assert host.run(f"dpkg --verify {' '.join(present)}").stdout == ""


def test_secrets_are_roots_alone(host: Any) -> None:
    for path in ("/etc/falcot-rtc/secrets", "/var/lib/falcot-rtc/accounts.sqlite"):
        file = host.file(path)
        assert file.user == "root"
        assert file.mode & 0o077 == 0, path
