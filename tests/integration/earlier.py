# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with the previous version on them, and an archive that has this one as well."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.conftest import DOMAIN, PREFIX, PRESEED, RECORDED, RECORDER
from tests.integration.people import Person
from tests.lab import build, demo, history, layers, source
from tests.lab.cache import REPOSITORY
from tests.lab.host import Host
from tests.lab.pool import depended_on
from tests.lab.release import release as known_release

ORIGIN = (
    'Unattended-Upgrade::Origins-Pattern { "origin=falcot-rtc,codename=${distro_codename}"; };\n'
)
# An upgrade that may install new packages keeps back what would lack something recommended, which
# the lab's archive leaves out otherwise: here of us, cracklib-runtime, fail2ban and certbot.
RECOMMENDED = (
    *("certbot", "python3-icu"),
    *("wamerican", "whois", "python3-pyinotify", "python3-setuptools"),
)
PACKAGES = ("falcot-rtc", "python3-falcot-rtc", "falcot-rtc-archive")

# By the library of either version; that of tests.integration.people is this one's.
ADD = """
import json, sys
from falcot_rtc import apply
from falcot_rtc.accounts import sync
from falcot_rtc.host import Host

host = Host()
with host.lock():
    site, _ = apply.read_site(host)
    realm = site.settings.realm
    with sync.open_store(host) as store:
        for name, password in json.load(sys.stdin).items():
            store.add(name, realm, realm=realm, password=password, kind=sync.kind(site))
    sync.project(host, site)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The previous version as at one `end` of its span in git ("first", "last"): its packages,
    an archive of them, one that has this version too, and what both need of Debian."""

    release: str
    end: str
    version: str
    debs: tuple[Path, ...]
    old_archive: Path
    both: Path
    needed: tuple[str, ...]

    def frozen(self, name: str, prepare: Callable[[Host], None]) -> tuple[Path, ...]:
        """The layers of a host of that time; `prepare` finds its archive in place."""

        def whole(host: Host) -> None:
            for unit in RECORDED:
                host.push(f"/etc/systemd/system/{unit}.d/99-recorder.conf", RECORDER)
            host.run(["systemctl", "daemon-reload"])
            demo.add_archive(host)
            host.install("falcot-rtc-archive", "unattended-upgrades")
            # The test decides when.
            host.run(["systemctl", "mask", "--now", "apt-daily.timer", "apt-daily-upgrade.timer"])
            host.apt("update")
            prepare(host)

        digests = [hashlib.sha256(deb.read_bytes()).hexdigest() for deb in self.debs]
        return layers.frozen(
            f"earlier-{name}-{self.end}",
            whole,
            # Two of them may be made at the same time: the host is named after this.
            key=[name, digests, RECORDER, PRESEED],
            release=self.release,
            binds={demo.ARCHIVE: self.old_archive},
            extra_packages=self.needed,
        )

    @contextmanager
    def booted(self, name: str, prepare: Callable[[Host], None]) -> Iterator[Host]:
        """That host, where apt finds this version."""
        with Host(
            name=f"{PREFIX}{name}-{self.end}",
            release=self.release,
            lowers=self.frozen(name, prepare),
            binds={demo.ARCHIVE: self.both},
            extra_packages=self.needed,
            domain=DOMAIN,
        ) as host:
            host.apt("update")
            yield host


def earlier(release: str, end: str, place: Path) -> Earlier:
    """That version, built if need be; the common archive is made in `place`."""
    known = known_release(release)
    found = history.span()
    commit = found.first if end == "first" else found.last
    tree = history.checkout(commit)
    debs, new = build.build(known, tree), build.build(known)
    both = place / "archive"
    # apt takes no index that is older than the one it has: this one is made after the old one.
    old_archive = build.repo(known, tree)
    build.publish(known, (*debs, *new), both)
    needed = {*depended_on(debs), *depended_on(new), *RECOMMENDED, "unattended-upgrades"}
    return Earlier(
        release=release,
        end=end,
        version=f"{found.version}{known.suffix}",
        debs=debs,
        old_archive=old_archive,
        both=both,
        needed=tuple(sorted(needed)),
    )


def present(release: str) -> str:
    """The version that this source builds."""
    changelog = (REPOSITORY / history.CHANGELOG).read_text(encoding="utf-8")
    return source.version(changelog) + known_release(release).suffix


def installed(host: Host) -> dict[str, str]:
    """dpkg's state and the version of each package of ours."""
    shown = "--showformat=${Package} ${db:Status-Abbrev}${Version}\n"
    rows = host.run(["dpkg-query", "--show", shown, *PACKAGES]).stdout.splitlines()
    return dict(row.split(" ", 1) for row in rows)


def add_people(host: Host, people: tuple[Person, ...]) -> None:
    given = {person.name: person.password for person in people}
    host.run(["python3", "-c", ADD], input=json.dumps(given))


def unattended(host: Host) -> subprocess.CompletedProcess[str]:
    """What apt-daily-upgrade.service does, our archive being allowed as docs/upgrades.md says."""
    host.push("/etc/apt/apt.conf.d/52unattended-upgrades-falcot-rtc", ORIGIN)
    return host.run(["unattended-upgrade", "--verbose"], check=False)
