# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from falcot_rtc import certificates
from falcot_rtc.zone import pins

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
CA = certificates.new_ca("falcot.com", NOW)
LEAF = certificates.issue(CA, ("falcot.com",), 90, NOW)


def digest(chain: bytes) -> str:
    key = certificates.leaf(chain).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def test_the_own_ca_is_named_and_a_renewal_changes_nothing() -> None:
    found = pins.pins(LEAF.chain, CA.chain)
    assert found == (f"2 1 1 {digest(CA.chain)}",)
    renewed = certificates.issue(CA, ("falcot.com",), 90, NOW)
    assert renewed.key != LEAF.key
    assert pins.pins(renewed.chain, CA.chain) == found


def test_other_chains_name_the_key_and_its_issuer() -> None:
    both = (f"3 1 1 {digest(LEAF.chain)}", f"2 1 1 {digest(CA.chain)}")
    assert pins.pins(LEAF.chain, b"") == both
    stranger = certificates.new_ca("example.net", NOW)
    assert pins.pins(LEAF.chain, stranger.chain) == both
    # A new key of the same issuer still has a record that fits.
    renewed = certificates.issue(CA, ("falcot.com",), 90, NOW)
    assert set(pins.pins(renewed.chain, b"")) & set(both) == {both[1]}


def test_a_certificate_alone_names_its_key() -> None:
    alone = LEAF.chain.removesuffix(CA.chain)
    assert pins.pins(alone, b"") == (f"3 1 1 {digest(LEAF.chain)}",)
