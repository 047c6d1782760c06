# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""No valid value breaks out of the language it is rendered into: the files are read back."""

from __future__ import annotations

import configparser
import datetime
import json
import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import dns.exception
import dns.rdatatype
import dns.zone
import hypothesis
import pytest
from cryptography import x509
from hypothesis import HealthCheck
from hypothesis import strategies as st

from falcot_rtc import certificates, derive
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import ALL, tls
from falcot_rtc.policy import Site
from falcot_rtc.resources import CertificateCopy, Data, HostFile, Link, TreeFile
from tests.unit import parsers, rendered_phone
from tests.unit.fake_host import FALCOT
from tests.unit.parsers import Malformed
from tests.unit.policies.rendering import content
from tests.unit.test_derive import site
from tests.unit.valid_sites import (
    BOUNDS,
    OTHERS,
    SIP_SECRET,
    Given,
    bare,
    distinct_names,
    sites,
)

QUICK = hypothesis.settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TCP = "sip.internal-tcp = true\n" + FALCOT
DROPIN = "/etc/systemd/system/{}.service.d/50-falcot-rtc.conf"


def files(of_site: Site) -> dict[str, str]:
    resources = derive.desired(of_site).resources
    return {r.path: r.content for r in resources if isinstance(r, TreeFile | HostFile)}


REFERENCE = files(site(TCP))
CLOSED = files(site(TCP, sip="federation = false"))


def alike(text: str, given: Given) -> str:
    """A text of the reference site as it should stand for the given one."""
    return text.replace("falcot.com", given.domains[0]).replace("admin@", f"{given.admin}@")


def bracketed(address: Any) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


# One reader for each file; each compares what it reads with what was given.


