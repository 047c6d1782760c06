# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconfigure, reinstall, remove and purge, as dpkg(1) does them on real hosts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.conftest import DOMAIN, PRESEED, booted, install
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    SSH,
    STOCK,
    Listener,
    active,
    assert_fine,
    declared,
    invocations,
    listeners,
    own_lines,
    units,
)
from tests.lab.command import run
from tests.lab.host import Host

SPARE_IPV6 = "2001:db8:1000:2000::21"
ADMIN_DATA = "/var/lib/prosody/falcot%2ecom/accounts"


def reconfigure(host: Host, **answers: str) -> list[str]:
    """Answer anew by preseed; what falcot-rtc said."""
    kinds = dict(re.findall(r"(?m)^falcot-rtc falcot-rtc/(\S+) (\S+)", PRESEED))
    rows = [f"falcot-rtc falcot-rtc/{name} {kinds[name]} {answers[name]}\n" for name in answers]
    host.preseed("".join(rows))
    done = host.run(["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"])
    return own_lines(done.stdout + done.stderr)


def ports_of(host: Host, address: str) -> set[tuple[str, int]]:
    return {(protocol, port) for protocol, at, port in listeners(host) if at == address}


# reconfigure


@pytest.fixture(scope="module")
def changed(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site that the tests of this section change and bring back."""
    with booted("changed", release, installed, archive) as host:
        yield host


def test_services_go_and_come_back(changed: Host) -> None:
    reconfigure(changed, services="turn, web")
    assert active(changed, (*DAEMONS, SOCKET)) == {
        "coturn.service",
        "apache2@falcot-rtc.service",
        SOCKET,
    }
    gone = units(changed, ["kamailio.service", "prosody.service"], "ActiveState", "UnitFileState")
    assert set(gone.values()) == {("inactive", "disabled")}
    assert not changed.exists("/etc/systemd/system/kamailio.service.d/50-falcot-rtc.conf")
    assert not changed.exists(f"/etc/prosody/conf.d/{DOMAIN}.cfg.lua")
    assert not changed.exists(f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua")
    assert not changed.exists("/etc/falcot-rtc/current/sip")
    assert {port for _, _, port in listeners(changed)} & {5061, 8443, 5222, 5269} == set()
    assert_fine(changed)

    reconfigure(changed, services="turn, sip, xmpp, web")
    assert active(changed, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
    assert set(units(changed, DAEMONS, "UnitFileState").values()) == {("enabled",)}
    assert changed.exists(f"/etc/prosody/conf.d/{DOMAIN}.cfg.lua")
    assert_fine(changed)


def test_services_that_were_dropped_stay_off_after_a_reboot(changed: Host) -> None:
    reconfigure(changed, services="turn, web")
    changed.reboot()
    assert active(changed, STOCK) == {"coturn.service"}
    assert_fine(changed)
    reconfigure(changed, services="turn, sip, xmpp, web")
    assert_fine(changed)


def test_another_address_moves_every_listener(changed: Host) -> None:
    (old,) = {row["address"] for row in declared(changed) if row["family"] == "ipv6"}
    before = ports_of(changed, old)
    assert len(before) > 10
    kept = invocations(changed)
    reconfigure(changed, ipv6=SPARE_IPV6)
    declared_ports = {(row["protocol"], row["port"]) for row in declared(changed)
                      if row["address"] == SPARE_IPV6 and row["last_port"] is None}  # fmt: skip
    assert declared_ports <= ports_of(changed, SPARE_IPV6)
    assert ports_of(changed, old) == set()
    assert SPARE_IPV6 in changed.run(["falcot-rtc", "dns", "show"]).stdout
    assert old not in changed.run(["falcot-rtc", "dns", "show"]).stdout
    assert all(invocations(changed)[unit] != kept[unit] for unit in DAEMONS)
    assert changed.run(
        ["grep", "--recursive", "--files-with-matches", "--fixed-strings", old,
         "/etc/falcot-rtc/current/", "/etc/systemd/system"], check=False,
    ).stdout == ""  # fmt: skip
    assert_fine(changed)

    reconfigure(changed, ipv6=old)
    assert ports_of(changed, SPARE_IPV6) == set()
    assert_fine(changed)


def test_another_administrator_has_an_account_and_the_role(changed: Host) -> None:
    reconfigure(changed, admin="rhertzog", **{"admin-password": "another horse, another battery"})
    settings = changed.read("/etc/falcot-rtc/settings.toml")
    assert 'admin = "rhertzog"' in settings
    prosody = changed.read(f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua")
    assert f"rhertzog@{DOMAIN}" in prosody
    assert f'"admin@{DOMAIN}"' not in prosody
    # The former administrator is still a person with an account.
    names = set(changed.run(["ls", ADMIN_DATA]).stdout.split())
    assert {"admin.dat", "rhertzog.dat"} <= names
    assert "another horse" not in changed.read("/var/cache/debconf/passwords.dat")
    assert_fine(changed)
    reconfigure(changed, admin="admin")
    assert_fine(changed)


def test_the_same_answers_change_nothing(changed: Host) -> None:
    before, link = invocations(changed), changed.run(["readlink", "/etc/falcot-rtc/current"])
    assert reconfigure(changed) == []
    assert invocations(changed) == before
    assert changed.run(["readlink", "/etc/falcot-rtc/current"]).stdout == link.stdout


# reinstall, apply


def own_files(host: Host) -> set[str]:
    """Every file of ours with its metadata, written when and by whom."""
    shown = "%p %y %u:%g %m %s %T@ %l\n"
    where = ("/etc/falcot-rtc", "/var/lib/falcot-rtc/generations", "/var/lib/falcot-rtc/tls",
             "/etc/systemd/system", "/etc/prosody")  # fmt: skip
    found = host.run(["find", *where, "-not", "-type", "d", "-printf", shown]).stdout
    # dpkg unpacks conffiles anew, with the time of the package.
    return {line for line in found.splitlines() if "/policy.d/" not in line}


def test_reinstall_and_second_apply_change_nothing(changed: Host) -> None:
    before, files = invocations(changed), own_files(changed)
    changed.apt("install", "--reinstall", "falcot-rtc", "python3-falcot-rtc")
    assert invocations(changed) == before
    assert own_files(changed) == files
    assert changed.run(["falcot-rtc", "apply"]).stdout == "nothing to do\n"
    assert changed.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert invocations(changed) == before
    assert own_files(changed) == files
    assert_fine(changed)


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
THEIRS = re.compile(r"/etc/networks$|/etc/prosody(/certs)?$|/var/lib/apache2$|/run/adduser$")
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
