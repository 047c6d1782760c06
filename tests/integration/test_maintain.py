# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reinstall, remove and purge, as dpkg(1) does them on real hosts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.conftest import PRESEED, SPARED, install
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    SSH,
    STOCK,
    Listener,
    active,
    assert_fine,
    invocations,
    listeners,
    own_lines,
    units,
)
from tests.lab.command import run
from tests.lab.host import Host

# reinstall, apply


def own_files(host: Host) -> set[str]:
    """Every file of ours with its metadata, written when and by whom."""
    shown = "%p %y %u:%g %m %s %T@ %l\n"
    where = ("/etc/falcot-rtc", "/var/lib/falcot-rtc/generations", "/var/lib/falcot-rtc/tls",
             "/etc/systemd/system", "/etc/prosody")  # fmt: skip
    found = host.run(["find", *where, "-not", "-type", "d", "-printf", shown]).stdout
    # dpkg unpacks conffiles anew, with the time of the package.
    return {line for line in found.splitlines() if "/policy.d/" not in line}


def test_reinstall_and_second_apply_change_nothing(own_site: Host) -> None:
    before, files = invocations(own_site), own_files(own_site)
    own_site.apt("install", "--reinstall", "falcot-rtc", "python3-falcot-rtc")
    assert invocations(own_site) == before
    assert own_files(own_site) == files
    assert own_site.run(["falcot-rtc", "apply"]).stdout == "nothing to do\n"
    assert own_site.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert invocations(own_site) == before
    assert own_files(own_site) == files
    assert_fine(own_site)


# remove


def test_remove_lets_go_of_services_that_came_with_us(own_site: Host) -> None:
    host = own_site
    done = host.apt("remove", "falcot-rtc")
    assert active(host, (*STOCK, *DAEMONS, SOCKET)) == set()
    assert listeners(host) <= SSH
    enabled = units(host, STOCK, "UnitFileState")
    assert set(enabled.values()) == {("disabled",)}
    said = own_lines(done.stdout + done.stderr)
    for unit in DAEMONS:
        for verb in ("stop", "disable"):
            assert any(verb in line and unit in line for line in said)
    left = host.run(["find", "/etc/systemd", "/run/systemd/system", "/etc/prosody",
                     "-name", "*falcot*"]).stdout  # fmt: skip
    assert left == ""
    assert host.run(["find", "/etc", "-xtype", "l", "-lname", "*falcot*"]).stdout == ""
    assert not host.exists("/etc/apache2-falcot-rtc")
    assert "falcot" not in host.run(["nft", "list", "ruleset"]).stdout
    assert host.run(["dpkg", "--verify"], check=False).stdout == ""
    host.reboot()
    assert active(host, (*STOCK, *DAEMONS, SOCKET)) == set()
    # What people have is kept until purge.
    assert host.exists("/var/lib/falcot-rtc/accounts.sqlite")
    host.apt("install", "falcot-rtc")
    assert_fine(host)


def stock_listeners(host: Host) -> set[Listener]:
    """Listeners that stay the same from one start of the stock services to the next."""
    return {one for one in listeners(host) if one[2] in (22, 3478, 5222, 5269)}


def test_remove_gives_back_what_ran_before(bare: Callable[..., Host]) -> None:
    host = bare("foreign")
    host.install("coturn", "prosody")
    host.run(["systemctl", "disable", "--now", "prosody.service"])
    host.run(["systemctl", "enable", "--now", "coturn.service"])
    before = stock_listeners(host)
    assert len(before) > len(SSH)
    install(host)
    assert_fine(host)
    done = host.apt("remove", "falcot-rtc")
    assert active(host, (*STOCK, *DAEMONS, SOCKET)) == {"coturn.service"}
    # enabled and running before, neither, and two that came with us
    assert units(host, STOCK, "UnitFileState") == {
        "coturn.service": ("enabled",),
        "kamailio.service": ("disabled",),
        "prosody.service": ("disabled",),
        "apache2.service": ("disabled",),
    }
    (argv,) = units(host, ["coturn.service"], "ExecStart")["coturn.service"]
    assert "/etc/turnserver.conf" in argv
    assert "falcot" not in argv
    assert stock_listeners(host) == before
    assert any("start coturn.service" in line for line in own_lines(done.stdout + done.stderr))


# purge