def check_coturn(text: str, given: Given) -> None:
    found = parsers.coturn(text)
    rows: dict[str, list[str]] = {}
    for option, value in found:
        rows.setdefault(option, []).append(value)
    binds = [str(bind) for bind, _ in given.addresses.values()]
    ordinary = bare(given.ordinary_of("turn", *given.addresses))
    own = bare(given.of("turn"))
    mapped = [f"{p}/{b}" for b, p in (*given.of("turn"), *given.addresses.values()) if p != b]
    assert sorted(rows.pop("external-ip", [])) == sorted(mapped)
    auxiliary = [f"{bracketed(ip_address(one))}:443" for one in own if ordinary]
    assert rows.pop("aux-server", []) == auxiliary
    expected = {
        "realm": [given.domains[0]],
        "server-name": [given.domains[0]],
        "listening-ip": ordinary or own,
        "listening-port": ["3478" if ordinary else "443"],
        "tls-listening-port": ["5349" if ordinary else "443"],
        "relay-ip": binds,
        "min-port": [str(given.tunable("turn", "relay-low"))],
        "max-port": [str(given.tunable("turn", "relay-high"))],
        "user-quota": [str(given.tunable("turn", "user-quota"))],
        "total-quota": [str(given.tunable("turn", "total-quota"))],
        "cli-password": ["hush"],
        "cipher-list": [given.with_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")],
    }
    for option, values in expected.items():
        assert rows.pop(option, []) == values, option
    denied = [list(map(ip_address, line.split("-"))) for line in rows.pop("denied-peer-ip", [])]
    wanted = [ip_network(n.strip()) for n in given.tunable("turn", "denied-peers")]
    assert [(ends[0], ends[-1]) for ends in denied] == [(n[0], n[-1]) for n in wanted]
    # Exceptions are for our own addresses alone, and only where the table denies those.
    denied_to_us = {a for a in binds if any(ip_address(a) in n for n in wanted)}
    assert set(rows.pop("allowed-peer-ip", [])) <= denied_to_us
    fixed = dict.fromkeys(o for o, _ in parsers.coturn(REFERENCE["turn/turnserver.conf"]))
    discovery = {"alt-listening-port", "alt-tls-listening-port"}
    with_two = "ipv4-alternate" in given.addresses and bool(ordinary)
    missing = set(fixed) - set(expected) - {"denied-peer-ip"} - set(rows)
    assert missing == (set() if with_two else discovery)
    assert set(rows) - set(fixed) == (set() if with_two else {"no-rfc5780"})


def check_nft(text: str, given: Given) -> None:
    ports = f"{given.tunable('turn', 'relay-low')}-{given.tunable('turn', 'relay-high')}"
    wanted = parsers.nft(REFERENCE["turn/peers.nft"])
    assert parsers.nft(text) == [t.replace("49152-65535", ports) for t in wanted]


def check_kamailio(text: str, given: Given) -> None:
    found = parsers.kamailio(text)
    rows: list[tuple[str | None, ...]] = []

    def listen(pairs: list[tuple[Any, Any]], port: str, kind: str) -> None:
        for bind, public in pairs:
            host, outside = bracketed(ip_address(str(bind))), bracketed(ip_address(str(public)))
            advertised = (outside, port) if public != bind else (None, None)
            proto = "tcp" if kind == "tcp" else "tls"
            rows.append((proto, host, port, *advertised, f"{kind}{len(rows) + 1}"))

    ordinary = given.ordinary_of("sip", "ipv4", "ipv6")
    listen(ordinary, "5061", "tls")
    listen(ordinary, "8443", "wss")
    if given.internal_tcp and "ipv4" in given.addresses:
        listen([given.addresses["ipv4"]], "5060", "tcp")
    listen(given.of("sip"), "443", "any")
    assert found.listeners == rows
    realm = given.domains[0]
    assert found.of("alias") == [(f"sip-proxy.{realm}",)]
    variables = {name: value for name, value, _ in found.of("variable")}
    assert variables == {
        "falcot.domains": ",".join(given.domains),
        "falcot.origins": ",".join(
            f"https://{name}" for name in (*given.domains, f"sip-proxy.{realm}")
        ),
    }
    parameters = set(found.of("parameter"))
    sip = {name: str(value) for (policy, name), value in given.tunables.items() if policy == "sip"}
    assert {
        ("tcp_children", sip["workers"]),
        ("tcp_max_connections", sip["max-connections"]),
        ("tls_max_connections", sip["max-connections"]),
        ("tcp_connection_lifetime", str(int(sip["max-expires"]) + 60)),
    } <= parameters
    window = f"failures=>size=10;autoexpire={sip['failure-window']};initval=0;updateexpire=0"
    assert {
        ("registrar", "max_contacts", sip["max-contacts"]),
        ("registrar", "max_expires", sip["max-expires"]),
        ("registrar", "default_expires", sip["max-expires"]),
        ("tm", "fr_inv_timer", str(int(sip["ring-seconds"]) * 1000)),
        ("pike", "reqs_density_per_unit", sip["flood-requests"]),
        ("htable", "htable", window),
    } <= set(found.of("modparam"))
    same = REFERENCE if given.tunable("sip", "federation") else CLOSED
    reference = parsers.kamailio(same["sip/kamailio.cfg"])
    assert found.shape == reference.shape
    strings = [t for kind, t in found.routing if kind == "string"]
    wanted = [t for kind, t in reference.routing if kind == "string"]
    seconds = f"Retry-After: {sip['failure-window']}"
    assert strings == [
        t.replace("falcot.com", realm)
        .replace("Retry-After: 300", seconds)
        .replace(":5061;", ":443;" if given.of("sip") else ":5061;")
        for t in wanted
    ]


def check_tls(text: str, given: Given) -> None:
    assert text == given.with_ciphers(REFERENCE["sip/tls.cfg"])


def check_kamailio_secrets(text: str, given: Given) -> None:
    assert [line for line in text.splitlines() if line and not line.startswith("# ")] == [
        'modparam("auth_ephemeral", "secret", "old-secret")',
        'modparam("auth_ephemeral", "secret", "new_secret")',
        "#!ifdef KAMAILIO_5",
        'falcot.secrets = "old-secret,new_secret" desc "Secrets of minted credentials"',
        "#!endif",
    ]


def check_prosody_secret(text: str, given: Given) -> None:
    """The newest; a bare one, as here, is the first there ever was."""
    found = parsers.lua(text)
    assert not found.hosts and not found.includes
    names = ("falcot_rtc_secret", "turn_external_secret", "external_service_secret")
    assert found.options == {**dict.fromkeys(names, given.secret), "falcot_rtc_generation": 0}


def check_prosody(text: str, given: Given) -> None:
    found = parsers.lua(text)
    wanted = parsers.lua(REFERENCE["xmpp/falcot-rtc.cfg.lua"])
    assert not found.hosts and not found.includes
    realm, with_turn = given.domains[0], "turn" in given.services
    expected = {
        **wanted.options,
        "interfaces": bare(given.ordinary_of("xmpp", "ipv4", "ipv6")),
        "password_hash": given.tunable("xmpp", "password-hash"),
        "archive_expires_after": f"{given.tunable('xmpp', 'archive-days')}d",
        "falcot_rtc_decoy_secret": given.secret,
        "falcot_rtc_failure_window": given.tunable("jail", "find-seconds"),
        "falcot_rtc_delay_after": given.tunable("jail", "delay-after"),
        "falcot_rtc_delay": given.tunable("jail", "delay-seconds"),
        "turn_external_host": f"turn-server.{realm}",
        "turn_external_ttl": given.tunable("turn", "minted-ttl"),
        "external_services": [
            {
                "type": "turns", "transport": "tcp", "host": f"turn-server.{realm}",
                "port": 443 if given.of("turn") else 5349,
                "ttl": given.tunable("turn", "minted-ttl"), "secret": True,
            }
        ],
    }  # fmt: skip
    if given.of("turn") and not given.ordinary:
        expected["turn_external_port"] = 443
    if given.of("xmpp"):
        expected |= {"ssl_interfaces": bare(given.of("xmpp")), "ssl_ports": [443]}
        at = expected["modules_enabled:append"].index("server_contact_info") + 1
        modules = expected["modules_enabled:append"]
        expected["modules_enabled:append"] = [*modules[:at], "net_multiplex", *modules[at:]]
    if not with_turn:
        expected = {
            k: v for k, v in expected.items()
            if not k.startswith("turn_") and k != "external_services"
        }  # fmt: skip
        expected["modules_enabled:append"] = [
            m for m in expected["modules_enabled:append"] if m != "turn_external"
        ]
    assert found.options == expected


def check_domain(text: str, given: Given, domain: str) -> None:
    found = parsers.lua(text)
    admin = f"{given.admin}@{given.domains[0]}"
    days, per_upload, daily, kept = (
        given.tunable("xmpp", name)
        for name in ("archive-days", "upload-megabytes", "upload-daily-megabytes", "upload-days")
    )
    conference, upload = f"conference.{domain}", f"upload.{domain}"
    assert found.hosts == {
        domain: ("", {
            "enabled": True,
            "admins": [admin],
            "disco_items": [[conference, "Group chats"], [upload, "File sharing"]],
            "contact_info": {"admin": [f"xmpp:{admin}"]},
        }),
        conference: ("muc", {
            "modules_enabled": ["muc_mam"],
            "restrict_room_creation": "local",
            "muc_log_expires_after": f"{days}d",
        }),
        upload: ("http_file_share", {
            "http_host": upload,
            "http_external_url": f"https://{upload}{'' if given.of('xmpp') else ':5281'}/",
            "http_file_share_size_limit": per_upload * 1024 * 1024,
            "http_file_share_daily_quota": daily * 1024 * 1024,
            "http_file_share_expires_after": kept * 24 * 60 * 60,
        }),
    }  # fmt: skip
    assert not found.options and not found.includes


def check_validate(text: str, given: Given) -> None:
    found = parsers.lua(text)
    minting = ("minted",) if "turn" in given.services else ()
    names = ("falcot-rtc", *given.domains, *minting)
    assert found.includes == [f"{name}.cfg.lua" for name in names]
    assert found.options == parsers.lua(REFERENCE["xmpp/validate.cfg.lua"]).options


def check_module(text: str, given: Given, name: str) -> None:
    """A module is the same on every site: what differs it reads from prosody's options."""
    assert text == REFERENCE[f"xmpp/modules/{name}.lua"]


def check_filter(text: str, given: Given, name: str) -> None:
    assert text == REFERENCE[f"/etc/fail2ban/{name}.conf"]


def check_jails(text: str, given: Given) -> None:
    found = configparser.RawConfigParser()
    found.read_string(text)
    assert found.sections() == [
        f"falcot-rtc-{role}" for role in ("turn", "sip", "xmpp", "web") if role in given.services
    ]
    pairs = [*given.addresses.values(), *(pair for role in given.own for pair in given.of(role))]
    own = [str(one) for pair in pairs for one in pair]
    trusted = [str(ip_network(n)) for n in given.tunable("jail", "trusted")]
    for section in found.sections():
        row = dict(found[section])
        assert set(row.pop("ignoreip").split()) == {"127.0.0.0/8", "::1", *own, *trusted}
        for option, name in (
            ("maxretry", "max-failures"), ("findtime", "find-seconds"),
            ("bantime", "ban-seconds"), ("bantime.maxtime", "ban-max-seconds"),
        ):  # fmt: skip
            assert row.pop(option) == str(given.tunable("jail", name))
        wanted = configparser.RawConfigParser()
        wanted.read_string(REFERENCE["/etc/fail2ban/jail.d/falcot-rtc.conf"])
        ports = set(row.pop("port").split(","))
        # Without a second address or the internal listener there are fewer ports.
        assert ports <= {*wanted[section]["port"].split(","), "443"}
        sockets = re.findall(r"([0-9a-f.:]+) \. (\d+)", row.pop("banaction"))
        assert {port for _, port in sockets} == ports
        role = section.rpartition("-")[2]
        places = given.web_addresses() if role == "web" else [bind for bind, _ in given.of(role)]
        assert {at for at, port in sockets if port == "443"} == set(map(str, places))
        assert row.items() <= dict(wanted[section]).items()


def check_apache(text: str, given: Given) -> None:
    found = parsers.apache(text)
    realm, *others = given.domains
    https = [f"{bracketed(a)}:443" for a in given.web_addresses()]
    http = [f"{bracketed(a)}:80" for a in given.http_addresses()]
    plain, secure = (f"VirtualHost {' '.join(places)}" for places in (http, https))
    assert [d.words for d in found if d.name == "Listen"] == [
        *((place, "https") for place in https),
        *((place, "http") for place in http),
    ]
    names = [(d.section, d.words) for d in found if d.name == "ServerName"]
    assert names == [((), (realm,)), ((plain,), (realm,)), ((secure,), (realm,))]
    aliases = [(d.section, d.words) for d in found if d.name == "ServerAlias"]
    assert aliases == [((secure,), (name,)) for name in others]
    assert [d.words for d in found if d.section == (plain,) and d.name != "ServerName"] == [
        ("permanent", "/", f"https://{realm}/")
    ]
    hsts = given.tunable("web", "hsts-seconds")
    told = [d.words[-1] for d in found if "Strict-Transport-Security" in d.words]
    assert told == ([f"max-age={hsts}"] if hsts else [])
    moving = ("Listen", "ServerName", "ServerAlias", "Redirect")
    frames = rendered_phone.frames(found, given)

    def rest(directives: list[parsers.Directive]) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (d.name, d.words) for d in directives
            if d.name not in moving and d not in frames
            and "Strict-Transport-Security" not in d.words
        ]  # fmt: skip

    reference = REFERENCE["web/apache2.conf"].replace(
        "falcot.com:8443", f"falcot.com:{given.wss_port}"
    )
    wanted = parsers.apache(alike(reference, given))
    if "sip" not in given.services:
        # Its phone speaks SIP.
        wanted = [d for d in wanted if "phone" not in " ".join((*d.section, *d.words))]
    assert rest(found) == rest(wanted)


