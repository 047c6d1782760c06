# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service on port 443 of an address of its own, for people whose network has no other port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import certificates
from falcot_rtc.errors import FalcotError
from tests.integration import outside
from tests.integration import phone as phones
from tests.integration.baresip import phone as baresip
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import (
    Listener,
    absent,
    assert_fine,
    check,
    declared,
    failures,
    listeners,
    undeclared,
    units,
    until,
)
from tests.integration.people import people
from tests.integration.test_certificates import fingerprints
from tests.integration.test_dns import dig
from tests.integration.test_reconfigure import reconfigure
from tests.integration.test_resilience import served
from tests.integration.test_sip_clients import registered
from tests.integration.test_turn_clients import counts, uclient
from tests.integration.test_web_phone import assert_relayed as assert_through_relay
from tests.integration.test_webrtc import Phone, built
from tests.integration.test_webrtc import modules as modules
from tests.integration.test_xmpp_clients import meet
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6, HOST_IPV6

LAST = {"turn": 21, "sip": 22, "xmpp": 23}
FOUR = {role: f"198.51.100.{last}" for role, last in LAST.items()}
SIX = {role: f"2001:db8:1000:2000::{last}" for role, last in LAST.items()}
ADDRESSES = {f"port443-{role}-ipv4": address for role, address in FOUR.items()} | {
    f"port443-{role}-ipv6": address for role, address in SIX.items()
}
WEB = "198.51.100.19"
# What a network such as a hotel's lets out; `{more}` may be more. Answers of the name server, which
# stands at this end of the wire, and neighbours belong to the wire.
FIREWALL = """\
table inet hotel {{
	chain output {{
		type filter hook output priority 0; policy drop;
		oif lo accept
		meta l4proto ipv6-icmp accept
		udp sport 53 accept
		{more}
	}}
}}
"""
ONLY_443 = "tcp dport 443 accept"
# And what looks into the packets, too: STUN's magic cookie (RFC 8489 section 5) in plain sight
# tells TURN from HTTPS. Otherwise browsers take TURN over TCP, which is on port 443 as well.
ONLY_TLS = f"tcp dport 443 @ih,32,32 0x2112a442 drop; {ONLY_443}"
# Checks of port 443 over TCP, and of ordinary ports that such a client cannot get to.
THROUGH = (
    *("turn.*.tls.ipv?-443", "sip.*.tls.ipv?-443", "sip.*.wss.ipv?-443"),
    *("sip.call.tls-to-wss.ipv?-443", "xmpp.*.tls.ipv?-443", "*.certificate.*.ipv?-443"),
    *("web.start-page.*", "web.password.*"),
)
BLOCKED = (
    *("turn.*.udp.*", "turn.*.tcp.ipv?", "*.ipv?-own", "sip.*.ipv4", "xmpp.*.starttls.*"),
    "web.redirect.*",
)
WEB_OF_ITS_OWN = ("198.51.100.24", "2001:db8:1000:2000::24")
DROPIN = "/etc/systemd/system/kamailio.service.d/99-refusing.conf"
HOLDER = ("systemd-run", "--unit=holder", "--collect", "python3", "-m", "http.server", "443")

RELAY = "turns:turn-server.falcot.com:443?transport=tcp"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("port443", release, installed, archive) as host:
        if release == "bookworm":
            # Debian's own sshd jail ends fail2ban 1.0.2 on a host without /var/log/auth.log.
            host.push("/etc/fail2ban/jail.d/lab.conf", "[DEFAULT]\nsshd_backend = systemd\n")
            host.run(["systemctl", "restart", "fail2ban.service"])
        yield host


@pytest.fixture(scope="module")
def before(host: Host) -> dict[str, Any]:
    """What the host has without port 443."""
    return {"listeners": listeners(host), "zone": zone(host)}


@pytest.fixture(scope="module")
def on(host: Host, before: dict[str, Any]) -> Host:
    changed, said = reconfigure(host, port443="true", **ADDRESSES)
    assert "the DNS records have changed" in changed
    assert f"{DOMAIN} is configured" in said
    publish(host)
    return host


@contextmanager
def behind_a_firewall(host: Host, more: str = ONLY_443) -> Iterator[None]:
    inside = ("ip", "netns", "exec", host.running.network.client, "nft")
    run([*inside, "-f", "-"], input=FIREWALL.format(more=more))
    try:
        yield
    finally:
        run([*inside, "delete", "table", "inet", "hotel"])


def zone(host: Host) -> str:
    return host.run(["falcot-rtc", "dns", "show"]).stdout


