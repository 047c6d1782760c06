# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet filter on a real host, seen by nmap from outside: open is what is written here."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import outside
from tests.integration.conftest import booted
from tests.integration.observe import until
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4

IPV4, ALTERNATE, IPV6 = "198.51.100.19", "198.51.100.20", "2001:db8:1000:2000::19"
SSH = 2222
# By hand: what the site lets in, by address.
TURN = {3478, 3479, 5349}
OPEN = {80, 443, 5061, 5222, 5223, 5269, 5270, 5281, 8443, *TURN, SSH}
# Somebody else's services, and one of ours for the own network alone.
FOREIGN, CHOSEN, INTERNAL = 8000, 8025, 5060
FOREIGN_TABLE = """
table inet theirs {
  chain input { type filter hook input priority filter; policy accept; tcp dport 9999 drop; }
}
"""
UNIT = "falcot-rtc-firewall.service"
ALSO = f'also-open = ["tcp/{CHOSEN}"]\n'


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site with sshd on another port, two foreign listeners and a foreign table."""
    with booted("fire", release, installed, archive) as made:
        made.push("/etc/ssh/sshd_config.d/port.conf", f"Port {SSH}\n")
        made.run(["systemctl", "restart", "ssh.service"])
        made.push("/etc/falcot-rtc/policy.d/firewall.toml", ALSO)
        made.push("/root/theirs.nft", FOREIGN_TABLE)
        made.run(["nft", "-f", "/root/theirs.nft"])
        for port in (FOREIGN, CHOSEN):
            made.run(
                ["systemd-run", "--quiet", f"--unit=listener-{port}", "/usr/bin/python3", "-m",
                 "http.server", str(port), "--directory", "/usr/share/doc"]
            )  # fmt: skip
        made.run(["falcot-rtc", "config", "set", "sip.internal-tcp", "true"])
        made.run(["falcot-rtc", "apply"])
        yield made


def scanned(host: Host, address: str, *options: str) -> dict[int, str]:
    """The state of each port that nmap tells, by number."""
    family = ("-6",) if ":" in address else ()
    shown = outside.run(
        host, "nmap", "-n", "-Pn", "--max-retries", "2", "-oG", "-",
        *family, *options, address, check=True,
    ).stdout  # fmt: skip
    return {int(port): state for port, state in re.findall(r"(\d+)/([a-z|]+)/", shown)}


def open_tcp(host: Host, address: str) -> set[int]:
    found = scanned(host, address, "-sS", "-p-", "--open", "--min-rate", "4000")
    return {port for port, state in found.items() if state == "open"}


def assert_open(host: Host, address: str, wanted: set[int]) -> None:
    """A scan on a busy machine may miss an answer; a port too many is in every scan."""
    assert until(lambda: open_tcp(host, address), lambda found: found == wanted) == wanted


def is_loaded(host: Host) -> bool:
    done = host.run(["nft", "list", "table", "inet", "falcot_rtc_ports"], check=False)
    return done.returncode == 0


def wait_for_end(host: Host) -> None:
    deadline = time.monotonic() + outside.PATIENCE
    while is_loaded(host):
        assert time.monotonic() < deadline, "it was not taken back"
        time.sleep(0.5)


def load(host: Host, *options: str) -> str:
    return host.run(["falcot-rtc", "ports", "load", "--yes", *options]).stdout


def test_all_is_open_before(host: Host) -> None:
    assert until(lambda: open_tcp(host, IPV4), lambda found: found >= {FOREIGN, CHOSEN, INTERNAL})


def test_it_is_shown_with_all_that_it_changes_and_nothing_is_done_unasked(host: Host) -> None:
    done = host.run(["falcot-rtc", "ports", "load"], check=False)
    assert done.returncode == 2 and "give --yes" in done.stderr
    assert f"ssh stays reachable at tcp {SSH}\n" in done.stdout
    assert "table inet theirs, chain input: filters as well" in done.stdout
    assert f"tcp 0.0.0.0:{FOREIGN} could not be reached any more" in done.stdout
    assert str(CHOSEN) not in done.stdout.partition("# ssh stays")[2]
    assert not is_loaded(host)


def test_without_a_confirmation_it_is_taken_back(host: Host) -> None:
    load(host, "--seconds", "5")
    wait_for_end(host)
    late = host.run(["falcot-rtc", "ports", "confirm"], check=False)
    assert late.returncode == 1 and "taken back" in late.stderr
    assert host.run(["falcot-rtc", "config", "get", "firewall"]).stdout.strip() != "true"


@pytest.fixture(scope="module")
def filtered(host: Host) -> Host:
    load(host)
    host.run(["falcot-rtc", "ports", "confirm"])
    return host


def test_open_is_exactly_what_is_meant_for_strangers(filtered: Host) -> None:
    assert_open(filtered, IPV4, OPEN | {CHOSEN})
    assert_open(filtered, ALTERNATE, TURN | {SSH, CHOSEN})
    listed = json.loads(filtered.run(["falcot-rtc", "ports", "--json"]).stdout)
    announced = {
        row["port"] for row in listed
        if (row["address"], row["protocol"], row["reach"]) == (IPV4, "tcp", "public")
    }  # fmt: skip
    assert announced == OPEN - {SSH}


def test_the_same_over_ipv6(filtered: Host) -> None:
    # The foreign listeners are for IPv4.
    assert_open(filtered, IPV6, OPEN)


def test_datagrams_reach_turn_and_its_relays_alone(filtered: Host) -> None:
    # Where nobody listens, closed tells that it came through, open|filtered that it did not.
    ports = "3478,3479,49152,50000,65535,123,5353,40000,49151"
    wanted = {3478, 3479, 49152, 50000, 65535}

    def through() -> set[int]:
        found = scanned(filtered, IPV4, "-sU", "-p", ports, "--max-rate", "5")
        return {port for port, state in found.items() if state in ("open", "closed")} | {
            port for port in (3478, 3479)
            if "UDP reflexive addr"
            in outside.run(filtered, "turnutils_stunclient", "-p", str(port), IPV4).stdout
        }  # fmt: skip

    assert until(through, lambda found: found == wanted) == wanted


def test_ssh_and_ping_work(filtered: Host) -> None:
    login = ["ssh", "-F", str(filtered.ssh_config()), "-p", str(SSH), filtered.name, "echo", "in"]
    assert run(login).stdout == "in\n"
    ping = ("nmap", "-n", "-sn", "-PE", "--disable-arp-ping", "--send-ip")
    for target in ((IPV4,), ("-6", IPV6)):
        assert "Host is up" in outside.run(filtered, *ping, *target).stdout


def test_everything_works_from_outside(filtered: Host) -> None:
    results = json.loads(run(demo.client_check(filtered, "--json"), check=False).stdout)
    # The client is no part of the own network, for which alone SIP over plain TCP is.
    failed = {r["id"] for r in results if r["status"] == "fail"}
    assert failed == {"sip.options.tcp.ipv4"}
    assert len(results) > 40


def test_the_own_network_reaches_what_is_for_it(filtered: Host) -> None:
    near = ALSO + f'internal-networks = ["{CLIENT_IPV4[0]}/32"]\n'
    filtered.push("/etc/falcot-rtc/policy.d/firewall.toml", near)
    filtered.run(["falcot-rtc", "apply"])
    results = json.loads(run(demo.client_check(filtered, "--json")).stdout)
    assert not [r for r in results if r["status"] == "fail"]
    from_elsewhere = scanned(
        filtered, IPV4, "-sS", "-S", CLIENT_IPV4[1], "-e", "eth0", "-p", "5060"
    )
    assert from_elsewhere == {INTERNAL: "filtered"}


def test_it_follows_the_services(filtered: Host) -> None:
    filtered.run(["falcot-rtc", "config", "set", "services", "turn, xmpp, web"])
    filtered.run(["falcot-rtc", "apply"])
    rules = filtered.run(["nft", "list", "table", "inet", "falcot_rtc_ports"]).stdout
    assert "5061" not in rules and "5222" in rules and str(SSH) in rules
    filtered.run(["falcot-rtc", "config", "set", "services", "turn, sip, xmpp, web"])
    filtered.run(["falcot-rtc", "apply"])
    assert "5061" in filtered.run(["nft", "list", "table", "inet", "falcot_rtc_ports"]).stdout


def test_it_is_there_after_a_boot(filtered: Host) -> None:
    filtered.reboot()
    state = filtered.run(["systemctl", "show", "--value", "-p", "ActiveState", UNIT]).stdout
    assert state.strip() == "active"
    rules = filtered.run(["nft", "list", "table", "inet", "falcot_rtc_ports"]).stdout
    assert "policy drop" in rules and str(SSH) in rules


def test_unloaded_nothing_of_it_is_left(filtered: Host) -> None:
    filtered.run(["falcot-rtc", "ports", "unload"])
    tables = filtered.run(["nft", "list", "tables"]).stdout
    assert "falcot_rtc_ports" not in tables and "falcot_rtc_turn" in tables
    enabled = filtered.run(["systemctl", "is-enabled", UNIT], check=False).stdout.strip()
    assert enabled == "disabled"
    assert until(lambda: open_tcp(filtered, IPV4), lambda found: INTERNAL in found)


def test_a_purge_takes_it_away_and_shuts_nobody_out(host: Host) -> None:
    """Purged in a session that came through it, and that lives on."""
    load(host)
    host.run(["falcot-rtc", "ports", "confirm"])
    login = ["ssh", "-F", str(host.ssh_config()), "-p", str(SSH), host.name]
    probe = ("-sS", "-p", str(FOREIGN))
    assert scanned(host, IPV4, *probe) == {FOREIGN: "filtered"}
    purge = "DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet purge falcot-rtc && echo purged"
    assert run([*login, purge]).stdout.splitlines()[-1] == "purged"
    assert "falcot_rtc" not in host.run(["nft", "list", "tables"]).stdout
    assert run([*login, "echo", "in"]).stdout == "in\n"
    # Whether or not somebody listens, it answers again.
    assert scanned(host, IPV4, *probe)[FOREIGN] in ("open", "closed")
    # Not after a boot either.
    state = host.run(["systemctl", "show", "--value", "-p", "LoadState", UNIT]).stdout
    assert state.strip() == "not-found"
    assert host.run(["nft", "list", "table", "inet", "theirs"]).returncode == 0