def check_phone(text: str, given: Given) -> None:
    comment, _, settings = text.partition("JSCommSettings = ")
    assert all(line.startswith("//") for line in comment.splitlines())
    assert "<" not in settings and "\u2028" not in settings
    found = json.loads(settings.removesuffix(";\n"))
    realm = given.domains[0]
    assert found["user"] == {"domain": realm}
    assert found["websocket"]["servers"] == [f"wss://sip-proxy.{realm}:{given.wss_port}/ws"]
    assert found["brand"]["title"] == given.tunable("web-phone", "title").strip() or realm
    wished = given.tunable("web-phone", "default-destination").strip()
    assert found["dialing"]["auto_dial"]["default_destination"] == wished
    wanted = json.loads(
        REFERENCE["web-phone/config.js"].partition("JSCommSettings = ")[2].removesuffix(";\n")
    )
    assert found.pop("extra_headers") == list(given.tunable("web-phone", "extra-headers"))
    del wanted["extra_headers"]
    assert {key: set(table) for key, table in found.items()} == {
        key: set(table) for key, table in wanted.items()
    }


def check_same(text: str, given: Given, path: str) -> None:
    assert text == REFERENCE[path]


def check_page(text: str, given: Given, page: str) -> None:
    found = parsers.html(text)
    wanted = parsers.html(REFERENCE[f"web/html/{page}"])
    if {"turn", "sip", "xmpp"} <= set(given.services) and not given.own:
        assert found == [(element, alike(shown, given)) for element, shown in wanted]
    # Whatever the services, no element that the reference lacks.
    assert {element for element, _ in found} <= {element for element, _ in wanted}