def publish(host: Host) -> None:
    host.serve({DOMAIN: zone(host)})


def connects(host: Host, address: str) -> bool:
    """Whether a client gets as far as TLS on port 443; curl(1) says 7 or 28 where it does not."""
    url = f"https://{address}/"
    argv = ("curl", "--silent", "--insecure", "--connect-timeout", "2", "--max-time", "4", url)
    return host.client(argv, own_root=True, check=False).returncode not in (7, 28)


def holders(host: Host) -> dict[str, str]:
    """The user of each daemon that is on port 443, but for apache's, which is root's by design."""
    found = units(host, ("coturn.service", "kamailio.service", "prosody.service"), "MainPID")
    return {
        unit: host.run(["stat", "--format=%U", f"/proc/{pid}"]).stdout.strip()
        for unit, (pid,) in found.items()
    }


def test_on_by_answers(on: Host, before: dict[str, Any]) -> None:
    assert_fine(on)
    for addresses in (FOUR, SIX):
        for address in addresses.values():
            assert ("tcp", address, 443) in listeners(on)
    assert ("tcp", FOUR["sip"], 5061) in listeners(on)
    # Nothing went away.
    assert before["listeners"] <= listeners(on)
    assert holders(on) == {
        "coturn.service": "turnserver",
        "kamailio.service": "kamailio",
        "prosody.service": "prosody",
    }


def test_credentials_and_pages_name_the_port(on: Host) -> None:
    made = json.loads(on.run(["falcot-rtc", "credentials", "admin"]).stdout)
    assert RELAY in made["iceServers"][0]["urls"]
    # The one that gets through everywhere comes first.
    assert made["sip"]["ws_servers"][0] == "wss://sip-proxy.falcot.com:443/ws"


def test_checks_from_behind_a_firewall(on: Host) -> None:
    """Everything over TCP on port 443 works there, and nothing else but that."""
    with behind_a_firewall(on):
        shown = run(demo.client_check(on, "--json"), check=False).stdout
    statuses = {row["id"]: row["status"] for row in json.loads(shown)}
    through = {name for name in statuses if any(fnmatchcase(name, one) for one in THROUGH)}
    assert len(through) > 30
    fine = {name for name, status in statuses.items() if status == "ok"}
    assert through <= fine
    blocked = {name for name in statuses if any(fnmatchcase(name, one) for one in BLOCKED)}
    assert len(blocked) > 10
    assert not blocked & fine


def test_other_peoples_programs_from_behind_a_firewall(on: Host) -> None:
    with people(on, "alice", "bob") as (alice, bob), behind_a_firewall(on):
        # TURN over TLS: uclient talks to itself through two allocations.
        login = ("-u", alice.name, "-w", alice.password)
        secure = ("-y", "-t", "-S", "-p", "443")
        sent, received = counts(uclient(on, *secure, *login, FOUR["turn"]))
        assert sent == received > 0
        # XMPP with direct TLS, found by SRV; chat, rooms and an upload, which is on 443 as well.
        met = meet(on, (alice, bob), direct=True)
        assert met["port"] == 443
        assert met["arrived"] == "ready"
        # SIP over TLS, found by SRV.
        with baresip(on, alice, port=5555) as phone:
            phone.program.line(registered)
            contact = on.run(["falcot-rtc", "user", "show", alice.name]).stdout
            assert "sip" in contact.lower()
        curl = ("curl", "--silent", "--show-error", "--max-time", "10", "--cacert")
        page = on.client((*curl, outside.trust(on), f"https://{DOMAIN}/"), own_root=True)
        assert "turn-server.falcot.com:443" in page.stdout


def test_a_call_of_browsers_from_behind_a_firewall(on: Host, modules: Path, tmp_path: Path) -> None:
    """The site's phone, which nobody tells what gets through: of all ways to the relay that it is
    given, it finds the one. Both ends stand at one wire, so each chooses the relay."""
    with (
        people(on, "joe", "ann") as two,
        behind_a_firewall(on, ONLY_TLS),
        phones.browser(on, modules, tmp_path) as browser,
    ):
        joe, ann = (browser.open(one.name).sign_in(one).relay_only() for one in two)
        joe.call(ann.name)
        ann.click(".answer-video")
        for user in (joe, ann):
            assert_through_relay(user, "tls")
        joe.hang_up()
        ann.wait(".stage", "detached")


