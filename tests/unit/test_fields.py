# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc import fields

# All that TOML can hold (toml.io, v1.0.0), tables and arrays of it included.
TOML = st.recursive(
    st.one_of(
        st.text(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.datetimes(),
        st.dates(),
        st.times(),
        st.sampled_from([".", "..", "-.x", "xn--.de", "ß.de", "‥", "a。b", "::", "0", "@", "/.."]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PARSERS = [
    fields.text, fields.domain, fields.ipv4, fields.ipv6, fields.boolean, fields.path, fields.email,
    fields.network, fields.integer(1, 5), fields.one_of("a", "b"),
    fields.list_of(fields.one_of("a", "b")), fields.list_of(fields.network), fields.origin,
]  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS)
@given(value=TOML)
def test_junk_is_a_value_error_and_nothing_else(parse: object, value: object) -> None:
    assert callable(parse)
    try:
        parse(value)
    except ValueError as error:
        assert str(error).startswith(("is ", "has ", "names "))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("falcot.com", "falcot.com"),
        (" Falcot.COM. ", "falcot.com"),
        ("müller.example", "xn--mller-kva.example"),
        ("a-b.c1.example", "a-b.c1.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("1und1.example", "1und1.example"),
    ],
)
def test_domains(given: str, name: str) -> None:
    assert fields.domain(given) == name
    assert fields.domain(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "localhost", "falcot", "-a.com", "a-.com", "a..com", "a_b.com", "a b.com", "a.1",
        "198.51.100.19", f"{'a' * 64}.com", f"{'a.' * 127}com", "a.com\n", 'a".com', "a.com;", 7,
        "*.falcot.com", "joe@falcot.com", "falcot.com/x", None,
    ],
)  # fmt: skip
def test_what_is_no_domain(name: object) -> None:
    if name == "a.com\n":
        assert fields.domain(name) == "a.com"
        return
    with pytest.raises(ValueError):
        fields.domain(name)


def test_addresses() -> None:
    assert fields.ipv4(" 198.51.100.19 ") == IPv4Address("198.51.100.19")
    assert fields.ipv4("10.0.0.19") == IPv4Address("10.0.0.19")
    assert fields.ipv6("2001:DB8:1000:2000::19") == IPv6Address("2001:db8:1000:2000::19")
    assert fields.ipv6("fd00::1") == IPv6Address("fd00::1")


@pytest.mark.parametrize(
    "value",
    [
        "198.51.100.300", "198.51.100", "0.0.0.0", "127.0.0.1", "224.0.0.1", "169.254.1.1",
        "255.255.255.255", "2001:db8::1", "", "198.51.100.19/24", "0x7f.0.0.1", "010.0.0.1", 1,
    ],
)  # fmt: skip
def test_what_is_no_ipv4_address_of_a_host(value: object) -> None:
    with pytest.raises(ValueError):
        fields.ipv4(value)


@pytest.mark.parametrize(
    "value",
    [
        "::", "::1", "fe80::1", "fe80::1%eth0", "ff02::1", "::ffff:198.51.100.19", "198.51.100.19",
        "2001:db8::/64", "[2001:db8::1]", "2001:db8:::1", "", 1,
    ],
)  # fmt: skip
def test_what_is_no_ipv6_address_of_a_host(value: object) -> None:
    with pytest.raises(ValueError):
        fields.ipv6(value)


def test_the_reason_is_named() -> None:
    with pytest.raises(ValueError, match="is a wildcard"):
        fields.ipv4("0.0.0.0")
    with pytest.raises(ValueError, match="is not an address that other hosts can reach"):
        fields.ipv6("::1")
    with pytest.raises(ValueError, match="has a scope"):
        fields.ipv6("2001:db8::1%eth0")
    with pytest.raises(ValueError, match="give the IPv4 address as such"):
        fields.ipv6("::ffff:198.51.100.19")


def test_booleans() -> None:
    assert [fields.boolean(v) for v in (True, False, "true", "false")] == [True, False, True, False]
    for value in ("yes", "True", "", 1, 0, None, []):
        with pytest.raises(ValueError):
            fields.boolean(value)


def test_paths() -> None:
    assert fields.path("/etc/ssl/a-b_c.pem") == PurePosixPath("/etc/ssl/a-b_c.pem")
    for value in (
        "", "/", "etc/x", "/a/../b", "/a b", "/a\nb", '/a"b', "/a;b", "/a{b", "/a%b", "/$a", "/ä",
        "~/x", 1,
    ):  # fmt: skip
        with pytest.raises(ValueError):
            fields.path(value)


def test_mail_addresses() -> None:
    assert fields.email(" joe.doe+rtc@Falcot.com ") == "joe.doe+rtc@falcot.com"
    for value in ("joe", "@falcot.com", "joe@", "joe@falcot", "a b@falcot.com", "a@b@", ".a@b.de",
                  f"{'a' * 65}@falcot.com", 'x"y@falcot.com', "joe\n@falcot.com"):  # fmt: skip
        with pytest.raises(ValueError):
            fields.email(value)


def test_integers() -> None:
    parse = fields.integer(1, 5)
    assert [parse(1), parse(5)] == [1, 5]
    for value in (0, 6, True, "3", 2.0, None, datetime.date(2026, 1, 1)):
        with pytest.raises(ValueError, match="is not a whole number from 1 to 5"):
            parse(value)


def test_lists() -> None:
    parse = fields.list_of(fields.one_of("turn", "sip"))
    assert parse(["turn", "sip"]) == parse("turn, sip") == ("turn", "sip")
    assert parse([]) == parse("") == ()
    with pytest.raises(ValueError, match="names something twice"):
        parse("sip, sip")
    with pytest.raises(ValueError, match="is not one of: turn, sip"):
        parse(["xmpp"])
    with pytest.raises(ValueError, match="is not a list"):
        parse({"turn": True})


def test_networks() -> None:
    assert str(fields.network("10.0.0.0/8")) == "10.0.0.0/8"
    assert str(fields.network("fc00::/7")) == "fc00::/7"
    for value in ("10.0.0.1/8", "10.0.0.0/33", "x", "", 8):
        with pytest.raises(ValueError):
            fields.network(value)


LABEL = "a" * 63


@pytest.mark.parametrize(
    "name",
    # 127 characters; 57 dots and 56 hyphens, which take three characters each as %xx.
    [f"{LABEL}.{LABEL[2:]}.b", ".".join("a" * 58), f"a{'-' * 56}b.org"],
)
def test_the_longest_domains_that_can_be_served(name: str) -> None:
    assert fields.served_domain(name) == name
    encoded = "".join(c if c.isalnum() else "%2e" for c in f"conference.{name}")
    assert len(name) <= 127 and len(encoded) <= 255


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"{LABEL}.{LABEL[1:]}.b", "longest realm"),
        (f"{LABEL}.{LABEL}.{LABEL}.b", "longest realm"),
        (".".join("a" * 62), "prosody can't name its directory"),
        (f"a{'-' * 61}b.{'c-' * 25}d.org", "prosody can't name its directory"),
    ],
)
def test_domains_that_no_service_could_have(name: str, said: str) -> None:
    assert fields.domain(name) == name
    with pytest.raises(ValueError, match=said):
        fields.served_domain(name)