def check_zone(text: str, given: Given, domain: str) -> None:
    zone = dns.zone.from_text(text, origin=domain, relativize=False)
    rows = {
        (name.to_text(True), dns.rdatatype.to_text(data.rdtype), data.to_text())
        for name, _, data in zone.iterate_rdatas()
    }
    realm = given.domains[0]
    if domain == realm:
        hosts: dict[tuple[str, str], tuple[str, ...]] = {(realm, "server1"): ("ipv4", "ipv6")}
        if "turn" in given.services:
            hosts[realm, "turn-server"] = ("ipv4",) if "ipv4" in given.addresses else ("ipv6",)
        if "sip" in given.services:
            hosts[realm, "sip-proxy"] = ("ipv4", "ipv6")
        roles = {"turn-server": "turn", "sip-proxy": "sip"}
        for (inside, label), families in hosts.items():
            places = given.own.get(roles.get(label, ""), given.addresses)
            here = {(*row[:2], ip_address(row[2])) for row in rows if row[0] == f"{label}.{inside}"}
            assert here == {
                (f"{label}.{inside}", {4: "A", 6: "AAAA"}[public.version], public)
                for family, (_, public) in places.items() if family in families
            }, label  # fmt: skip
    assert {row for row in rows if row[1] == "SRV"} == given.srv(domain)
    kinds = {row[1] for row in rows}
    assert kinds <= {"SOA", "NS", "A", "AAAA", "SRV", "NAPTR", "CAA"}
    named = {f"{name.rstrip('.')}." for name in given.tunable("dns", "name-servers")}
    assert {row[2] for row in rows if row[1] == "NS"} == (named or {f"server1.{realm}."})
    assert {row for row in rows if row[1] == "CAA"} == {
        (domain, "CAA", f'0 issue "{issuer}"') for issuer in given.tunable("dns", "caa")
    }
    assert {
        dns.rdatatype.to_text(data.rdtype): data.ttl for _, data in zone.iterate_rdatasets()
    } == {
        kind: given.tunable("dns", "address-ttl" if kind in ("A", "AAAA") else "ttl")
        for kind in kinds
    }


