# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import ssl

from falcot_rtc import ciphers


def offered(text: str) -> set[str]:
    """What this OpenSSL makes of it, below TLS 1.3."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(text)
    return {c["name"] for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"}


def test_modern_ones_have_forward_secrecy_and_are_authenticated() -> None:
    found = offered(ciphers.for_phones(old=False))
    assert "ECDHE-ECDSA-AES128-GCM-SHA256" in found
    assert all(name.startswith("ECDHE-") for name in found)
    assert all("GCM" in name or "CHACHA20" in name for name in found)


def test_old_phones_get_what_they_know_beside_it() -> None:
    found = offered(ciphers.for_phones(old=True))
    assert found > offered(ciphers.for_phones(old=False))
    assert {"AES128-SHA", "AES256-SHA256", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256"} <= found


def test_nothing_broken_comes_back_for_them() -> None:
    for name in offered(ciphers.OLD):
        assert "AES" in name or "CHACHA20" in name
        for broken in (
            "DES",
            "RC4",
            "NULL",
            "MD5",
            "EXP",
            "ADH",
            "AECDH",
            "PSK",
            "SRP",
            "SECLEVEL",
        ):
            assert broken not in name
    assert "@" not in ciphers.OLD