PLACES = ("/etc", "/home", "/opt", "/root", "/run", "/run/lock", "/srv", "/tmp", "/usr", "/var")
# What the system keeps for itself, whatever is installed and removed.
SYSTEMS = re.compile(
    r"/var/lib/(dpkg|apt|ucf)(/|$)|/var/cache/(apt|debconf|ldconfig|man)(/|$)"
    r"|/var/log(/|$)|/run/(systemd|udev|log|user)(/|$)|/run/agetty\.reload$"
    r"|/(var/)?tmp/systemd-private-|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$"
)
# What other packages leave behind when they are purged.
THEIRS = re.compile(
    r"/etc/networks$|/etc/prosody(/certs)?$|/var/lib/apache2$|/run/adduser$|/var/cache/cracklib(/|$)|"
    r"/etc/fail2ban(/jail\.d)?$"
)
THEIR_NAMES = {"kamailio", "prosody", "ssl-cert"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A host's files with kind, owner and mode; those that speak of us; its users and groups."""

    files: frozenset[str]
    named: frozenset[str]
    speaking: frozenset[str]
    names: frozenset[str]


def listing(host: Host) -> Listing:
    """What is on a host, without the files of installed packages."""
    packaged = set(host.shell("cat /var/lib/dpkg/info/*.list").stdout.splitlines())
    # What lies below a directory that is a link by now, such as /lib, is known by its old name.
    packaged |= {f"/usr{name}" for name in packaged}
    shown = host.run(["find", *PLACES, "-xdev", "-printf", "%p %y %u:%g %m\n"]).stdout.splitlines()
    files = {line for line in shown if line.rsplit(" ", 3)[0] not in packaged}
    search = ["grep", "--recursive", "--files-with-matches", "--devices=skip", "--no-messages"]
    speaking = host.run([*search, "falcot", "/etc", "/run", "/var/lib", "/usr/local"], check=False)
    names = host.shell("getent passwd; getent group").stdout
    return Listing(
        files=frozenset(line for line in files if not SYSTEMS.match(line.split()[0])),
        named=frozenset(line for line in shown if "falcot" in line),
        speaking=frozenset(speaking.stdout.splitlines()),
        names=frozenset(line.split(":")[0] for line in names.splitlines()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    host: Host
    before: Listing
    after: Listing


@pytest.fixture(scope="module")
def purged(bare: Callable[..., Host]) -> Purged:
    host = bare("purged")
    before = listing(host)
    install(host)
    assert_fine(host)
    assert len(listing(host).named) > len(before.named) + 50
    host.apt("purge", "falcot-rtc", "python3-falcot-rtc", "falcot-rtc-archive")
    host.apt("autopurge")
    host.run(["rm", SPARED])  # the lab's own
    return Purged(host=host, before=before, after=listing(host))


def test_purge_leaves_no_file(purged: Purged) -> None:
    left = purged.after.files - purged.before.files
    assert {line for line in left if not THEIRS.match(line.split()[0])} == set()
    assert purged.before.files - purged.after.files == frozenset()


def test_purge_leaves_nothing_that_is_named_after_us(purged: Purged) -> None:
    left = purged.after.named - purged.before.named
    # apt's own copies of the archive's indexes
    assert {line for line in left if not line.startswith("/var/lib/apt/lists/")} == set()


def test_purge_leaves_nothing_that_speaks_of_us(purged: Purged) -> None:
    left = purged.after.speaking - purged.before.speaking
    # the databases of before the last change, and apt's lists
    allowed = re.compile(r"/var/lib/(apt|dpkg)/|/run/(log|systemd)/")
    assert {name for name in left if not allowed.match(name)} == set()


def test_purge_leaves_no_user(purged: Purged) -> None:
    assert purged.after.names - purged.before.names <= THEIR_NAMES
    assert purged.before.names <= purged.after.names


def test_purge_leaves_no_answer(purged: Purged) -> None:
    assert purged.host.run(["debconf-show", "falcot-rtc"]).stdout == ""


def test_purge_leaves_no_packet_filter_and_listener(purged: Purged) -> None:
    inside = ("ip", "netns", "exec", purged.host.running.network.name)
    assert "falcot" not in run([*inside, "nft", "list", "ruleset"]).stdout
    assert listeners(purged.host) <= SSH


def test_install_after_purge_asks_again(purged: Purged) -> None:
    host = purged.host
    host.apt("install", "falcot-rtc-archive")
    host.apt("update")
    done = host.apt("install", "falcot-rtc")
    (line,) = own_lines(done.stdout + done.stderr)
    assert "no domain" in line
    assert active(host, (*STOCK, *DAEMONS, SOCKET)) == set()
    host.preseed(PRESEED)
    host.run(["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"])
    assert_fine(host)
