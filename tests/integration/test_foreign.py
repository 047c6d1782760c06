# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of somebody's own, there before falcot-rtc: left alone, and told what is in the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.conftest import PRESEED
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    STOCK,
    active,
    assert_fine,
    own_lines,
    starts,
    units,
)
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

SITE = """\
<VirtualHost *:80>
	ServerName mine.example
	DocumentRoot /srv/mine
	<Directory /srv/mine>
		Require all granted
	</Directory>
</VirtualHost>
"""
PHONES = f"""\
[Service]
ExecStart=/usr/bin/python3 -m http.server --bind {HOST_IPV4[0]} --directory /srv/mine 5061
"""
MINE = "somebody's own page\n"
IDENTITY = ("MainPID", "InvocationID", "ActiveState", "UnitFileState")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A host with services of somebody's own: how they were, and what apt said afterwards."""

    host: Host
    running: dict[str, tuple[str, ...]]
    files: str
    verified: str
    code: int
    text: str


def hashes(host: Host, *paths: str) -> str:
    """The content and owners of all that lies below `paths`."""
    listed = " ".join(paths)
    return host.shell(
        f"find {listed} -type f -exec sha256sum {{}} + | sort -k2;"
        f" find {listed} -printf '%p %l %u %g %m\\n' | sort"
    ).stdout


def install(host: Host, preseed: str, own: tuple[str, ...], below: tuple[str, ...]) -> Installed:
    running, files = units(host, own, *IDENTITY), hashes(host, *below)
    host.preseed(preseed)
    verified = host.run(["dpkg", "--verify"], check=False).stdout
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    seen = host.run(["apt", "--yes", "install", "falcot-rtc"], check=False, env=quiet)
    text = seen.stdout + seen.stderr
    return Installed(
        host=host,
        running=running,
        files=files,
        verified=verified,
        code=seen.returncode,
        text=text,
    )


def prepared(host: Host, *packages: str) -> None:
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    host.apt("install", "--no-install-recommends", *packages)


def installed_well(found: Installed) -> None:
    assert found.code == 0, found.text
    assert found.host.run(["dpkg", "--audit"]).stdout == ""
    packages = found.host.run(["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}\n"])
    assert set(packages.stdout.split()) == {"ii"}


# ports of ours in use

HOLDERS = ("apache2.service", "phones.service")
CONFIGURATION = ("/etc/apache2", "/etc/systemd/system/phones.service", "/srv/mine")


@pytest.fixture(scope="module")
def taken(bare: Callable[..., Host]) -> Installed:
    host = bare("taken")
    prepared(host, "apache2", "python3")
    host.push("/srv/mine/index.html", MINE)
    host.push("/etc/apache2/sites-available/mine.conf", SITE)
    host.push("/etc/systemd/system/phones.service", PHONES)
    host.shell("a2dissite 000-default; a2ensite mine; systemctl daemon-reload")
    host.run(["systemctl", "restart", *HOLDERS])
    return install(host, PRESEED, HOLDERS, CONFIGURATION)


def page(host: Host, port: int) -> str:
    """What the client gets; curl tries again while a server is still opening its port."""
    again = ("--retry", "5", "--retry-connrefused", "--silent", "--show-error")
    header = ("--header", "Host: mine.example")
    return host.client(
        ["curl", *again, *header, f"http://{HOST_IPV4[0]}:{port}/"], own_root=True
    ).stdout


def assert_untouched(found: Installed) -> None:
    assert units(found.host, found.running, *IDENTITY) == found.running
    assert found.host.run(["dpkg", "--verify"], check=False).stdout == found.verified
    assert {state for _, _, state, _ in found.running.values()} == {"active"}


def test_install_beside_taken_ports_succeeds_and_holds(taken: Installed) -> None:
    installed_well(taken)
    ours = set(DAEMONS) | {SOCKET}
    assert active(taken.host, ours) == set()
    assert "held        coturn.service" in taken.host.run(["falcot-rtc", "status"]).stdout


def message(text: str) -> str:
    (line,) = own_lines(text)
    return line


def assert_names_phones(line: str, pid: str) -> None:
    for named in (
        f"sip-tls-ipv4: tcp {HOST_IPV4[0]}:5061 is taken by 'python3'",
        f"process {pid}, phones.service",
        "(and 2 more)",
        "(hint: stop it or move it to another address, then falcot-rtc apply",
    ):
        assert named in line