def check_dropin(text: str, given: Given, unit: str) -> None:
    path = DROPIN.format(unit)
    role = {"coturn": "turn", "kamailio": "sip", "prosody": "xmpp"}.get(unit)
    if role:
        families = given.addresses if role == "turn" else ("ipv4", "ipv6")
        places = {str(bind) for bind, _ in (*given.ordinary_of(role, *families), *given.of(role))}
        if role == "sip" and given.internal_tcp and "ipv4" in given.addresses:
            places.add(str(given.addresses["ipv4"][0]))
    else:
        places = set(map(str, given.http_addresses()))
    binds = sorted(places)
    wait = "/usr/libexec/falcot-rtc/wait-addresses "
    reference = [
        (s, k, alike(wait + " ".join(binds) if v.startswith(wait) else v, given))
        for s, k, v in parsers.ini(REFERENCE[path])
    ]
    assert parsers.ini(text) == reference


Check = Callable[..., None]
CHECKS: tuple[tuple[str, Check], ...] = (
    (r"turn/turnserver\.conf", check_coturn),
    (r"turn/peers\.nft", check_nft),
    (r"sip/kamailio\.cfg", check_kamailio),
    (r"sip/tls\.cfg", check_tls),
    (r"sip/minted\.cfg", check_kamailio_secrets),
    (r"sip/guests\.cfg", rendered_phone.check_guests),
    (r"phone/desk\.json", rendered_phone.check_desk),
    (r"phone/secrets\.json", rendered_phone.check_desk_secrets),
    (r"web/html/phone-api/(\w+)\.json", rendered_phone.check_refusal),
    (r"xmpp/falcot-rtc\.cfg\.lua", check_prosody),
    (r"xmpp/modules/(.+)\.lua", check_module),
    (r"/etc/fail2ban/((?:action|filter)\.d/.+)\.conf", check_filter),
    (r"/etc/fail2ban/jail\.d/falcot-rtc\.conf", check_jails),
    (r"xmpp/minted\.cfg\.lua", check_prosody_secret),
    (r"xmpp/validate\.cfg\.lua", check_validate),
    (r"xmpp/(.+)\.cfg\.lua", check_domain),
    (r"web/apache2\.conf", check_apache),
    (r"(web/envvars)", check_same),
    (r"(web/html/style\.css)", check_same),
    (r"web/html/((?:password/\w+|index)\.html\...)", check_page),
    (r"web-phone/config\.js", check_phone),
    (r"(web-phone/brand\.css)", check_same),
    (r"web-phone/manifest\.webmanifest", rendered_phone.check_manifest),
    (r"dns/(.+)\.zone", check_zone),
    (r"/etc/systemd/system/(.+)\.service\.d/50-falcot-rtc\.conf", check_dropin),
)


