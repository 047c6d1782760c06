# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of the handbook's listings (section 11.8), against what we render for falcot.com.

Each row is read back from a rendered file as the handbook has it, or names the correction in
docs/handbook.md that it falls under, with what is there instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.rdatatype
import dns.zone
import pytest

from falcot_rtc import derive
from falcot_rtc.policies import tls
from falcot_rtc.resources import CertificateCopy, Link
from tests.unit import parsers
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8")
# The handbook's text is not ours to ship; where it lies beside the checkout, it is read too.
LISTINGS = ROOT.parent / "shared" / "seed" / "handbook-11.8-rtc.de.txt"

# joe@falcot.com is the handbook's administrator.
SITE = site('admin = "joe"\n' + FALCOT)
WITH_TCP = site('admin = "joe"\nsip.internal-tcp = true\n' + FALCOT)
IPV4, IPV6 = "198.51.100.19", "2001:db8:1000:2000::19"
Reading = Callable[[], object]


# Readers of our files: each gives the handbook's fact in the handbook's terms.


def record(name: str, kind: str, starts: str = "") -> Reading:
    """The data of the one record of that name and type (that starts so)."""

    def read() -> str:
        text = content("dns/falcot.com.zone", SITE)
        zone = dns.zone.from_text(text, origin="falcot.com", relativize=False)
        absolute = "falcot.com." if name == "@" else f"{name}.falcot.com."
        found: list[str] = [d.to_text() for d in zone.find_rdataset(absolute, kind)]
        (data,) = (d for d in found if d.startswith(starts))
        return data

    return read


def coturn(option: str) -> Callable[[], list[str]]:
    return lambda: [
        v for o, v in parsers.coturn(content("turn/turnserver.conf", SITE)) if o == option
    ]


def listener(port: int, version: int, tcp: bool = False) -> Callable[[], tuple[str, str]]:
    """Address and port, and how our name for it begins: tls, wss or tcp."""

    def read() -> tuple[str, str]:
        cfg = parsers.kamailio(content("sip/kamailio.cfg", WITH_TCP if tcp else SITE))
        ((host, kind),) = (
            (row[1] or "", row[5] or "") for row in cfg.listeners
            if row[2] == str(port) and (row[1] or "").startswith("[") == (version == 6)
        )  # fmt: skip
        return f"{host.strip('[]')}:{port}", kind.rstrip("0123456789").upper()

    return read


def interface(port: int, version: int, tcp: bool = False) -> Reading:
    read = listener(port, version, tcp)
    return lambda: read()[0]


def kind(port: int, version: int, tcp: bool = False) -> Reading:
    read = listener(port, version, tcp)
    return lambda: read()[1]


def certified() -> str:
    """The domain that the certificate names first."""
    return tls.names(SITE.settings)[0]


def server_verification() -> str:
    rows = {(s, k): v for s, k, v in parsers.ini(content("sip/tls.cfg", SITE))}
    asks = (
        rows["server:default", "verify_certificate"],
        rows["server:default", "require_certificate"],
    )
    return {("no", "no"): "None", ("yes", "no"): "Optional", ("yes", "yes"): "Mandatory"}[asks]


def other_domains_are_verified() -> bool:
    rows = {(s, k): v for s, k, v in parsers.ini(content("sip/tls.cfg", SITE))}
    return rows["client:default", "verify_certificate"] == "yes"


def routing() -> list[str]:
    return [t for _, t in parsers.kamailio(content("sip/kamailio.cfg", SITE)).routing]


def calls(function: str) -> list[list[str]]:
    """The arguments of each call of a function in kamailio's routes."""
    code, found = routing(), []
    for at, token in enumerate(code):
        if token == function and code[at + 1] == "(":
            found.append(code[at + 2 : code.index(")", at)])
    return found


def http_paths() -> set[str]:
    """What kamailio's HTTP answers compare the request's path with."""
    code = routing()
    return {code[at + 3] for at, token in enumerate(code) if token == "$hu"}


def modules(*names: str) -> list[str]:
    """Those of the names that kamailio loads."""
    loaded = parsers.kamailio(content("sip/kamailio.cfg", SITE)).of("module")
    return [name for (name,) in loaded if name in names]


