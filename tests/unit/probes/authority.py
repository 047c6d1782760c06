# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority made on the spot, and servers with certificates of it."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, directory: Path, *names: str, days: int = 90) -> ssl.SSLContext:
        """A context whose certificate is valid for `names` and ends in `days` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _sign(self.key, self.certificate.subject, names[0], key, names, days)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = directory / "server.pem"
        path.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make_authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
    return Authority(key=key, certificate=_sign(key, subject, "Test Authority", key, (), 3650))


def _sign(
    signing_key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    name: str,
    key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    days: int,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 400 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False
        )
    return builder.sign(signing_key, hashes.SHA256())


def over_tls(
    context: ssl.SSLContext, script: Callable[[ssl.SSLSocket], None] = lambda connection: None
) -> Callable[[socket.socket], None]:
    """A script for a peer that makes a TLS handshake first; a client that refuses is fine."""

    def serve(connection: socket.socket) -> None:
        try:
            secured = context.wrap_socket(connection, server_side=True)
        except (ssl.SSLError, ConnectionError):
            return
        with secured:
            script(secured)

    return serve