def check_all(given: Given) -> None:
    for path, text in files(given.site).items():
        for pattern, check in CHECKS:
            matched = re.fullmatch(pattern, path)
            if matched:
                check(text, given, *matched.groups())
                break
        else:
            raise AssertionError(f"{path} has no reader")


@QUICK
@hypothesis.given(given=sites())
def test_what_is_rendered_is_what_was_given(given: Given) -> None:
    hypothesis.assume(distinct_names(given))
    check_all(given)


@hypothesis.settings(parent=QUICK, max_examples=50)
@hypothesis.given(given=sites())
def test_every_name_fits_a_file_system(given: Given) -> None:
    """NAME_MAX is 255; what we write or link has a longer, temporary name first."""
    found = derive.desired(given.site)
    ours = [r.path for kind in (TreeFile, HostFile, Link) for r in found.of(kind)]
    for copy in found.of(CertificateCopy):
        ours += [name for pair in copy.names for name in pair]
    daemons = [data.path for data in found.of(Data)]
    for path in ours + daemons:
        parts = path.split("/")
        assert ".." not in parts
        assert max(len(part.encode()) for part in parts) <= 255
        if path in ours:
            assert len(f".{parts[-1]}.falcot-rtc-new".encode()) <= 255


@hypothesis.settings(parent=QUICK, max_examples=40)
@hypothesis.given(given=sites())
def test_a_certificate_can_be_made_for_every_site(given: Given) -> None:
    hypothesis.assume(distinct_names(given))
    now = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
    names = tls.names(given.site.settings)
    pair = certificates.issue(
        certificates.new_ca(given.domains[0], now), names, given.tunable("tls", "days"), now
    )
    leaf = x509.load_pem_x509_certificate(pair.chain)
    listed = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(listed.get_values_for_type(x509.DNSName)) == names