def outbound() -> bool:
    """RFC 5626: kamailio's rr makes flow tokens once outbound is loaded before it."""
    cfg = parsers.kamailio(content("sip/kamailio.cfg", SITE))
    enabled = ("registrar", "outbound_mode", "1") in cfg.of("modparam")
    return enabled and modules("rr.so", "outbound.so") == ["outbound.so", "rr.so"]


def key_of(daemon: str) -> str:
    """The key as the daemon's own file names it; it is a copy of ours."""
    if daemon == "kamailio":
        rows = {(s, k): v for s, k, v in parsers.ini(content("sip/tls.cfg", SITE))}
        return rows["server:default", "private_key"]
    directory = parsers.lua(content("xmpp/falcot-rtc.cfg.lua", SITE)).options["certificates"]
    return f"{directory}/falcot.com.key"


def copied(daemon: str) -> Reading:
    """That daemon's copy: where it is, and whose group may read it."""

    def read() -> tuple[str, str]:
        copies = derive.desired(SITE).of(CertificateCopy)
        (copy,) = (c for c in copies if c.daemon == daemon)
        assert key_of(daemon) in [f"{copy.directory}/{key}" for _, key in copy.names]
        return copy.directory, copy.group

    return read


def prosody(host: str, option: str) -> Callable[[], Any]:
    return lambda: parsers.lua(content(f"xmpp/{host}.cfg.lua", SITE)).hosts[host][1][option]


def administrators() -> str:
    quoted = [f'"{address}"' for address in prosody("falcot.com", "admins")()]
    return f"{{ {', '.join(quoted)} }}"


def hosts() -> list[str]:
    found = parsers.lua(content("xmpp/falcot.com.cfg.lua", SITE)).hosts
    return [name for name, (module, _) in found.items() if not module]


def links() -> dict[str, str]:
    return {link.path: link.target for link in derive.desired(SITE).of(Link)}


def turn_server() -> str:
    options = parsers.lua(content("xmpp/falcot-rtc.cfg.lua", SITE)).options
    return f"turn:{options['turn_external_host']}:{options['turn_external_port']}"


def minted() -> bool:
    """No password of a person: prosody mints from a secret, for a day."""
    options = parsers.lua(content("xmpp/falcot-rtc.cfg.lua", SITE)).options
    minting = parsers.lua(content("xmpp/minted.cfg.lua", SITE)).options
    return bool(minting["falcot_rtc_secret"]) and options["turn_external_ttl"] == 86400


def phone(*keys: str) -> Callable[[], str]:
    """A value of config.js, as the handbook writes it there."""

    def read() -> str:
        found: Any = json.loads(
            content("web-phone/config.js", SITE).partition(" = ")[2].strip(";\n")
        )
        for key in keys:
            found = found[key]
        return found if isinstance(found, str) else json.dumps(found)

    return read


def websocket() -> str:
    (server,) = json.loads(phone("websocket", "servers")())
    return str(server)


@dataclass(frozen=True)
class Row:
    """`value` is the handbook's; `here` is what `read` gives, where that is something else.

    `correction` is the handbook's side of the row in docs/handbook.md, or a part of it.
    """

    listing: str
    option: str
    value: str
    read: Reading
    here: object = None
    correction: str = ""

    @property
    def id(self) -> str:
        return f"{self.listing} {self.option}"


ZONE, RETURN, REPRO, PROSODY, DOMAIN, PHONE = (
    "zone", "reTurnServer.config", "repro.config", "prosody.cfg.lua", "falcot.com.cfg.lua",
    "config.js",
)  # fmt: skip
KEY, CERTIFICATE = "/etc/ssl/private/falcot.com-key.pem", "/etc/ssl/public/falcot.com.pem"
COPY = "TLS key and certificate world-placed in /etc/ssl"
CLIENT = "`TlsClientVerification = Optional`"
ROUTE = "`RecordRouteUri = sip:falcot.com`"
ADMINISTRATION = "web administration of the proxy"
INTERNAL = "SIP over TCP 5060 on the public address"
MINTED = "a TURN password in a public `config.js`"
PREFIX = "`url_prefix: null`"
FOREIGN_ROUTE = [['"sip-proxy.falcot.com:5061;transport=tls"']]
OF_KAMAILIO = ("/var/lib/falcot-rtc/tls/kamailio", "kamailio")
OF_PROSODY = ("/var/lib/falcot-rtc/tls/prosody", "prosody")


