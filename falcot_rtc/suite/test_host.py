# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host itself shows: units, listeners, nothing foreign altered, no secret open."""

from __future__ import annotations

import json
from typing import Any

from falcot_rtc.pytest_plugin import status


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
    for row in rows:
        if row["last_port"] is None:
            # Always by address: without one, a wildcard listener would do.
            address = f"{row['protocol']}://{row['address']}:{row['port']}"
            assert host.socket(address).is_listening, row["id"]


def test_no_conffile_of_another_package_was_altered(host: Any) -> None:
    packages = ["coturn", "kamailio", "prosody", "apache2"]
    present = [name for name in packages if host.package(name).is_installed]
    assert host.run(f"dpkg --verify {' '.join(present)}").stdout == ""


def test_secrets_are_roots_alone(host: Any) -> None:
    for path in ("/etc/falcot-rtc/secrets", "/var/lib/falcot-rtc/accounts.sqlite"):
        file = host.file(path)
        assert file.user == "root"
        assert file.mode & 0o077 == 0, path