# That the readers notice a break-out: the same site, past validation.


def unchecked(hostile: str) -> Given:
    chosen = site(TCP)
    forged = replace(
        chosen,
        settings=replace(
            chosen.settings, domains=(replace(chosen.settings.domains[0], name=hostile),)
        ),
        secrets={
            "turn-minted": hostile,
            "turn-cli": "hush",
            "xmpp-decoys": hostile,
            "sip-minted": SIP_SECRET,
            "phone-token": "hush",
        },
    )
    forged = replace(forged, endpoints=derive.endpoints(forged.settings, forged.tunables))
    return Given(
        domains=[hostile],
        addresses={a.family: (a.bind, a.public) for a in chosen.settings.addresses},
        services=list(chosen.settings.services),
        admin="admin",
        tunables={(p, name): v for p, rows in chosen.tunables.items() for name, v in rows.items()}
        | {("turn", "denied-peers"): [str(n) for n in chosen.tunables["turn"]["denied-peers"]]},
        secret=hostile,
        internal_tcp=True,
        calls=[],
        own={},
        ordinary=True,
        site=forged,
    )


def test_the_reference_passes_its_own_checks() -> None:
    check_all(unchecked("falcot.com"))


@pytest.mark.parametrize(
    ("path", "hostile"),
    [
        ("turn/turnserver.conf", "a.b\nno-auth"),
        ("turn/turnserver.conf", "a.b no-auth"),
        ("sip/kamailio.cfg", 'a.b", "x", "1"); exit; #'),
        ("sip/kamailio.cfg", "a.b\n#!define X"),
        ("web/apache2.conf", "a.b\nInclude /etc/passwd"),
        ("web/apache2.conf", "a.b\\"),
        ("web/apache2.conf", "a.b c.d"),
        ("web/apache2.conf", "a.b>"),
        ("dns/{}.zone", "a.b.\n@ IN A 192.0.2.1\n$ORIGIN x"),
        ("dns/{}.zone", "a.b ; comment"),
        (DROPIN.format("prosody"), "a.b\nExecStartPre=/bin/sh"),
    ],
)
def test_the_readers_notice_a_break_out(path: str, hostile: str) -> None:
    given = unchecked(hostile)
    path = path.format(hostile)
    text = files(given.site)[path]
    check, groups = next(
        (check, m.groups())
        for pattern, check in CHECKS if (m := re.fullmatch(pattern, path, re.DOTALL))
    )  # fmt: skip
    with pytest.raises((AssertionError, dns.exception.DNSException)):
        check(text, given, *groups)