def transport(number: int, port: int, version: int, name: str, verification: str) -> list[Row]:
    """The rows of one of repro's four TLS transports."""
    address = {4: IPV4, 6: IPV6}[version]
    verified = Row(
        REPRO, f"Transport{number}TlsClientVerification", verification, server_verification,
        *(("None", CLIENT) if verification == "Optional" else ()),
    )  # fmt: skip
    return [
        Row(REPRO, f"Transport{number}Interface", f"{address}:{port}", interface(port, version)),
        Row(REPRO, f"Transport{number}Type", name, kind(port, version)),
        Row(REPRO, f"Transport{number}TlsDomain", "falcot.com", certified),
        verified,
        Row(REPRO, f"Transport{number}RecordRouteUri", f"sip:falcot.com;transport={name}",
            lambda: calls("record_route_preset"), FOREIGN_ROUTE, ROUTE),
        Row(REPRO, f"Transport{number}TlsPrivateKey", KEY, copied("kamailio"), OF_KAMAILIO, COPY),
        Row(REPRO, f"Transport{number}TlsCertificate", CERTIFICATE, copied("kamailio"), OF_KAMAILIO,
            COPY),
    ]  # fmt: skip


PORT_3467 = "SRV records of STUN and TURN name port 3467"
ROWS = (
    Row(ZONE, "server1 A", IPV4, record("server1", "A")),
    Row(ZONE, "server1 AAAA", IPV6, record("server1", "AAAA")),
    Row(ZONE, "turn-server A", IPV4, record("turn-server", "A")),
    Row(ZONE, "sip-proxy A", IPV4, record("sip-proxy", "A")),
    Row(ZONE, "sip-proxy AAAA", IPV6, record("sip-proxy", "AAAA")),
    Row(ZONE, "xmpp-gw A", IPV4, record("xmpp-gw", "A")),
    Row(ZONE, "xmpp-gw AAAA", IPV6, record("xmpp-gw", "AAAA")),
    Row(ZONE, "_stun._udp SRV", "0 1 3467 turn-server.falcot.com.", record("_stun._udp", "SRV"),
        "0 1 3478 turn-server.falcot.com.", PORT_3467),
    Row(ZONE, "_turn._udp SRV", "0 1 3467 turn-server.falcot.com.", record("_turn._udp", "SRV"),
        "0 1 3478 turn-server.falcot.com.", PORT_3467),
    Row(ZONE, "@ NAPTR RELAY:turn.udp", '10 0 "s" "RELAY:turn.udp" "" _turn._udp.falcot.com.',
        record("@", "NAPTR", '10 0 "s" "RELAY:turn.udp"')),
    Row(ZONE, "_sips._tcp SRV", "0 1 5061 sip-proxy.falcot.com.", record("_sips._tcp", "SRV")),
    Row(ZONE, "@ NAPTR SIPS+D2T", '10 0 "s" "SIPS+D2T" "" _sips._tcp.falcot.com.',
        record("@", "NAPTR", '10 0 "s" "SIPS+D2T"')),
    Row(ZONE, "_xmpp-client._tcp SRV", "5 0 5222 xmpp-gw.falcot.com.",
        record("_xmpp-client._tcp", "SRV")),
    Row(ZONE, "_xmpp-server._tcp SRV", "5 0 5269 xmpp-gw.falcot.com.",
        record("_xmpp-server._tcp", "SRV")),
    Row(RETURN, "TurnAddress", IPV4, lambda: coturn("listening-ip")()[0]),
    Row(RETURN, "TurnV6Address", IPV6, lambda: coturn("listening-ip")()[2]),
    Row(RETURN, "AltStunAddress", "198.51.100.20",
        lambda: coturn("listening-ip")()[1]),
    Row(RETURN, "AuthenticationRealm", "myrealm", coturn("realm"), ["falcot.com"],
        "`AuthenticationRealm = myrealm`"),
    Row(RETURN, "UserDatabaseFile", "/etc/reTurn/users.txt", coturn("psql-userdb"),
        ["host=/run/falcot-rtc/turn-auth dbname=turn user=turn connect_timeout=5"],
        "`UserDatabaseFile = /etc/reTurn/users.txt`"),
    # A user= line would be a password; what the database gives is a key, HA1.
    Row(RETURN, "UserDatabaseHashedPasswords", "true",
        lambda: "true" if coturn("user")() == [] and coturn("lt-cred-mech")() == [""] else "false"),
    *transport(1, 5061, 4, "TLS", "Optional"),
    *transport(2, 5061, 6, "TLS", "Optional"),
    *transport(3, 8443, 4, "WSS", "None"),
    *transport(4, 8443, 6, "WSS", "None"),
    Row(REPRO, "Transport5Interface", f"{IPV4}:5060", interface(5060, 4, tcp=True),
        f"{IPV4}:5060", INTERNAL),
    Row(REPRO, "Transport5Type", "TCP", kind(5060, 4, tcp=True), "TCP", INTERNAL),
    Row(REPRO, "Transport5RecordRouteUri", f"sip:{IPV4}:5060;transport=TCP",
        lambda: [] in calls("record_route"), True, INTERNAL),
    Row(REPRO, "HttpBindAddress", f"{IPV4}, {IPV6}",
        http_paths, {'"/ws"'}, ADMINISTRATION),
    Row(REPRO, "HttpAdminUserFile", "/etc/repro/users.txt",
        lambda: modules("xhttp_rpc.so", "xhttp_pi.so") + calls("jsonrpc_dispatch"), [],
        ADMINISTRATION),
    Row(REPRO, "RecordRouteUri", "sip:falcot.com;transport=tls",
        lambda: calls("record_route_preset"), FOREIGN_ROUTE, ROUTE),
    Row(REPRO, "ForceRecordRouting", "true", lambda: "true" if calls("record_route") else "false"),
    Row(REPRO, "EnumSuffixes", "e164.arpa, sip5060.net, e164.org",
        lambda: modules("enum.so"), [], "`e164.arpa, sip5060.net, e164.org` for ENUM"),
    Row(REPRO, "DisableOutbound", "false", lambda: "false" if outbound() else "true"),
    Row(REPRO, "EnableFlowTokens", "true", lambda: "true" if outbound() else "false"),
    Row(REPRO, "EnableCertificateAuthenticator", "True", other_domains_are_verified, True,
        "`EnableCertificateAuthenticator = True`"),
    Row(PROSODY, "admins", '{ "joe@falcot.com" }', administrators),
    Row(DOMAIN, "VirtualHost", "falcot.com", lambda: ", ".join(hosts())),
    Row(DOMAIN, "enabled", "true", lambda: str(prosody("falcot.com", "enabled")()).lower()),
    Row(DOMAIN, "ssl.key", KEY, copied("prosody"), OF_PROSODY, COPY),
    Row(DOMAIN, "ssl.certificate", CERTIFICATE, copied("prosody"), OF_PROSODY, COPY),
    Row(PHONE, "webserver.url_prefix", "null", phone("webserver", "url_prefix"), "/phone/", PREFIX),
    Row(PHONE, "stun_servers", "[]", phone("stun_servers")),
    Row(PHONE, "turn_servers.server", "turn:turn-server.falcot.com?transport=udp", turn_server,
        "turn:turn-server.falcot.com:3478", MINTED),
    Row(PHONE, "turn_servers.username", "joe", minted, True, MINTED),
    Row(PHONE, "turn_servers.password", "j0Ep455d", minted, True, MINTED),
    Row(PHONE, "websocket.servers", "wss://falcot.com:8443", websocket,
        "wss://sip-proxy.falcot.com:8443/ws", "`servers: 'wss://falcot.com:8443'`"),
    Row(PHONE, "websocket.connection_recovery_min_interval", "2",
        phone("websocket", "connection_recovery_min_interval")),
    Row(PHONE, "websocket.connection_recovery_max_interval", "30",
        phone("websocket", "connection_recovery_max_interval")),
)  # fmt: skip
COUNTS = {ZONE: 14, RETURN: 6, REPRO: 39, PROSODY: 1, DOMAIN: 4, PHONE: 8}
# Rows of docs/handbook.md about its prose and commands, not about an option of a listing.
PROSE = (
    *("`/etc/repro/repro/repro.config`", "three user lists", "repro and reTurn"),
    "11.8.5: port 443",
)


