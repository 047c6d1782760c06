# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from falcot_rtc import certificates
from falcot_rtc.errors import UsageError
from falcot_rtc.judgement import Pair, Wanted

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NAMES = ("falcot.com", "turn-server.falcot.com", "sip-proxy.falcot.com")


@pytest.fixture(scope="module")
def ca() -> Pair:
    return certificates.new_ca("falcot.com", NOW)


@pytest.fixture(scope="module")
def pair(ca: Pair) -> Pair:
    return certificates.issue(ca, NAMES, 90, NOW)


def test_the_ca_may_sign_leaves_and_nothing_else(ca: Pair) -> None:
    certificate = x509.load_pem_x509_certificate(ca.chain)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert certificates.expiry(ca.chain) == NOW + 3650 * DAY


def test_a_leaf_is_for_servers_alone(ca: Pair, pair: Pair) -> None:
    certificate, issuer = x509.load_pem_x509_certificates(pair.chain)
    certificate.verify_directly_issued_by(issuer)
    assert issuer == x509.load_pem_x509_certificate(ca.chain)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not basic.ca


def test_a_leaf_names_all_it_serves(pair: Pair) -> None:
    assert certificates.names_of(pair.chain) == NAMES
    assert certificates.faults(pair, NAMES, ("falcot.com",), NOW) == []


def test_keys_differ(ca: Pair, pair: Pair) -> None:
    assert certificates.issue(ca, NAMES, 90, NOW).key != pair.key


def test_the_fingerprint_is_the_leafs(pair: Pair) -> None:
    found = certificates.fingerprint(pair.chain)
    assert found == certificates.fingerprint(pair.chain.partition(b"-----END")[0] + b"-----END "
                                             b"CERTIFICATE-----\n")  # fmt: skip
    assert len(bytes.fromhex(found)) == 32
    assert found == found.lower()


@pytest.mark.parametrize(
    ("offered", "name", "covered"),
    [
        (["falcot.com"], "falcot.com", True),
        (["FALCOT.com"], "falcot.com", True),
        (["falcot.com"], "turn-server.falcot.com", False),
        (["*.falcot.com"], "turn-server.falcot.com", True),
        (["*.falcot.com"], "falcot.com", False),
        (["*.falcot.com"], "a.b.falcot.com", False),
        (["*.com"], "falcot.com", True),
        ([], "falcot.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(offered: list[str], name: str, covered: bool) -> None:
    assert certificates.covers(offered, name) is covered


def test_renewal_is_due_when_a_third_is_left(pair: Pair) -> None:
    assert not certificates.is_due(pair, NAMES, 90, NOW + 59 * DAY)
    assert certificates.is_due(pair, NAMES, 90, NOW + 61 * DAY)


@pytest.mark.parametrize(("days", "until"), [(90, 60), (None, 90)])
def test_a_judgement_ends_where_another_could_begin(
    pair: Pair, days: int | None, until: int
) -> None:
    wanted = Wanted(names=NAMES, domains=("falcot.com",), days=days)
    found = certificates.judgement(pair, wanted)
    last = NOW + until * DAY - datetime.timedelta(seconds=1)
    assert found.until == NOW + until * DAY
    assert found.holds(pair, wanted, last)
    assert certificates.faults(pair, NAMES, wanted.domains, last) == []
    assert days is None or not certificates.is_due(pair, NAMES, days, last)
    assert not found.holds(pair, wanted, found.until)


def test_renewal_is_due_when_the_names_change(pair: Pair) -> None:
    assert not certificates.is_due(pair, NAMES[::-1], 90, NOW)
    assert certificates.is_due(pair, (*NAMES, "xmpp-gw.falcot.com"), 90, NOW)
    assert certificates.is_due(pair, NAMES[:2], 90, NOW)


def test_an_expired_certificate(pair: Pair) -> None:
    assert certificates.faults(pair, NAMES, (), NOW + 90 * DAY) == [
        "the certificate expired on 2027-02-21"
    ]


def test_a_missing_name(pair: Pair) -> None:
    assert certificates.faults(pair, ("xmpp-gw.falcot.com",), (), NOW) == [
        "the certificate lacks the name xmpp-gw.falcot.com"
    ]


def test_somebody_elses_key(ca: Pair, pair: Pair) -> None:
    assert certificates.faults(Pair(chain=pair.chain, key=ca.key), NAMES, (), NOW) == [
        "the private key does not belong to the certificate"
    ]


def test_a_wildcard_does_not_do_for_sip(ca: Pair) -> None:
    wild = certificates.issue(ca, ("*.com", "*.falcot.com"), 90, NOW)
    assert certificates.faults(wild, NAMES, ("falcot.com",), NOW) == [
        "the certificate names falcot.com by a wildcard only, which SIP ignores"
    ]


@pytest.mark.parametrize("junk", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate(pair: Pair, junk: bytes) -> None:
    assert certificates.faults(Pair(chain=junk, key=pair.key), NAMES, (), NOW) == [
        "the certificate file holds no PEM certificate"
    ]
    with pytest.raises(UsageError):
        certificates.fingerprint(junk)


def test_what_is_no_key(pair: Pair) -> None:
    encrypted = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    for junk in (b"", b"x", encrypted):
        assert certificates.faults(Pair(chain=pair.chain, key=junk), NAMES, (), NOW) == [
            "the key file holds no PEM private key without passphrase"
        ]


def test_a_ca_without_names(ca: Pair) -> None:
    assert certificates.names_of(ca.chain) == ()


def test_an_rsa_key_is_there_for_who_encrypts_with_it() -> None:
    ca = certificates.new_ca("falcot.com", NOW)
    pair = certificates.issue(ca, NAMES, 90, NOW, with_rsa=True)
    assert certificates.has_rsa(pair.chain)
    assert certificates.faults(pair, NAMES, ("falcot.com",), NOW) == []
    usage = certificates.leaf(pair.chain).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment and usage.digital_signature
    assert not certificates.has_rsa(ca.chain)