@pytest.mark.parametrize(
    "hostile", ['a.b" }', "a.b\n-- ", "]]a.b", "a\\b.c", "<script>.b", "&lt;.b"]
)
def test_lua_and_html_escape_whatever_they_get(hostile: str) -> None:
    given = unchecked(hostile)
    found = files(given.site)
    check_prosody(found["xmpp/falcot-rtc.cfg.lua"], given)
    if "\n" not in hostile:
        check_prosody_secret(found["xmpp/minted.cfg.lua"], given)
    check_domain(found[f"xmpp/{hostile}.cfg.lua"], given, hostile)
    check_validate(found["xmpp/validate.cfg.lua"], given)
    if "\n" not in hostile:
        for page in ("index.html.de", "password/index.html.en"):
            check_page(found[f"web/html/{page}"], given, page)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parsers.lua, 'x = "a\n'), (parsers.lua, "x = { 1"), (parsers.lua, "x = y"),
        (parsers.lua, "x = 1 x = 1"), (parsers.lua, 'x = "\\q"'), (parsers.lua, "--[[ x ]]"),
        (parsers.lua, "os.exit()"), (parsers.lua, 'x = "a" .. "b"'),
        (parsers.coturn, "No-Auth\n"), (parsers.coturn, "a=b c\n"), (parsers.coturn, "a=b"),
        (parsers.coturn, "a=\x0bb\n"), (parsers.coturn, "# a \\\nb\n"),
        (parsers.kamailio, "debug=1\n"), (parsers.ini, "a=b\n"), (parsers.ini, "[A]\na b\n"),
        (parsers.apache, "<A b>\n"), (parsers.apache, "</A>\n"), (parsers.apache, 'A "b\n'),
        (parsers.nft, "x `y`"), (parsers.html, "<p>"), (parsers.html, "<script></script>"),
        (parsers.html, "<p onclick=x></p>"), (parsers.html, "<!-- x -->"),
    ],
)  # fmt: skip
def test_readers_are_strict(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(Malformed):
        read(text)


# Bounds and names


def test_the_table_of_tunables_is_complete() -> None:
    listed = {(policy, name) for policy, name, _, _ in BOUNDS} | set(OTHERS)
    assert listed == {(policy.name, key.path) for policy in ALL for key in policy.tunables}


@pytest.mark.parametrize(("policy", "name", "low", "high"), BOUNDS)
def test_bounds(policy: str, name: str, low: int, high: int) -> None:
    (key,) = (k for p in ALL if p.name == policy for k in p.tunables if k.path == name)
    assert (key.parse(low), key.parse(high)) == (low, high)
    for beyond in (low - 1, high + 1):
        with pytest.raises(UsageError, match=f"{name}: {beyond} is not a whole number from {low}"):
            derive.tunables({policy: f"{name} = {beyond}"})


OVERLAID = {
    "coturn": "turn/turnserver.conf",
    "kamailio": "sip/kamailio.cfg",
    "prosody": "xmpp/falcot-rtc.cfg.lua",
    "apache2": "web/apache2.conf",
}
ADDITIONS = {
    "coturn": "max-bps=7",
    "kamailio": "",
    "prosody": "limits = { }",
    "apache2": "Timeout 7",
}
READ: dict[str, Callable[[str], Any]] = {
    "coturn": parsers.coturn,
    "kamailio": lambda text: parsers.kamailio(text).shape,
    "prosody": lambda text: parsers.lua(text).options,
    "apache2": parsers.apache,
}
# Any name that a file system has: no NUL, no slash, not "." and "..".
file_names = st.text(
    st.characters(blacklist_characters="/\0", max_codepoint=0x2029), min_size=1, max_size=20
).filter(lambda name: name not in (".", "..")) | st.sampled_from(
    ["a\nno-auth", "a\rno-auth", "a\\", '"', "'", "]]", "*/", "{{ x }}", "..a", "%s", "\udcff",
     "\u2028", "10-rate.conf", "x.cfg.lua", "A_b+c", "$(id)", "a b", "--", "a" * 255]
)  # fmt: skip


@pytest.mark.parametrize("provider", OVERLAID)
@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(name=file_names)
def test_the_name_of_an_overlay_stays_in_its_comment(provider: str, name: str) -> None:
    of_site = replace(site(), overlays={provider: {name: ADDITIONS[provider]}})
    plain = replace(site(), overlays={provider: {"plain": ADDITIONS[provider]}})
    path = OVERLAID[provider]
    try:
        text = content(path, of_site)
    except UsageError as error:
        assert not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name, re.ASCII)
        assert error.message.isprintable()
        assert f"/etc/falcot-rtc/local.d/{provider}/" in error.message
        assert error.hint.startswith("rename it")
    else:
        assert READ[provider](text) == READ[provider](content(path, plain))
        assert f"/etc/falcot-rtc/local.d/{provider}/{name}\n" in text
        text.encode()
