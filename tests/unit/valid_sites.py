# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites as odd as validation lets them be, with the values that went in (hypothesis)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from falcot_rtc import derive, fields, settings
from falcot_rtc.accounts import names
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site

# The bounds of every number, by hand: policy, tunable, lowest, highest.
BOUNDS = (
    ("tls", "days", 2, 397),
    ("turn", "relay-low", 1024, 65535),
    ("turn", "relay-high", 1024, 65535),
    ("turn", "minted-ttl", 300, 604800),
    ("turn", "rotation-days", 1, 3650),
    ("turn", "log-ins-per-minute", 1, 1_000_000),
    ("turn", "user-quota", 0, 10000),
    ("turn", "total-quota", 0, 65535),
    ("sip", "max-contacts", 1, 100),
    ("sip", "max-expires", 60, 86400),
    ("sip", "workers", 1, 64),
    ("sip", "max-connections", 16, 65535),
    ("sip", "ring-seconds", 10, 600),
    ("sip", "flood-requests", 10, 10000),
    ("sip", "failures-per-source", 3, 10000),
    ("sip", "failures-per-user", 3, 1000),
    ("sip", "failure-window", 10, 86400),
    ("xmpp", "archive-days", 1, 3650),
    ("xmpp", "upload-days", 1, 3650),
    ("xmpp", "upload-megabytes", 1, 10240),
    ("xmpp", "upload-daily-megabytes", 1, 1048576),
    ("web", "hsts-seconds", 0, 63072000),
    ("web-phone", "no-answer-seconds", 5, 600),
    ("web-phone", "key-milliseconds", 70, 6000),
    ("phone", "credentials-seconds", 30, 86400),
    ("phone", "login-hours", 1, 720),
    ("jail", "max-failures", 3, 10000),
    ("jail", "find-seconds", 60, 86400),
    ("jail", "ban-seconds", 60, 604800),
    ("jail", "ban-max-seconds", 60, 31536000),
    ("jail", "delay-after", 1, 10000),
    ("jail", "delay-seconds", 0, 30),
    ("dns", "ttl", 60, 604800),
    ("dns", "address-ttl", 60, 604800),
    ("dns", "turn-priority", 0, 65000),
    ("dns", "turn-weight", 0, 65000),
    ("dns", "sip-priority", 0, 65000),
    ("dns", "sip-weight", 0, 65000),
    ("dns", "xmpp-priority", 0, 65000),
    ("dns", "xmpp-weight", 0, 65000),
)
_LINES = st.sampled_from(["", "Falcot", "</script><b>", '"; alert(1); //', "a \\ Ü"])
OTHERS: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("turn", "denied-peers"): st.lists(
        st.sampled_from(
            [
                "0.0.0.0/0",
                "10.0.0.0/8",
                "192.0.2.1",
                "192.0.2.1/32",
                "::/0",
                "::1",
                "fc00::/7",
                "2001:db8::/127",
                "10.0.0.0/255.0.0.0",
                " 198.18.0.0/15 ",
            ]
        ),
        unique_by=lambda text: str(fields.network(text)),
    ),
    ("jail", "trusted"): st.lists(
        st.sampled_from(["192.0.2.0/24", "2001:db8:5::/48", "198.51.100.7"]), unique=True
    ),
    ("sip", "federation"): st.booleans(),
    ("firewall", "internal-networks"): st.lists(
        st.sampled_from(["10.0.0.0/8", "192.0.2.0/24", "fc00::/7"]), unique=True
    ),
    ("firewall", "also-open"): st.lists(st.sampled_from(["tcp/25", "udp/123"]), unique=True),
    ("dns", "tlsa"): st.booleans(),
    ("dns", "caa-of-acme"): st.booleans(),
    ("dns", "publish-on-apply"): st.booleans(),
    ("tls", "old-phones"): st.booleans(),
    ("dns", "caa"): st.lists(
        st.sampled_from(["letsencrypt.org", "ca.example", "xn--mller-kva.example"]), unique=True
    ),
    ("dns", "update-server"): st.sampled_from(["", "ns1.example.net", "2001:db8::53"]),
    ("dns", "update-key"): st.sampled_from(["", "/etc/falcot-rtc/update.key"]),
    ("dns", "name-servers"): st.lists(
        st.sampled_from(["ns1.example.net", "ns2.example.net."]), unique=True
    ),
    ("web-phone", "title"): _LINES,
    ("web-phone", "language"): st.sampled_from(["", "de", "pt-BR", "zh-Hant-TW"]),
    ("web-phone", "help-link"): st.sampled_from(["", "/help", "https://example.org/a"]),
    ("web-phone", "video"): st.booleans(),
    ("web-phone", "prefer-video"): st.booleans(),
    ("web-phone", "messages"): st.booleans(),
    # Without both, there would be nothing to call with.
    ("web-phone", "audio"): st.just(True),
    **{
        ("web-phone", name): st.booleans()
        for name in (
            "call-at-start",
            "clear-destination",
            "edit-destination",
            "key-tones",
            "keypad",
            "language-choice",
            "message-tone",
            "register-at-start",
            "registration-choice",
            "require-relay",
            "show-destination",
        )
    },
    ("web-phone", "extra-headers"): st.lists(
        st.sampled_from(["X-Site: shop", 'X-Note: "</script>"']), unique=True
    ),
    ("web-phone", "default-destination"): st.sampled_from(["", "sales", "+4930123", "a@b.c"]),
    ("xmpp", "password-hash"): st.sampled_from(["SHA-1", "SHA-256"]),
}
ROLES = ("turn", "sip", "xmpp", "web")
FORWARD_SECRET = "ECDHE+AESGCM:ECDHE+CHACHA20"
CBC_AND_RSA = "ECDHE+AES+SHA256:ECDHE+AES+SHA:kRSA+AESGCM:kRSA+AES+SHA256:kRSA+AES+SHA"

