# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate, chain and key out of files as people have them (RFC 7468, RFC 7292). Pure.

PEM in any order and in any of the files, or PKCS#12. What comes out is in the order that TLS wants
(RFC 8446 section 4.4.2): the leaf first, then who signed it, and so on; nothing else.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from falcot_rtc.errors import UsageError
from falcot_rtc.judgement import Pair

_BLOCK = re.compile(
    rb"-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE|(?:[A-Z]+ )*PRIVATE KEY)-----"
    rb".*?-----END \1-----",
    re.DOTALL,
)
_SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
NO_CERTIFICATE = "the certificate file holds no PEM certificate"
NO_KEY = "the key file holds no PEM private key without passphrase"


class NeedsPassphrase(UsageError):
    """A key or container is encrypted, and no passphrase was given or the wrong one."""


def pair(contents: Iterable[bytes], passphrase: bytes | None = None) -> Pair:
    """The one key in the files, its certificate, and the chain as far as the files have it.

    Raises UsageError where there is no certificate, or not exactly one key.
    """
    certificates: list[x509.Certificate] = []
    keys: dict[bytes, bytes] = {}
    for content in dict.fromkeys(contents):
        blocks = list(_BLOCK.finditer(content))
        if not blocks and content[:1] == b"\x30":
            _binary(content, passphrase, certificates, keys)
        for block in blocks:
            if b"PRIVATE KEY" in block[1]:
                _take_key(_pem_key(block[0], passphrase), keys)
            else:
                certificates.append(_pem_certificate(block[0]))
    if not certificates:
        raise UsageError(NO_CERTIFICATE)
    if not keys:
        raise UsageError(NO_KEY)
    if len(keys) > 1:
        raise UsageError("the files hold several private keys", hint="give one of them")
    ((public, key),) = keys.items()
    leaves = [c for c in certificates if c.public_key().public_bytes(*_SPKI) == public]
    # Without one for this key: the first, so that it can be said what is wrong with both.
    chain = ordered(leaves[0] if leaves else certificates[0], certificates)
    return Pair(chain=b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain), key=key)


def _binary(
    content: bytes,
    passphrase: bytes | None,
    certificates: list[x509.Certificate],
    keys: dict[bytes, bytes],
) -> None:
    """PKCS#12, or one certificate in DER."""
    try:
        certificates.append(x509.load_der_x509_certificate(content))
        return
    except ValueError:
        pass  # then it is a container
    tried = [passphrase] if passphrase is not None else [None, b""]
    for one in tried:
        try:
            key, certificate, more = pkcs12.load_key_and_certificates(content, one)
        except ValueError:
            continue
        if certificate:
            certificates.append(certificate)
        certificates += more
        if key:
            _take_key(key, keys)
        return
    raise NeedsPassphrase(
        "the file is no PKCS#12 container that "
        + ("this passphrase opens" if passphrase is not None else "opens without a passphrase"),
        hint="falcot-rtc cert install asks for the passphrase",
    )


def _take_key(key: object, keys: dict[bytes, bytes]) -> None:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UsageError(
            "the private key is neither RSA nor ECDSA", hint="the services take these two"
        )
    keys[key.public_key().public_bytes(*_SPKI)] = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _pem_key(block: bytes, passphrase: bytes | None) -> object:
    encrypted = b"ENCRYPTED" in block
    try:
        return serialization.load_pem_private_key(block, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted:
            raise NeedsPassphrase(
                "the passphrase does not open the private key" if passphrase else NO_KEY,
                hint="falcot-rtc cert install asks for the passphrase",
            ) from error
        raise UsageError(NO_KEY) from error


def _pem_certificate(block: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(block)
    except ValueError as error:
        raise UsageError(NO_CERTIFICATE) from error


def certificates(chain: bytes) -> list[x509.Certificate]:
    """All that a PEM text holds, in its order; its plural form needs cryptography 39."""
    return [_pem_certificate(block[0]) for block in _BLOCK.finditer(chain)]


def ordered(leaf: x509.Certificate, offered: list[x509.Certificate]) -> list[x509.Certificate]:
    """The leaf, then each one's issuer, as far as they are offered."""
    path = [leaf]
    while not _is_root(path[-1]):
        above = [c for c in offered if c not in path and signed(path[-1], c)]
        if not above:
            break
        path.append(above[0])
    return path


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed it, by name and by signature."""
    if certificate.issuer != issuer.subject:
        return False
    digest, key = certificate.signature_hash_algorithm, issuer.public_key()
    what = (certificate.signature, certificate.tbs_certificate_bytes)
    if digest is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(*what, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(*what, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def incomplete(chain: bytes, anchors: bytes, now: datetime.datetime) -> str:
    """Why clients can't get from the leaf to an authority; empty when they can.

    `anchors`: the authorities of this system (PEM). A private authority's own certificate may end
    the chain instead. Without any anchors nothing can be said about what is missing.
    """
    path = certificates(chain)
    for above in path[1:]:
        if expires(above) <= now:
            who = above.subject.rfc4514_string()
            return f"the certificate of {who} in the chain expired on {expires(above):%Y-%m-%d}"
    last = path[-1]
    if _is_root(last) or not anchors:
        return ""
    name = last.issuer.public_bytes()
    for block in _BLOCK.finditer(anchors):
        anchor = _pem_certificate(block[0])
        if anchor.subject.public_bytes() == name and signed(last, anchor):
            return ""
    return f"the chain is incomplete: nobody knows {last.issuer.rfc4514_string()}, who signed it"


def expires(certificate: x509.Certificate) -> datetime.datetime:
    # cryptography 38 (bookworm) knows only the naive form, later releases warn about it.
    aware = getattr(certificate, "not_valid_after_utc", None)
    return aware or certificate.not_valid_after.replace(tzinfo=datetime.UTC)


def begins(certificate: x509.Certificate) -> datetime.datetime:
    aware = getattr(certificate, "not_valid_before_utc", None)
    return aware or certificate.not_valid_before.replace(tzinfo=datetime.UTC)
