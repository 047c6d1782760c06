# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same source on Debian 12: prosody from its backports and nothing else, checked from both
ends, removed and purged. One host, and the tests stand in the order of its life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import SPARED, booted
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host

pytestmark = pytest.mark.parametrize("release", ["bookworm"], indirect=True)

BACKPORTS = "bookworm-backports"
UNITS = (
    "apache2.service",
    "apache2@falcot-rtc.service",
    "coturn.service",
    "falcot-rtc-password.service",
    "falcot-rtc-password.socket",
    "falcot-rtc-phone.service",
    "falcot-rtc-phone.socket",
    "falcot-rtc-turn-auth.service",
    "falcot-rtc-turn-auth.socket",
    "kamailio.service",
    "prosody.service",
)
OURS = ("falcot-rtc", "falcot-rtc-archive", "falcot-rtc-web-phone", "python3-falcot-rtc")
# What apt and dpkg remember of packages, and the lab's own.
KEPT_BY_OTHERS = (
    "/etc/apt/sources.list.d/lab-falcot-rtc.sources",
    "/usr/share/keyrings/falcot-rtc-lab.gpg",
    "/var/cache/apt/",
    "/var/lib/apt/",
    "/var/lib/dpkg/",
    demo.ARCHIVE,
)


@pytest.fixture(scope="module")
def bookworm(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A host with the site on it, fresh from its boot."""
    with booted("bookworm", release, installed, archive) as host:
        yield host


def versions(host: Host) -> dict[str, str]:
    """Version by name of every installed package."""
    shown = "--showformat=${db:Status-Status} ${Package} ${Version}\n"
    lines = host.run(["dpkg-query", "--show", shown]).stdout.splitlines()
    rows = (line.split(" ") for line in lines)
    return {name: version for status, name, version in rows if status == "installed"}


def failures(report: str) -> list[Any]:
    """What `falcot-rtc check --json` says about each check that failed."""
    results = json.loads(report)
    assert len([result for result in results if result["status"] == "ok"]) > 100
    return [result for result in results if result["status"] == "fail"]


def test_apt_refuses_without_the_archive_package(bare: Callable[..., Host]) -> None:
    host = bare("bookworm-bare")

    refused = host.apt("install", "--simulate", "falcot-rtc", check=False)

    assert refused.returncode == 100
    assert "falcot-rtc : Depends: prosody (>= 13" in refused.stdout


def test_prosody_alone_came_from_backports(bookworm: Host) -> None:
    found = versions(bookworm)

    assert found["falcot-rtc"].endswith("~deb12u1")
    assert found["kamailio"].startswith("5.6.")
    assert found["coturn"].startswith("4.6.")
    assert found["apache2"].startswith("2.4.")
    assert found["prosody"].startswith("13.")
    backported = {name for name, version in found.items() if "~bpo" in version}
    assert backported == {"prosody", "prosody-modules"}
    for name in backported:
        policy = bookworm.run(["apt-cache", "policy", name]).stdout
        assert BACKPORTS in policy.partition("*** ")[2].partition("/var/lib/dpkg/status")[0]


def test_no_other_packages_file_was_altered(bookworm: Host) -> None:
    assert bookworm.run(["dpkg", "--verify"]).stdout == ""


def test_the_checks_pass_on_the_host(bookworm: Host) -> None:
    report = bookworm.run(["falcot-rtc", "check", "--json"], check=False)

    assert failures(report.stdout) == []
    assert report.returncode == 0


def test_the_checks_pass_from_the_client(bookworm: Host) -> None:
    report = run(demo.client_check(bookworm, "--json"), check=False)

    assert failures(report.stdout) == []
    assert report.returncode == 0


def test_kamailio_is_sound(bookworm: Host) -> None:
    """Processes of kamailio 5.6 that share OpenSSL 3's state break each other's connections."""
    kamcmd = ("kamcmd", "-s", "unix:/run/kamailio/kamailio_ctl", "core.psx")
    assert bookworm.run(kamcmd).stdout.count("tcp receiver") == 1

    # After all those connections of the checks.
    said = bookworm.journal("--boot", "--unit=kamailio.service").splitlines()
    assert [line for line in said if "CRITICAL" in line or "ALERT" in line] == []
    shown = bookworm.run(["systemctl", "show", "--value", "-p", "NRestarts", "kamailio.service"])
    assert shown.stdout.strip() == "0"


def test_remove_lets_go_of_the_services(bookworm: Host) -> None:
    bookworm.apt("remove", "falcot-rtc")

    active = bookworm.run(["systemctl", "is-active", *UNITS], check=False).stdout.split()
    assert set(active) == {"inactive"}
    dropins = bookworm.run(
        ["find", "/etc/systemd/system", "/run/systemd/system", "-name", "*-rtc*"]
    )
    assert dropins.stdout == ""
    # Until purged, the site can come back.
    assert bookworm.exists("/etc/falcot-rtc/settings.toml")
    assert bookworm.exists("/var/lib/falcot-rtc/accounts.sqlite")


def test_purge_leaves_nothing_of_ours(bookworm: Host) -> None:
    bookworm.apt("purge", *OURS)
    bookworm.run(["rm", SPARED])  # the lab's own

    found = bookworm.run(["find", "/", "-xdev", "-name", "*falcot*"]).stdout.splitlines()
    assert [path for path in found if not path.startswith(KEPT_BY_OTHERS)] == []
    assert "falcot" not in bookworm.read("/etc/passwd")
    # Debian's own sshd jail ends fail2ban 1.0.2 on a host without /var/log/auth.log (decision 18).
    failed = bookworm.run(["systemctl", "--failed", "--plain", "--no-legend"]).stdout.splitlines()
    assert [line for line in failed if not line.startswith("fail2ban.service ")] == []