LABEL = "a" * 63
LONGEST = f"{LABEL}.{LABEL[2:]}.b"  # 127 characters, three labels
MANY_LABELS = ".".join("a" * 58)  # 57 dots cost 114 more where names are percent-encoded
HYPHENS = f"a{'-' * 56}b.org"

# As they may be written, and as browsers write them.
ORIGINS = {
    "https://a.b": "https://a.b",
    "https://Falcot.com:8443/": "https://falcot.com:8443",
    "HTTPS://bücher.example:443": "https://xn--bcher-kva.example",
}
SIP_SECRET = "1700000000 old-secret\n1800000000 new_secret\n"


def accepts(parse: Any, value: object) -> bool:
    try:
        parse(value)
    except (ValueError, UsageError):
        return False
    return True


def _served(name: str) -> bool:
    return accepts(fields.served_domain, name)


_alphabet = "abz019-"
labels = st.text(_alphabet, min_size=1, max_size=63)
idn_labels = st.text(st.characters(categories=["Ll", "Lo", "Lu"]), min_size=1, max_size=9)
domains = st.one_of(
    st.sampled_from(
        ["falcot.com", "example.com", LONGEST, MANY_LABELS, HYPHENS, "xn--mller-kva.example",
         "Müller.Example", "例え.テスト", "a。b", "1.2.3.a", "FALCOT.com.", "localhost.localdomain"]
    ),
    st.lists(labels, min_size=2, max_size=20).map(".".join).filter(_served),
    st.lists(idn_labels, min_size=2, max_size=4).map(".".join).filter(_served),
)  # fmt: skip
ipv4 = st.one_of(
    st.sampled_from(["1.0.0.0", "10.0.0.1", "100.64.0.1", "192.0.2.255", "223.255.255.255"]),
    st.ip_addresses(v=4).map(str).filter(lambda text: accepts(fields.ipv4, text)),
)
ipv6 = st.one_of(
    st.sampled_from(["2001:DB8::0001", "fd00::1", "2001:db8:1:2:3:4:5:6", "::1.2.3.4", "2000::"]),
    st.ip_addresses(v=6).map(str).filter(lambda text: accepts(fields.ipv6, text)),
)
admins = st.one_of(
    st.sampled_from(["a", "-", "_", "a" * 64, "joe.d-o_e", "select", "0x1"]),
    st.text("abz09._-", min_size=1, max_size=64).filter(lambda n: accepts(names.local_part, n)),
)