def test_the_message_names_endpoint_holder_and_fix(taken: Installed) -> None:
    assert_names_phones(message(taken.text), taken.running["phones.service"][0])
    again = taken.host.run(["falcot-rtc", "apply"], check=False)
    assert again.returncode == 1
    assert_names_phones(message(again.stderr), taken.running["phones.service"][0])


def test_the_holders_are_untouched(taken: Installed) -> None:
    assert_untouched(taken)
    assert hashes(taken.host, *CONFIGURATION) == taken.files
    assert page(taken.host, 80) == MINE
    assert page(taken.host, 5061) == MINE


def test_with_one_holder_gone_the_other_is_named(taken: Installed) -> None:
    taken.host.run(["systemctl", "stop", "phones.service"])
    again = taken.host.run(["falcot-rtc", "apply"], check=False)
    assert again.returncode == 1
    line = message(again.stderr)
    pid = taken.running["apache2.service"][0]
    assert re.search(r"web-http-ipv[46]: tcp \S+:80 is taken by 'apache2' \(process \d+, ", line)
    assert "apache2.service)" in line
    members = taken.host.read("/sys/fs/cgroup/system.slice/apache2.service/cgroup.procs").split()
    named = re.findall(r"process (\d+)", line)
    assert pid in members
    assert set(named) <= set(members)
    assert page(taken.host, 80) == MINE


def test_once_the_holders_are_gone_apply_starts_everything(taken: Installed) -> None:
    taken.host.run(["systemctl", "stop", "apache2.service"])
    taken.host.run(["falcot-rtc", "apply"])
    assert active(taken.host, ("apache2.service", *DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
    assert_fine(taken.host)
    assert taken.host.run(["find", "/etc/systemd", "/run/systemd", "-name", "*hold*"]).stdout == ""


# not managed at all

OWN = ("coturn.service", "prosody.service")
OWN_FILES = ("/etc/turnserver.conf", "/etc/prosody", "/etc/default/coturn")


@pytest.fixture(scope="module")
def unmanaged(bare: Callable[..., Host]) -> Installed:
    host = bare("unmanaged")
    prepared(host, "coturn", "prosody")
    host.push("/etc/turnserver.conf", "listening-port=3555\nrealm=mine.example\n")
    host.push("/etc/prosody/conf.d/mine.cfg.lua", 'VirtualHost "mine.example"\n')
    host.run(["systemctl", "restart", *OWN])
    manage = "falcot-rtc falcot-rtc/manage boolean false\n"
    return install(host, manage, OWN, OWN_FILES)


def test_unmanaged_install_succeeds(unmanaged: Installed) -> None:
    installed_well(unmanaged)


def test_unmanaged_services_run_on_as_they_were(unmanaged: Installed) -> None:
    assert_untouched(unmanaged)
    assert hashes(unmanaged.host, *OWN_FILES) == unmanaged.files


def test_what_came_along_does_not_run(unmanaged: Installed) -> None:
    came = (set(STOCK) | set(DAEMONS) | {SOCKET}) - set(OWN)
    assert active(unmanaged.host, came) == set()
    assert {unit for unit, _ in starts(unmanaged.host)} <= set(OWN)


def test_nothing_is_held_or_configured(unmanaged: Installed) -> None:
    host = unmanaged.host
    status = host.run(["falcot-rtc", "status"]).stdout
    assert "not managed" in status
    assert not re.search(r"(?m)^(held|pending) ", status)
    assert host.run(["falcot-rtc", "apply"]).stdout == "nothing to do\n"
    assert not host.exists("/etc/falcot-rtc/current")
    checked = host.run(["falcot-rtc", "check"], check=False)
    assert checked.returncode == 1
    assert "manage = false" in message(checked.stderr)
    left = host.run(["find", "/etc/systemd", "/run/systemd", "-name", "*falcot-rtc*.conf"]).stdout
    assert left == ""


def test_a_reboot_changes_nothing_of_that(unmanaged: Installed) -> None:
    unmanaged.host.reboot()
    assert active(unmanaged.host, STOCK) == set(OWN)