@pytest.fixture(scope="module")
def phone(on: Host, modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Phone:
    return built(on, modules, tmp_path_factory.mktemp("port443"))


def test_without_port_443_nothing_gets_through(on: Host, phone: Phone) -> None:
    """Shows that the tests above can fail: only that rule of the firewall is missing."""
    places = (*FOUR.values(), WEB)
    with behind_a_firewall(on):
        everywhere = [True] * 4
        seen = until(lambda: [connects(on, one) for one in places], lambda s: s == everywhere)
        assert seen == everywhere
    with behind_a_firewall(on, more=""):
        assert [connects(on, address) for address in places] == [False] * 4
        with pytest.raises(FalcotError):
            server = "wss://sip-proxy.falcot.com:443/ws"
            phone.call("turns:turn-server.falcot.com:443", phone.ticket.accounts,
                       server=server, patience=5)  # fmt: skip


def test_a_renewal_is_served_on_every_address(on: Host) -> None:
    before = fingerprints(on)
    on.run(["falcot-rtc", "cert", "renew"])
    seen = served(on)
    addresses = (*FOUR.values(), *SIX.values())
    assert {row["id"] for row in declared(on) if row["tls"] and row["port"] == 443} <= seen.keys()
    at_443 = [row for row in declared(on) if row["address"] in addresses and row["port"] == 443]
    assert {row["address"] for row in at_443 if row["protocol"] == "tcp"} == {*addresses}
    (renewed,) = {certificates.fingerprint(pem.encode()) for pem in seen.values()}
    assert renewed not in before


def reaches(host: Host, source: str, address: str) -> bool:
    url = f"https://[{address}]/" if ":" in address else f"https://{address}/"
    where = ("--interface", source, "--connect-timeout", "10", "--max-time", "20")
    argv = ("curl", "--silent", "--insecure", *where, url)
    # 7: refused. What speaks no HTTP ends otherwise, behind its handshake.
    return host.client(argv, own_root=True, check=False).returncode != 7


@pytest.mark.parametrize(
    ("source", "places", "web"),
    [(CLIENT_IPV4[1], FOUR, WEB), (CLIENT_IPV6[1], SIX, HOST_IPV6[0])],
    ids=["ipv4", "ipv6"],
)
def test_who_is_shut_out_of_one_service_reaches_the_others(
    on: Host, source: str, places: dict[str, str], web: str
) -> None:
    def through() -> bool:
        return reaches(on, source, places["sip"])

    on.run(["fail2ban-client", "set", "falcot-rtc-sip", "banip", source])
    assert not until(through, lambda through: not through)
    others = (places["turn"], places["xmpp"], web)
    assert [reaches(on, source, address) for address in others] == [True] * 3
    on.run(["fail2ban-client", "set", "falcot-rtc-sip", "unbanip", source])
    assert until(through, bool)


def place(host: Host, **binds: int) -> Any:
    """Give the roles the addresses of these last numbers, all in one apply; 0: none of its own."""
    words = []
    for role, last in binds.items():
        for family, prefix in (("ipv4", "198.51.100."), ("ipv6", "2001:db8:1000:2000::")):
            words += [f"port443.{role}.{family}.bind", f"{prefix}{last}" if last else ""]
    host.run(["falcot-rtc", "config", "set", *words])
    return host.run(["falcot-rtc", "apply"], check=False)


def tcp(host: Host) -> set[Listener]:
    """Without the relays' own ports, which stay for as long as an allocation."""
    return {listener for listener in listeners(host) if listener[0] == "tcp"}


def test_the_web_makes_room_for_another(on: Host) -> None:
    """In one apply; page and phone are where their names lead now, and all goes back on failure."""
    before = tcp(on)
    # kamailio does not start with the address that it is to have.
    refusing = "[Service]\nExecStartPre=/bin/sh -c '! grep -q %s:443 %s'\n"
    current = "/etc/falcot-rtc/current/sip/kamailio.cfg"
    on.push(DROPIN, refusing % (WEB, current))
    on.run(["systemctl", "daemon-reload"])
    done = place(on, web=24, sip=19)
    assert done.returncode == 1 and "everything is as before" in done.stderr, done.stderr
    assert "while taking back" not in done.stdout + done.stderr
    assert until(lambda: tcp(on), lambda found: found == before) == before
    on.run(["rm", DROPIN])
    on.run(["systemctl", "daemon-reload"])

    done = on.run(["falcot-rtc", "apply"])
    assert "stop apache2@falcot-rtc.service (another service gets a port of it)" in done.stdout
    publish(on)
    assert dig(on, DOMAIN, "A") == {"198.51.100.24"}
    assert dig(on, DOMAIN, "AAAA") == {"2001:db8:1000:2000::24"}
    assert dig(on, f"sip-proxy.{DOMAIN}", "A") == {WEB}
    curl = ("curl", "--silent", "--show-error", "--fail", "--cacert", outside.trust(on))
    wrote = ("--write-out", "%{remote_ip}", "--output", "/dev/null")
    for page in ("/", "/password/", "/phone/", "/phone/config.js"):
        url = f"https://{DOMAIN}{page}"
        assert on.client((*curl, *wrote, url), own_root=True).stdout in WEB_OF_ITS_OWN, page
    # Nobody's HTTP is gone: the CA asks at every name.
    redirected = ("--write-out", "%{redirect_url}", "--output", "/dev/null")
    for name in (DOMAIN, f"sip-proxy.{DOMAIN}", f"turn-server.{DOMAIN}"):
        said = on.client((*curl, *redirected, f"http://{name}/"), own_root=True).stdout
        assert said.startswith("https://"), name
    assert_fine(on)
    # Two that exchange their addresses, both at once.
    assert place(on, sip=21, turn=19).returncode == 0
    assert_fine(on)
    assert place(on, web=0, **LAST).returncode == 0
    publish(on)
    assert until(lambda: tcp(on), lambda found: found == before) == before


def test_ordinary_ports_can_be_closed(on: Host) -> None:
    on.run(["falcot-rtc", "config", "set", "port443.ordinary-ports", "false"])
    on.run(["falcot-rtc", "apply"])
    assert (absent(on), undeclared(on)) == (set(), set())
    public = {(row["role"], row["port"]) for row in declared(on)
              if row["reach"] == "public" and row["last_port"] is None}  # fmt: skip
    assert public == {("turn", 443), ("sip", 443), ("xmpp", 443), ("web", 443), ("web", 80)}
    publish(on)
    code, results = check(on)
    assert (failures(results), code) == ({}, 0)
    on.run(["falcot-rtc", "config", "set", "port443.ordinary-ports", "true"])
    on.run(["falcot-rtc", "apply"])


def test_off_by_answers_leaves_nothing(on: Host, before: dict[str, Any]) -> None:
    reconfigure(on, port443="false")
    assert (
        until(lambda: listeners(on), lambda found: found == before["listeners"])
        == (before["listeners"])
    )
    assert zone(on) == before["zone"]
    publish(on)
    places = ["/etc/falcot-rtc/current/", "/etc/systemd/system", "/etc/fail2ban/jail.d"]
    options = ["--recursive", "--files-with-matches", "--fixed-strings"]
    for address in (*FOUR.values(), *SIX.values()):
        assert on.run(["grep", *options, address, *places], check=False).stdout == ""
    assert_fine(on)


def test_too_few_addresses_are_explained(on: Host) -> None:
    said = reconfigure(on, port443="true", **{"port443-xmpp-ipv4": "", "port443-xmpp-ipv6": ""})
    (line,) = [line for line in said if "port443" in line]
    assert "xmpp (IPv4), xmpp (IPv6)" in line
    assert "falcot-rtc config set port443.roles 'turn, sip, web'" in line
    reconfigure(on, port443="true", **{"port443-roles": "turn, sip, web"})
    assert ("tcp", FOUR["sip"], 443) in listeners(on)
    assert ("tcp", FOUR["xmpp"], 443) not in listeners(on)
    reconfigure(on, port443="false", **{"port443-roles": "turn, sip, xmpp, web"}, **ADDRESSES)


def test_who_has_the_port_on_every_address_is_named(on: Host) -> None:
    """Without the web, somebody else's web server may have port 443 of all addresses."""
    reconfigure(on, services="turn, sip, xmpp")
    on.run([*HOLDER, "--bind", "0.0.0.0"])
    assert until(lambda: ("tcp", "0.0.0.0", 443) in listeners(on), bool)
    on.run(["falcot-rtc", "config", "set", "port443.enabled", "true"])
    for verb in ("plan", "apply"):
        done = on.run(["falcot-rtc", verb], check=False)
        assert done.returncode == 1
        said = (done.stdout + done.stderr).splitlines()
        (line,) = [line for line in said if "is taken by" in line]
        for named in (
            f"tcp {FOUR['turn']}:443 is taken by 'python3'", "holder.service",
            "which listens on 0.0.0.0:443", "let it listen on an address of its own",
            "falcot-rtc config set port443.enabled false",
        ):  # fmt: skip
            assert named in line
    assert ("tcp", FOUR["turn"], 443) not in listeners(on)
    on.run(["systemctl", "stop", "holder.service"])
    on.run(["falcot-rtc", "apply"])
    publish(on)
    assert_fine(on)
