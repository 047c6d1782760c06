# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""X.509 certificates (RFC 5280): the own CA, what it signs, what a pair is good for. Pure.

Leaves carry serverAuth alone: public CAs no longer issue clientAuth, so nothing here may need it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from falcot_rtc import bundle
from falcot_rtc.errors import UsageError
from falcot_rtc.judgement import Judgement, Pair, Wanted, result, subject

CA_YEARS = 10
BACKDATE = datetime.timedelta(hours=1)
# The least that OpenSSL's security level 2 takes, and the most that old phones do.
RSA_BITS = 2048


def _name(common_name: str) -> x509.Name:
    # RFC 5280 appendix A: ub-common-name is 64. Clients go by the alternative names alone.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def new_ca(realm: str, now: datetime.datetime) -> Pair:
    """A CA for one site, valid for ten years; it may sign leaves only."""
    key = _new_key()
    name = _name(f"falcot-rtc CA of {realm}")
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + datetime.timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(subject_id, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(chain=certificate.public_bytes(serialization.Encoding.PEM), key=_key_pem(key))


def issue(
    ca: Pair,
    names: tuple[str, ...],
    days: int,
    now: datetime.datetime,
    *,
    with_rsa: bool = False,
) -> Pair:
    """A leaf for `names` (the first is the common name), with the CA's certificate as its chain.

    It does not outlive the CA, or clients would refuse it all the same.
    """
    ca_certificate = x509.load_pem_x509_certificate(ca.chain)
    ca_key = serialization.load_pem_private_key(ca.key, None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = rsa.generate_private_key(65537, RSA_BITS) if with_rsa else _new_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(names[0]))
        .issuer_name(ca_certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(min(now + datetime.timedelta(days=days), bundle.expires(ca_certificate)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            # RFC 5280 section 4.2.1.3: what sends keys to this one, as old phones do, needs it.
            _key_usage(signs_certificates=False, enciphers_keys=with_rsa),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    leaf = certificate.public_bytes(serialization.Encoding.PEM)
    return Pair(chain=leaf + ca.chain, key=_key_pem(key))


def _key_usage(*, signs_certificates: bool, enciphers_keys: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=enciphers_keys,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def leaf(chain: bytes) -> x509.Certificate:
    try:
        # The first of the chain; the plural form needs cryptography 39 (bookworm has 38).
        return x509.load_pem_x509_certificate(chain)
    except ValueError as error:
        raise UsageError(bundle.NO_CERTIFICATE) from error


def of_der(certificate: bytes) -> bytes:
    """A certificate as PEM."""
    found = x509.load_der_x509_certificate(certificate)
    return found.public_bytes(serialization.Encoding.PEM)


def fingerprint(chain: bytes) -> str:
    """SHA-256 of the leaf, lower-case hex."""
    return leaf(chain).fingerprint(hashes.SHA256()).hex()


def names_of(chain: bytes) -> tuple[str, ...]:
    try:
        found = leaf(chain).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value.get_values_for_type(x509.DNSName))


def expiry(chain: bytes) -> datetime.datetime:
    return bundle.expires(leaf(chain))


def has_rsa(chain: bytes) -> bool:
    """Whether the key of the leaf is an RSA key."""
    return isinstance(leaf(chain).public_key(), rsa.RSAPublicKey)


def issuer(chain: bytes) -> str:
    """Who signed the leaf, as people write it (RFC 4514)."""
    return leaf(chain).issuer.rfc4514_string()


def readable(fingerprint: str) -> str:
    """A fingerprint as devices show it: AB:CD:…"""
    return ":".join(fingerprint[i : i + 2] for i in range(0, len(fingerprint), 2)).upper()


def covers(offered: Iterable[str], name: str) -> bool:
    """RFC 6125 §6.4.3: a wildcard stands for exactly one label, leftmost."""
    return any(
        o.lower() == name or (o.startswith("*.") and o[2:].lower() == name.partition(".")[2])
        for o in offered
    )


def is_due(pair: Pair, names: tuple[str, ...], days: int, now: datetime.datetime) -> bool:
    """Whether the own CA should issue anew: names changed, or a third of the life is left."""
    if set(names_of(pair.chain)) != set(names):
        return True
    return expiry(pair.chain) - now < _rest(days)


def _rest(days: int) -> datetime.timedelta:
    return datetime.timedelta(days=days) / 3


def judgement(pair: Pair, wanted: Wanted, raw: Pair | None = None) -> Judgement:
    """How long a pair without faults, and not due, stays so if nothing else changes.

    `raw` is what the pair was made of, if that is in another order or form.
    """
    until = expiry(pair.chain) - _rest(wanted.days or 0)
    return Judgement(subject=subject(raw or pair, wanted), until=until, result=result(pair))


def faults(
    pair: Pair,
    names: tuple[str, ...],
    domains: tuple[str, ...],
    now: datetime.datetime,
    anchors: bytes = b"",
) -> list[str]:
    """Why this pair can't serve the site; empty when it can. `anchors`: see bundle.incomplete."""
    try:
        certificate = leaf(pair.chain)
        key = serialization.load_pem_private_key(pair.key, None)
    except UsageError as error:
        return [error.message]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return [bundle.NO_KEY]
    found = []
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*spki) != certificate.public_key().public_bytes(*spki):
        found.append("the private key does not belong to the certificate")
    if expiry(pair.chain) <= now:
        found.append(f"the certificate expired on {expiry(pair.chain):%Y-%m-%d}")
    begins = bundle.begins(certificate)
    if begins > now:
        found.append(f"the certificate is valid from {begins:%Y-%m-%d %H:%M} UTC only")
    missing = bundle.incomplete(pair.chain, anchors, now)
    found += [missing] if missing else []
    offered = names_of(pair.chain)
    found += [f"the certificate lacks the name {n}" for n in names if not covers(offered, n)]
    # RFC 5922 §7.2: SIP matches the bare domain, and no wildcard.
    found += [
        f"the certificate names {d} by a wildcard only, which SIP ignores"
        for d in domains
        if covers(offered, d) and d not in offered
    ]
    return found