@dataclass(frozen=True)
class Given:
    """What was written into settings.toml and policy.d, and the site that came of it."""

    domains: list[str]
    addresses: dict[str, tuple[Any, Any]]
    services: list[str]
    admin: str
    tunables: dict[tuple[str, str], Any]
    secret: str
    internal_tcp: bool
    calls: list[dict[str, Any]]
    own: dict[str, dict[str, tuple[Any, Any]]]
    ordinary: bool
    site: Site = field(repr=False)

    def of(self, role: str) -> list[tuple[Any, Any]]:
        """The addresses on which the role has port 443 of its own, as bound and as seen."""
        return list(self.own.get(role, {}).values())

    def ordinary_of(self, role: str, *families: str) -> list[tuple[Any, Any]]:
        """Where the role has its ordinary ports; `families` are those of the main addresses."""
        if self.of(role) and not self.ordinary:
            return []
        return [pair for f, pair in self.addresses.items() if f in families] + self.of(role)

    def main_addresses(self) -> list[Any]:
        return [bind for family, (bind, _) in self.addresses.items() if family != "ipv4-alternate"]

    def web_addresses(self) -> list[Any]:
        """Where the web has port 443: its own address of a family, or else the main one."""
        own = self.own.get("web", {})
        main = [f for f in self.addresses if f != "ipv4-alternate"]
        return [own.get(family, self.addresses[family])[0] for family in main]

    def http_addresses(self) -> list[Any]:
        """Wherever a name leads."""
        others = [bind for role in ("turn", "sip", "xmpp") for bind, _ in self.of(role)]
        return list(dict.fromkeys([*self.web_addresses(), *self.main_addresses(), *others]))

    @property
    def wss_port(self) -> int:
        return 443 if self.of("sip") else 8443

    def srv(self, domain: str) -> set[tuple[str, str, str]]:
        """The SRV records of a zone, by hand."""
        ordinary = {
            "turn": {("_stun._udp", "3478 turn-server"), ("_stun._tcp", "3478 turn-server"),
                     ("_stuns._tcp", "5349 turn-server"), ("_turn._udp", "3478 turn-server"),
                     ("_turn._tcp", "3478 turn-server"), ("_turns._tcp", "5349 turn-server")},
            "sip": {("_sips._tcp", "5061 sip-proxy")},
            "xmpp": {("_xmpp-client._tcp", "5222 xmpp-gw"), ("_xmpps-client._tcp", "5223 xmpp-gw"),
                     ("_xmpp-server._tcp", "5269 xmpp-gw"), ("_xmpps-server._tcp", "5270 xmpp-gw")},
        }  # fmt: skip
        # With port 443: services that have it before their ordinary port, and after it.
        before = {
            "_stuns._tcp",
            "_turns._tcp",
            "_sips._tcp",
            "_xmpps-client._tcp",
            "_xmpps-server._tcp",
        }
        after = {"_stun._udp", "_turn._udp", "_stun._tcp", "_turn._tcp"}
        srv = set()
        for role, listed in ordinary.items():
            if role not in self.services:
                continue
            priority, weight = (
                self.tunable("dns", f"{role}-{name}") for name in ("priority", "weight")
            )
            for service, place in listed:
                places = [place] if self.ordinary_of(role, *self.addresses) else []
                on_443 = f"443 {place.partition(' ')[2]}"
                if self.of(role) and service in before:
                    places = [on_443, *places]
                elif self.of(role) and service in after:
                    places = [*places, on_443]
                behind = 1 if self.of(role) and service == "_xmpp-client._tcp" else 0
                srv |= {
                    (
                        f"{service}.{domain}",
                        "SRV",
                        f"{priority + n} {weight} {data}.{self.domains[0]}.",
                    )
                    for n, data in enumerate(places, behind)
                }
        return srv

    def with_ciphers(self, text: str) -> str:
        """A text of a modern site with what this one offers for SIP and TURN."""
        offered = f"{FORWARD_SECRET}:{CBC_AND_RSA}"
        return text.replace(FORWARD_SECRET, offered) if self.tunable("tls", "old-phones") else text

    def tunable(self, policy: str, name: str) -> Any:
        return self.tunables[policy, name]


@st.composite
def click_to_call(draw: st.DrawFn) -> dict[str, Any]:
    """A table as odd as may be; its target has no domain, which is the first one's then."""
    titles = st.text(max_size=40).filter(lambda t: t.strip().isprintable() and bool(t.strip()))
    more: dict[str, st.SearchStrategy[Any]] = {
        "title": st.sampled_from(['"', "</script>", "{{ 7*7 }}", "\\"]) | titles,
        "origins": st.lists(st.sampled_from([*ORIGINS]), unique=True),
        "limit": st.integers(1, 1000),
        "ttl": st.integers(30, 3600),
        "until": st.dates(),
    }
    return draw(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["sales", "a", "0", "a--b", "9" * 32]),
                "target": st.sampled_from(["1001", "00"]) | admins,
            },
            optional=more,
        )
    )


