# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate that a port serves, and whether a client would accept it; RFC 5280, RFC 9525."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from falcot_rtc.errors import UsageError
from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import ProtocolError

# Opens a connection up to the point where the TLS handshake starts: after STARTTLS, for example.
Opener = Callable[[Deadline], Stream]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one handshake showed; times in Unix seconds, `fingerprint` SHA-256 in hex."""

    fingerprint: str
    begins: float
    expires: float
    version: str

    def days_left(self, now: float) -> float:
        return (self.expires - now) / 86400


def verifying(ca: str, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A client's context that trusts `ca` (PEM text), or the system's authorities when empty."""
    # Not create_default_context(): since Python 3.13 it adds X509_STRICT, so that the verdict on
    # one certificate would depend on the release that the probe runs on.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca:
        try:
            # Bytes would be taken for DER; a TypeError is what non-ASCII text would get.
            context.load_verify_locations(cadata=ca.encode("ascii").decode())
        except (ssl.SSLError, ValueError) as error:
            raise UsageError(f"ticket.ca: not PEM certificates: {error}") from error
    else:
        context.load_default_certs()
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def trusting(alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A context that accepts any certificate, to look at one that clients refuse."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def served_certificate(
    opener: Opener, name: str, deadline: Deadline, alpn: tuple[str, ...] = ()
) -> bytes:
    """The leaf certificate (DER), whatever its merits."""
    with opener(deadline) as stream:
        stream.start_tls(trusting(alpn), name, deadline)
        return _leaf(stream)


def verified(
    opener: Opener, name: str, ca: str, deadline: Deadline, alpn: tuple[str, ...] = ()
) -> Served:
    """One handshake as a careful client does it; Unreachable with OpenSSL's reason if refused."""
    with opener(deadline) as stream:
        stream.start_tls(verifying(ca, alpn), name, deadline)
        certificate = stream.tls.getpeercert() or {}
        begins, expires = certificate.get("notBefore"), certificate.get("notAfter")
        if not isinstance(expires, str) or not isinstance(begins, str):
            raise ProtocolError(f"{stream.peer}: certificate without an end of validity")
        return Served(
            fingerprint=fingerprint_of(_leaf(stream)),
            begins=float(ssl.cert_time_to_seconds(begins)),
            expires=float(ssl.cert_time_to_seconds(expires)),
            version=stream.tls.version() or "",
        )


def fingerprint_of(certificate: bytes) -> str:
    """SHA-256 of a certificate (DER) in lower-case hex."""
    return hashlib.sha256(certificate).hexdigest()


def _leaf(stream: Stream) -> bytes:
    der = stream.tls.getpeercert(binary_form=True)
    if der is None:
        raise ProtocolError(f"{stream.peer}: no certificate served")
    return der
