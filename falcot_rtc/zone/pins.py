# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of TLSA records for a chain, such that a renewal does not break them (RFC 7671 §5).

The own CA's key outlives every certificate, so it alone is named (DANE-TA). Elsewhere the present
key is named (DANE-EE) and the key of its issuer beside it: a new key of the same issuer is good
before anybody publishes it, a new issuer as long as the key is kept.
"""

from __future__ import annotations

import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TRUST_ANCHOR, END_ENTITY = 2, 3
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def pins(chain: bytes, ca: bytes) -> tuple[str, ...]:
    """Usage, selector 1 (the public key), matching type 1 (SHA-256); `ca` is the own CA, PEM."""
    served = _PEM.findall(chain)
    if ca and chain.endswith(ca):
        return (_pin(TRUST_ANCHOR, _PEM.findall(ca)[0]),)
    return tuple(
        _pin(usage, pem) for usage, pem in zip((END_ENTITY, TRUST_ANCHOR), served, strict=False)
    )


def _pin(usage: int, pem: bytes) -> str:
    key = x509.load_pem_x509_certificate(pem).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return f"{usage} 1 1 {digest.hexdigest()}"
