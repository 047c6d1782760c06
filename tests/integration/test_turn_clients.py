# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""TURN and STUN by coturn's own clients from the other end of the wire; RFC 8656, RFC 5780."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from tests.integration import outside
from tests.integration.conftest import PASSWORD
from tests.integration.people import people
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6

SERVER = "turn-server.falcot.com"
IPV4, ALTERNATE, IPV6 = "198.51.100.19", "198.51.100.20", "2001:db8:1000:2000::19"
MINTED_SECRET = "/etc/falcot-rtc/secrets/turn-minted"
ECHO_PORT = 9999
COUNTS = re.compile(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)$", re.MULTILINE)
TRANSPORTS = {"udp": (), "tcp": ("-t",), "tls": ("-t", "-S", "-p", "5349")}
PEERS = {IPV4: CLIENT_IPV4[0], ALTERNATE: CLIENT_IPV4[0], IPV6: CLIENT_IPV6[0]}


@pytest.fixture(scope="module")
def joe(site: Host) -> Iterator[tuple[str, ...]]:
    """uclient's options for a person with a password."""
    with people(site, "joe") as (joe,):
        yield ("-u", joe.name, "-w", joe.password)


@pytest.fixture
def minted(site: Host) -> tuple[str, ...]:
    """uclient's options to mint credentials by itself, for somebody whose quota nobody used."""
    somebody = secrets.token_hex(4)
    return ("-u", somebody, "-W", site.read(MINTED_SECRET).split()[-1])


@pytest.fixture(scope="module")
def peer(site: Host) -> Iterator[str]:
    """The port of a peer on the client's addresses that sends back what it gets."""
    places = [f"{address}@{ECHO_PORT}" for address in (CLIENT_IPV4[0], CLIENT_IPV6[0])]
    echo = ("python3", f"{outside.PLACE}/udp_echo.py", *places)
    binds = {outside.PROGRAMS: outside.PLACE}
    with outside.running(site.client_command(echo, own_root=True, binds=binds)) as running:
        running.line(lambda line: json.loads(line) == "ready")
        yield str(ECHO_PORT)


def uclient(site: Host, *options: str) -> str:
    """What turnutils_uclient says about five messages of one client.

    100 ms apart: over TLS it leaves the second of two messages that come together unread.
    """
    shape = ("-v", "-c", "-n", "5", "-z", "100")
    done = outside.run(site, "turnutils_uclient", *shape, *options)
    return done.stdout + done.stderr


def counts(said: str) -> tuple[int, int]:
    """Messages sent and received."""
    found = COUNTS.findall(said)
    assert found, said
    return int(found[-1][0]), int(found[-1][1])


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_data_goes_through_the_relay_and_back(
    site: Host, peer: str, joe: tuple[str, ...], minted: tuple[str, ...], transport: str
) -> None:
    """On each address, for people's own passwords and for minted credentials."""

    def relayed(case: tuple[str, str]) -> tuple[int, int]:
        who, server = case
        family = ("-x",) if server == IPV6 else ()
        to = ("-e", PEERS[server], "-r", peer, *family, server)
        return counts(uclient(site, *TRANSPORTS[transport], *credentials[who], *to))

    credentials = {"password": joe, "minted": minted}
    cases = list(product(credentials, PEERS))
    with ThreadPoolExecutor(max_workers=len(cases)) as parallel:
        found = dict(zip(cases, parallel.map(relayed, cases), strict=True))
    assert found == dict.fromkeys(cases, (5, 5))


def test_two_people_behind_this_relay_reach_each_other(site: Host, joe: tuple[str, ...]) -> None:
    assert counts(uclient(site, "-y", *joe, SERVER)) == (10, 10)


def test_the_administrator_has_an_allocation_at_once(site: Host, peer: str) -> None:
    said = uclient(site, "-u", "admin", "-w", PASSWORD, "-e", CLIENT_IPV4[0], "-r", peer, SERVER)
    assert counts(said) == (5, 5), said


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "credentials",
    [
        (),
        ("-u", "admin", "-w", "not the password"),
        ("-u", "nobody-at-all", "-w", "x"),
        ("-u", "admin", "-w", ""),
        ("-u", "somebody", "-W", "not the secret"),
    ],
    ids=["anonymous", "wrong-password", "unknown-user", "empty-password", "wrong-secret"],
)
def test_nothing_is_allocated_without_credentials_that_hold(
    site: Host, peer: str, transport: str, credentials: tuple[str, ...]
) -> None:
    to = ("-e", CLIENT_IPV4[0], "-r", peer)
    said = uclient(site, *TRANSPORTS[transport], *credentials, *to, SERVER)
    assert "Cannot complete Allocation" in said
    assert not COUNTS.search(said)


