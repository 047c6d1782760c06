# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ciphers of TLS 1.2 the services offer, in OpenSSL's words (openssl-ciphers(1)).

TLS 1.3 has its own and no bad ones. TLS 1.0 and 1.1 are nowhere: OpenSSL 3 has them at security
level 0 alone, which lets in short keys and SHA-1 as well, and RFC 8996 forbids them.
"""

from __future__ import annotations

# RFC 9325 section 4.2: forward secrecy and authenticated encryption.
MODERN = "ECDHE+AESGCM:ECDHE+CHACHA20"
# What phones of 2010 have at their best: CBC, and keys sent encrypted with the certificate's (RSA).
OLD = f"{MODERN}:ECDHE+AES+SHA256:ECDHE+AES+SHA:kRSA+AESGCM:kRSA+AES+SHA256:kRSA+AES+SHA"


def for_phones(*, old: bool) -> str:
    """For SIP and TURN; the web and XMPP are always modern."""
    return OLD if old else MODERN
