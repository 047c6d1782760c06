# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: a bare Debian host becomes falcot.com's site and is checked from both ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from falcot_rtc.errors import FalcotError
from tests.lab import needs, overlay, provision
from tests.lab.build import build, repo
from tests.lab.cache import REPOSITORY
from tests.lab.command import CLEAN_ENVIRONMENT
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, HOST_IPV4, HOST_IPV6
from tests.lab.pool import depended_on
from tests.lab.progress import step
from tests.lab.release import release as known_release

NAME = "demo"
DOMAIN = "falcot.com"
PRESEED = Path(__file__).with_name("falcot.com.preseed")
ARCHIVE = "/srv/falcot-rtc"
CHECKOUT = "/srv/checkout"
TICKET = "/srv/lab/ticket"
PASSWORD = "/etc/falcot-rtc/secrets/admin-password"


def archive_sources(codename: str) -> str:
    """The deb822 source of the site's own archive, as bound into a lab host at ARCHIVE."""
    return (
        "Types: deb\n"
        f"URIs: file:{ARCHIVE}\n"
        f"Suites: {codename}\n"
        "Components: main\n"
        f"Signed-By: {provision.KEYRING}\n"
    )


def add_archive(host: Host) -> None:
    """Let `host` (booted with the built archive bound at ARCHIVE) install from it."""
    path = "/etc/apt/sources.list.d/lab-falcot-rtc.sources"
    host.push(path, archive_sources(host.release))
    host.apt("update")


def demonstrate(codename: str) -> int:
    """Build, boot, install and check; leave the host running. The exit code of the checks."""
    needs.install(needs.LAB)
    release = known_release(codename)
    debs = build(release)
    host = Host(
        name=NAME,
        release=codename,
        binds={ARCHIVE: repo(release)},
        extra_packages=depended_on(debs),
        domain=DOMAIN,
    )
    host.prepare()
    with step(f"fresh {codename} host '{NAME}'"):
        host.start()
    add_archive(host)
    with step("apt install falcot-rtc-archive"):
        host.apt("install", "falcot-rtc-archive")
        host.apt("update")
    with step("apt install falcot-rtc, preseeded for falcot.com"):
        host.preseed(PRESEED.read_text(encoding="utf-8"))
        host.apt("install", "falcot-rtc")
    with step(f"zone {DOMAIN} on the client's name server"):
        host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
    failed = [place for place, succeeded in _checks(host) if not succeeded]
    print(farewell(failed))
    return 1 if failed else 0


def _checks(host: Host) -> list[tuple[str, bool]]:
    print("\nfalcot-rtc check, on the host:", flush=True)
    on_host = subprocess.run(host.command(["falcot-rtc", "check"]), env=CLEAN_ENVIRONMENT)
    print(f"\nThe same from a client at {CLIENT_IPV4[0]}:", flush=True)
    from_client = subprocess.run(client_check(host), env=CLEAN_ENVIRONMENT)
    return [("on the host", on_host.returncode == 0), ("client", from_client.returncode == 0)]


def client_check(host: Host, *options: str) -> tuple[str, ...]:
    """The command that checks the site from the client, with a ticket of the host's."""
    ticket = host.run(["falcot-rtc", "check", "--ticket"]).stdout
    path = overlay.root(host.running.directory / "client") / TICKET.strip("/")
    path.touch(mode=0o600)
    path.write_text(ticket, encoding="utf-8")
    python = ("env", f"PYTHONPATH={CHECKOUT}", "PYTHONDONTWRITEBYTECODE=1", "python3")
    check = (*python, "-m", "falcot_rtc.cli", "check", *options, "--with", TICKET)
    return host.client_command(check, own_root=True, binds={REPOSITORY: CHECKOUT})


def farewell(failed: list[str]) -> str:
    verdict = f"FAILED: {', '.join(failed)}" if failed else "All checks passed"
    return "\n".join(
        (
            "",
            f"{verdict}. The host keeps running.",
            f"  addresses   {HOST_IPV4[0]}, {HOST_IPV4[1]}, {HOST_IPV6[0]}",
            f"  spare       {', '.join((*HOST_IPV4[2:], *HOST_IPV6[1:]))}",
            f"  account     admin@{DOMAIN}, password:",
            f'              make demo-shell CMD="cat {PASSWORD}"',
            '  log in      make demo-shell   (one command: make demo-shell CMD="…")',
            f"  as client   ip netns exec {NAME}-client COMMAND",
            "  end         make demo-stop",
        )
    )


def shell(script: str) -> int:
    """Run `script` in the demo host, or without one a login shell; the exit code is passed on."""
    host = Host.find(NAME)
    if script:
        command = host.command(["/bin/sh", "-c", script])
    elif sys.stdin.isatty():
        # Over ssh: the host then has a terminal of its own, which dialogs need.
        command = host.ssh_command(terminal=True)
    else:
        command = host.command(["/bin/bash", "-l"])
    terminal = {"TERM": os.environ.get("TERM", "dumb")}
    return subprocess.run(command, env={**CLEAN_ENVIRONMENT, **terminal}).returncode


def stop() -> int:
    try:
        host = Host.find(NAME)
    except FalcotError:
        print(f"lab host '{NAME}' was not running")
    else:
        host.halt()
    Host.discard(NAME)
    return 0
