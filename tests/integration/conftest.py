# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts for the tests: bare ones, and the site of falcot.com, installed once and booted at will.

`site` is shared by the whole run and must be left as it was; `own_site` is the test's own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab import build, demo, layers
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6
from tests.lab.pool import depended_on
from tests.lab.release import release as known_release

DOMAIN = demo.DOMAIN
PASSWORD = "correct horse battery staple"
PRESEED = demo.PRESEED.read_text(encoding="utf-8").replace(
    "falcot-rtc/admin-password password", f"falcot-rtc/admin-password password {PASSWORD}"
)
# Several runs on one machine, and the workers of one run (pytest-xdist), keep their hosts apart.
PREFIX = os.environ.get("FALCOT_RTC_HOSTS", "") + os.environ.get("PYTEST_XDIST_WORKER", "")
# Written before anything is installed: who starts, and whether our configuration is in force.
RECORDED = (
    "coturn.service",
    "kamailio.service",
    "prosody.service",
    "apache2.service",
    "apache2@falcot-rtc.service",
)
STARTS = "/var/log/starts"
# fail2ban's own place for changes: tests of everything else give wrong passwords as they like.
SPARED = "/etc/fail2ban/jail.d/falcot-rtc.local"
SPARE = "".join(
    f"[falcot-rtc-{role}]\nignoreip = {' '.join((*CLIENT_IPV4, *CLIENT_IPV6))}\n"
    for role in ("turn", "sip", "xmpp", "web")
)
RECORDER = f"""\
[Service]
ExecStartPre=+/bin/sh -c 'echo "%n $(systemctl show --value -p DropInPaths %n)" >> {STARTS}'
"""


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest) -> str:
    """The host's release: that of the run, unless a test asks for its own.

    pytest.mark.parametrize("release", ["bookworm"], indirect=True) makes all fixtures below anew.
    """
    return str(getattr(request, "param", os.environ.get("RELEASE") or "trixie"))


@pytest.fixture(scope="session")
def debs(release: str) -> tuple[Path, ...]:
    return tuple(build.build(known_release(release)))


@pytest.fixture(scope="session")
def archive(release: str, debs: tuple[Path, ...]) -> Path:
    return build.repo(known_release(release))


@pytest.fixture(scope="session")
def bare(release: str, archive: Path, debs: tuple[Path, ...]) -> Iterator[Callable[..., Host]]:
    """Makes bare hosts that know the archive, each under its own name; they end with the run."""
    with ExitStack() as running:

        def make(name: str, **more: Any) -> Host:
            host = Host(
                name=PREFIX + name,
                release=release,
                binds={demo.ARCHIVE: archive},
                extra_packages=depended_on(list(debs)),
                domain=DOMAIN,
                **more,
            )
            running.enter_context(host)
            demo.add_archive(host)
            for unit in RECORDED:
                host.push(f"/etc/systemd/system/{unit}.d/99-recorder.conf", RECORDER)
            host.run(["systemctl", "daemon-reload"])
            return host

        yield make


def install(host: Host) -> None:
    """What the README says, preseeded with the handbook's values."""
    demo.add_archive(host)
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    host.preseed(PRESEED)
    host.push(SPARED, SPARE)
    host.apt("install", "falcot-rtc")


@pytest.fixture(scope="session")
def installed(release: str, archive: Path, debs: tuple[Path, ...]) -> tuple[Path, ...]:
    """The layers of a host with falcot.com's site on it."""
    packages = [hashlib.sha256(deb.read_bytes()).hexdigest() for deb in sorted(debs)]
    return layers.frozen(
        "installed",
        install,
        key=[packages, PRESEED],
        release=release,
        binds={demo.ARCHIVE: archive},
        extra_packages=depended_on(list(debs)),
    )


@contextmanager
def booted(
    name: str, release: str, installed: tuple[Path, ...], archive: Path, **more: Any
) -> Iterator[Host]:
    """A host with the site on it, whose zone the client's name server serves."""
    binds = {demo.ARCHIVE: archive}
    with Host(
        name=PREFIX + name, release=release, lowers=installed, binds=binds, domain=DOMAIN, **more
    ) as host:
        host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
        yield host


@pytest.fixture(scope="session")
def site(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """The site that all tests share; its zone is served to the client. Leave it as it is."""
    with booted("site", release, installed, archive) as host:
        yield host


@pytest.fixture
def own_site(
    request: pytest.FixtureRequest, release: str, installed: tuple[Path, ...], archive: Path
) -> Iterator[Host]:
    """A site of the test's own, to be broken."""
    name = "own-" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]
    with booted(name, release, installed, archive) as host:
        yield host