def test_certificate_verifies_for_the_name_that_clients_connect_to(site: Host) -> None:
    done = outside.run(
        site,
        *("openssl", "s_client", "-connect", f"{SERVER}:5349", "-servername", SERVER),
        *("-CAfile", outside.trust(site), "-verify_hostname", SERVER, "-verify_return_error"),
        input="",
    )
    assert "Verification: OK" in done.stdout, done.stdout + done.stderr
    assert f"Verified peername: {SERVER}" in done.stdout


@pytest.mark.parametrize("protocol", ["-tls1", "-tls1_1"])
def test_old_tls_is_refused(site: Host, protocol: str) -> None:
    old = (protocol, "-cipher", "ALL:@SECLEVEL=0")
    done = outside.run(site, "openssl", "s_client", "-connect", f"{SERVER}:5349", *old, input="")
    assert "Cipher is (NONE)" in done.stdout, done.stdout


def test_nat_discovery_finds_both_addresses_and_both_ports(site: Host) -> None:
    done = outside.run(site, "turnutils_natdiscovery", "-m", "-f", IPV4)
    assert f"Other addr: : {ALTERNATE}:3479" in done.stdout
    for origin in (f"{IPV4}:3478", f"{ALTERNATE}:3478", f"{ALTERNATE}:3479"):
        assert f"Response origin: : {origin}" in done.stdout, origin
    # The client has no NAT in front of it, so what it finds must be the friendliest kind.
    assert "NAT with Endpoint Independent Mapping!" in done.stdout
    assert "NAT with Endpoint Independent Filtering!" in done.stdout


@pytest.mark.parametrize("server", PEERS)
def test_stun_tells_the_client_its_address(site: Host, server: str) -> None:
    done = outside.run(site, "turnutils_stunclient", server)
    assert f"UDP reflexive addr: {PEERS[server]}:" in done.stdout, done.stdout + done.stderr


def test_host_services_are_out_of_reach_of_the_relay(
    site: Host, minted: tuple[str, ...], peer: str
) -> None:
    """A UDP service of the host hears the client itself, and nothing that comes by the relay."""
    program = (outside.PROGRAMS / "udp_echo.py").read_text(encoding="utf-8")
    places = [f"{address}@{ECHO_PORT}" for address in PEERS]
    ways = [("-e", address, *(("-x",) if address == IPV6 else ()), address) for address in PEERS]
    # Across: the relay's address of one listener, the service on another one.
    ways += [("-e", ALTERNATE, IPV4), ("-e", IPV4, ALTERNATE)]
    with outside.running(site.command(["python3", "-c", program, *places])) as service:
        service.line(lambda line: json.loads(line) == "ready")
        with ThreadPoolExecutor(max_workers=len(ways)) as parallel:
            tries = [parallel.submit(uclient, site, "-r", peer, *minted, *way) for way in ways]
            said = [attempt.result() for attempt in tries]
        # The service works, and hears these last.
        for server, address in PEERS.items():
            assert greeted(site, server) == "hello"
            assert json.loads(service.line(bool)) == address
        heard = [json.loads(line) for line in service.end()]
    assert heard == ["ready", *PEERS.values()]
    assert [counts(text) for text in said] == [(5, 0)] * len(ways)


def greeted(site: Host, address: str) -> str:
    """The host's service's answer to the client's own greeting."""
    script = (
        "import socket, sys\n"
        "family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n"
        "sock = socket.socket(family, socket.SOCK_DGRAM)\n"
        "sock.settimeout(10)\n"
        "sock.sendto(b'hello', (sys.argv[1], int(sys.argv[2])))\n"
        "print(sock.recv(100).decode(), end='')\n"
    )
    return outside.run(site, "python3", "-c", script, address, str(ECHO_PORT)).stdout


@pytest.mark.parametrize(
    ("server", "denied"),
    [
        (IPV4, "127.0.0.1"),
        (IPV4, "10.0.0.1"),
        (IPV4, "192.168.1.1"),
        (IPV4, "172.16.0.1"),
        (IPV4, "169.254.169.254"),
        (IPV4, "100.64.0.1"),
        (IPV4, "0.0.0.0"),
        (IPV6, "::1"),
        (IPV6, "fe80::1"),
        (IPV6, "fd00::1"),
        (IPV6, "::ffff:127.0.0.1"),
        (IPV6, "64:ff9b::7f00:1"),
    ],
)
def test_inner_networks_are_denied_as_peers(
    site: Host, minted: tuple[str, ...], peer: str, server: str, denied: str
) -> None:
    wanted = ("-x",) if server == IPV6 else ()
    said = uclient(site, *wanted, "-e", denied, "-r", peer, *minted, server)
    assert "error 403 (Forbidden IP)" in said, said
    assert not COUNTS.search(said)