def test_one_path_has_one_spelling() -> None:
    assert str(fields.path("//etc//ssl/./a.pem/")) == "/etc/ssl/a.pem"
    for value in ("/.", "//", "/./"):
        with pytest.raises(ValueError, match="root directory"):
            fields.path(value)


@pytest.mark.parametrize("value", ["/" + "a" * 256, "/a" * 2048])
def test_a_path_that_no_file_can_have(value: str) -> None:
    with pytest.raises(ValueError, match="longer than a path can be"):
        fields.path(value)


@pytest.mark.parametrize("value", ["fe80::%eth0/64", "fe80::%\nno-auth/64", "2001:db8::1%x"])
def test_a_network_has_no_scope(value: str) -> None:
    with pytest.raises(ValueError, match="has a scope"):
        fields.network(value)


def test_servers_are_names_or_addresses() -> None:
    assert fields.server(" 2001:DB8::53 ") == "2001:db8::53"
    assert fields.server("NS1.Example.Net.") == "ns1.example.net"
    for bad in ("fe80::1%eth0", "ns1", "192.0.2.1#53", "a b.example"):
        with pytest.raises(ValueError, match="is not a domain name"):
            fields.server(bad)


def test_what_is_optional_may_be_empty() -> None:
    parse = fields.optional(fields.server)
    assert (parse(""), parse("192.0.2.1")) == ("", "192.0.2.1")
    with pytest.raises(ValueError, match="is not text"):
        parse(None)


def test_labels_and_host_names() -> None:
    assert fields.host_label(" RTC ") == "rtc"
    assert fields.host_name("NS1.example.net.") == "ns1.example.net."


def test_sockets() -> None:
    assert fields.socket(" TCP/25 ") == "tcp/25"
    for bad in ("25", "tcp/0", "tcp/65536", "icmp/1", "tcp/1-5"):
        with pytest.raises(ValueError, match="is n"):
            fields.socket(bad)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://www.falcot.com", "https://www.falcot.com"),
        (" HTTPS://WWW.Falcot.com/ ", "https://www.falcot.com"),
        ("https://müller.example:443", "https://xn--mller-kva.example"),
        ("https://falcot.com:8443", "https://falcot.com:8443"),
    ],
)
def test_origins(given: str, origin: str) -> None:
    assert fields.origin(given) == origin
    assert fields.origin(origin) == origin


@pytest.mark.parametrize(
    "given",
    ["", "*", "null", "falcot.com", "http://falcot.com", "https://falcot.com/shop", "https://",
     "https://falcot.com:", "https://falcot.com:0", "https://falcot.com:65536",
     "https://falcot.com:1:2", "https://joe@falcot.com", "https://198.51.100.1",
     "https://[2001:db8::1]", "https://falcot.com, https://x.org", "https://*.falcot.com"],
)  # fmt: skip
def test_what_is_no_origin(given: str) -> None:
    with pytest.raises(ValueError):
        fields.origin(given)