def texts(tunables: dict[tuple[str, str], Any]) -> dict[str, str]:
    """policy.d; JSON's numbers, strings, booleans and arrays of them are TOML's."""
    found: dict[str, str] = {}
    for (policy, name), value in tunables.items():
        found[policy] = found.get(policy, "") + f"{name} = {json.dumps(value)}\n"
    return found


def _address(family: str, text: str) -> IPv4Address | IPv6Address:
    return IPv6Address(text) if family == "ipv6" else IPv4Address(text)


@st.composite
def sites(draw: st.DrawFn) -> Given:
    listed = draw(st.lists(domains, min_size=1, max_size=3, unique_by=fields.served_domain))
    if draw(st.integers(0, 4)) == 0 and _served(f"sub.{listed[0]}"):
        listed.append(f"sub.{listed[0]}")
    families = draw(
        st.sampled_from([("ipv4",), ("ipv6",), ("ipv4", "ipv6"), ("ipv4", "ipv4-alternate"),
                         ("ipv4", "ipv4-alternate", "ipv6")])
    )  # fmt: skip
    fours = draw(st.lists(ipv4, min_size=12, max_size=12, unique_by=IPv4Address))
    sixes = draw(st.lists(ipv6, min_size=10, max_size=10, unique_by=IPv6Address))
    pairs = {"ipv4": fours[:2], "ipv4-alternate": fours[2:4], "ipv6": sixes[:2]}
    nat = draw(st.booleans())
    address = {
        family: {"bind": pairs[family][0], **({"public": pairs[family][1]} if nat else {})}
        for family in families
    }
    services = draw(st.lists(st.sampled_from(ROLES), unique=True))
    on_443 = draw(st.lists(st.sampled_from(services), unique=True) if services else st.just([]))
    ordinary = draw(st.booleans())
    spare = {"ipv4": fours[4:], "ipv6": sixes[2:]}
    own = {
        role: {family: (spare[family].pop(), spare[family].pop()) for family in families
               if family in spare}
        for role in on_443
    }  # fmt: skip
    admin, internal = draw(admins), draw(st.booleans())
    calls = draw(st.lists(click_to_call(), max_size=3, unique_by=lambda one: str(one["name"])))
    tuned = {
        (policy, name): draw(st.sampled_from([low, high]) | st.integers(low, high))
        for policy, name, low, high in BOUNDS
    } | {key: draw(strategy) for key, strategy in OTHERS.items()}
    # The relay's range neither holds another port of ours nor is narrow.
    low = draw(st.sampled_from([5350, 49152, 65435]) | st.integers(5350, 65435))
    tuned["turn", "relay-low"] = low
    tuned["turn", "relay-high"] = draw(st.integers(low + 100, 65535))
    document = {
        "version": 1,
        "domain": [{"name": name} for name in listed],
        "address": address,
        "services": services,
        "admin": admin,
        "sip": {"internal-tcp": internal},
        "click_to_call": calls,
        "port443": {
            "enabled": bool(on_443),
            "roles": on_443,
            "ordinary-ports": ordinary,
            **{
                role: {
                    family: {"bind": bind, **({"public": public} if nat else {})}
                    for family, (bind, public) in pair.items()
                }
                for role, pair in own.items()
            },
        },
    }
    chosen = settings.from_document(document)
    parsed = derive.tunables(texts(tuned))
    secret = draw(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1))
    return Given(
        domains=[domain.name for domain in chosen.domains],
        addresses={f: (_address(f, pairs[f][0]), _address(f, pairs[f][nat])) for f in families},
        services=services,
        admin=admin,
        tunables=tuned,
        secret=secret,
        internal_tcp=internal,
        calls=calls,
        own={
            role: {f: (_address(f, two[0]), _address(f, two[nat])) for f, two in pair.items()}
            for role, pair in own.items()
        },
        ordinary=ordinary,
        site=Site(
            settings=chosen,
            release="trixie",
            endpoints=derive.endpoints(chosen, parsed),
            tunables=parsed,
            secrets={
                "turn-minted": secret,
                "turn-cli": "hush",
                "xmpp-decoys": secret,
                "sip-minted": SIP_SECRET,
                "phone-token": "hush",
            },
        ),
    )


def bare(pairs: list[tuple[Any, Any]]) -> list[str]:
    return [str(bind) for bind, _ in pairs]


def distinct_names(given: Given) -> bool:
    return accepts(tls.names, given.site.settings)