def corrections() -> list[str]:
    """The first column of the table in docs/handbook.md."""
    rows = [line.split(" | ")[0].removeprefix("| ") for line in DOCS.splitlines() if "|" in line]
    return rows[2:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_an_option_of_the_handbook(row: Row) -> None:
    if row.correction:
        assert row.read() == row.here
        matching = [text for text in corrections() if row.correction in text]
        assert len(matching) == 1, f"docs/handbook.md has no row with {row.correction!r}"
        option = re.sub(r"Transport[1-4]", "", row.option.partition(" ")[0])
        if row.listing != ZONE:
            assert any(name in matching[0] for name in option.split(".")), "the option has no name"
    else:
        assert row.here is None
        assert row.read() == row.value


def test_every_correction_is_one_of_the_table() -> None:
    used = {row.correction for row in ROWS if row.correction}
    for text in corrections():
        assert any(part in text for part in (*used, *PROSE)), text


def test_the_table_is_complete() -> None:
    for listing, count in COUNTS.items():
        options = [row.option for row in ROWS if row.listing == listing]
        assert len(options) == len(set(options)) == count
    assert len(ROWS) == sum(COUNTS.values()) == 72


def test_the_turn_server_has_an_ipv4_address_only() -> None:
    with pytest.raises(KeyError):
        record("turn-server", "AAAA")()


def test_no_port_of_clear_text_is_open_unless_asked_for() -> None:
    with pytest.raises(ValueError):
        interface(5060, 4)()


def test_the_domain_is_enabled_by_a_link() -> None:
    """conf.avail/falcot.com.cfg.lua, linked from conf.d, as the handbook has it."""
    found = links()
    assert found["/etc/prosody/conf.d/falcot.com.cfg.lua"] == "../conf.avail/falcot.com.cfg.lua"
    assert "/etc/prosody/conf.avail/falcot.com.cfg.lua" in found


# The handbook's own text, where there is one


def listed() -> dict[tuple[str, str], str]:
    """Listing and option to value, of every option in the handbook's listings."""
    text = LISTINGS.read_text(encoding="utf-8")

    def part(start: str, end: str) -> str:
        return text.partition(start)[2].partition(end)[0]

    found: dict[tuple[str, str], str] = {}
    zone = r"^(\S+)\s+IN\s+(A|AAAA|SRV|NAPTR)\s+(.+)$"
    for name, kind, data in re.findall(zone, part("11.8.1. ", "11.8.2. "), re.MULTILINE):
        service = re.findall(r'"([A-Z]+[:+][^"]+)"', data)
        option = " ".join([name, kind, *service])
        found[ZONE, option] = " ".join(data.split()).lower() if kind == "AAAA" else data
    assignment = re.compile(r"^([A-Z]\w+) = (.+)$", re.MULTILINE)
    for listing, text_of in ((RETURN, part("11.8.2.1. ", "11.8.2.2. ")),
                             (REPRO, part("11.8.3.1. ", "11.8.3.2. "))):  # fmt: skip
        for option, value in assignment.findall(text_of):
            found[listing, option] = re.sub(r"[0-9A-F:]{9,}", lambda m: m[0].lower(), value)
    lua = part("11.8.4.1. ", "11.8.4.2. ")
    for name, value in re.findall(r"^(admins) = (.+)$", lua, re.MULTILINE):
        found[PROSODY, name] = value
    for name in re.findall(r'^VirtualHost "(.+)"$', lua, re.MULTILINE):
        found[DOMAIN, "VirtualHost"] = name
    for name, value in re.findall(r"^\s+(\w+) = ([^{]+?);?$", lua, re.MULTILINE):
        option = f"ssl.{name}" if value.startswith('"') else name
        found[DOMAIN, option] = value.strip('"')
    section = ""
    for line in part("JSCommSettings = {", "...").splitlines():
        code = re.sub(r"(?:^|\s)//.*", "", line).strip()
        opened = re.fullmatch(r"(\w+): [{\[]", code)
        section = opened[1] if opened else section
        for name, value in re.findall(r"(\w+):\s*(\"[^\"]*\"|'[^']*'|\[\]|null|[0-9]+)", code):
            inside = "" if name == "stun_servers" else f"{section}."
            found[PHONE, inside + name] = value.strip("\"'")
    return found


@pytest.mark.skipif(not LISTINGS.is_file(), reason="the handbook is not part of the repository")
def test_no_option_of_the_handbook_is_left_out() -> None:
    assert {(row.listing, row.option): row.value for row in ROWS} == listed()
