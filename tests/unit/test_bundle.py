# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
import itertools

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from falcot_rtc import bundle
from falcot_rtc.errors import UsageError

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def signed(name: str, key: Key, issuer: str, by: Key, days: int = 90) -> x509.Certificate:
    def called(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    return (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + days * DAY)
        .sign(by, hashes.SHA256())
    )


def curve() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


ROOT_KEY, MIDDLE_KEY, LEAF_KEY = curve(), rsa.generate_private_key(65537, 2048), curve()
ROOT = signed("root", ROOT_KEY, "root", ROOT_KEY)
MIDDLE = signed("middle", MIDDLE_KEY, "root", ROOT_KEY)
LEAF = signed("falcot.com", LEAF_KEY, "middle", MIDDLE_KEY)
STRANGER = signed("root", curve(), "root", (OTHER := curve()))


def text(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(PEM) for certificate in certificates)


def key_text(key: Key = LEAF_KEY, passphrase: bytes = b"", old: bool = False) -> bytes:
    form = serialization.PrivateFormat
    return key.private_bytes(
        PEM,
        form.TraditionalOpenSSL if old else form.PKCS8,
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption(),
    )


def container(passphrase: bytes) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(b"x", LEAF_KEY, LEAF, [ROOT, MIDDLE], encryption)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_gives_the_order_of_tls(order: tuple[int, ...]) -> None:
    parts = [text(LEAF), text(MIDDLE), text(ROOT), key_text()]
    found = bundle.pair([b"some words\n" + b"\n".join(parts[i] for i in order)])
    assert found.chain == text(LEAF, MIDDLE, ROOT)
    assert found.key == key_text()


def test_files_are_taken_together() -> None:
    assert bundle.pair([key_text(), text(MIDDLE), text(STRANGER, LEAF)]).chain == text(LEAF, MIDDLE)
    # The same file twice, as with certificate.path = certificate.key.
    both = key_text(old=True) + text(LEAF)
    assert bundle.pair([both, both]).key == key_text()


def test_binary_forms() -> None:
    der = LEAF.public_bytes(serialization.Encoding.DER)
    assert bundle.pair([der, key_text()]).chain == text(LEAF)
    for passphrase, given in ((b"", None), (b"secret", b"secret")):
        found = bundle.pair([container(passphrase)], given)
        assert (found.chain, found.key) == (text(LEAF, MIDDLE, ROOT), key_text())


@pytest.mark.parametrize("given", [None, b"wrong"])
def test_a_passphrase_is_asked_for(given: bytes | None) -> None:
    for content in (container(b"secret"), text(LEAF) + key_text(passphrase=b"secret")):
        with pytest.raises(bundle.NeedsPassphrase):
            bundle.pair([content], given)
    assert bundle.pair([text(LEAF), key_text(passphrase=b"secret")], b"secret").key == key_text()


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ([key_text()], "no PEM certificate"),
        ([text(LEAF)], "no PEM private key"),
        ([b"junk"], "no PEM certificate"),
        ([text(LEAF).replace(b"MII", b"XXX"), key_text()], "no PEM certificate"),
        ([text(LEAF), key_text().replace(b"MIG", b"XXX")], "no PEM private key"),
        ([text(LEAF), key_text(), key_text(curve())], "several private keys"),
    ],
)
def test_what_is_no_pair(contents: list[bytes], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        bundle.pair(contents)


def test_keys_that_services_do_not_take() -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(UsageError, match="neither RSA nor ECDSA"):
        bundle.pair([text(LEAF), key])


def test_a_key_of_another_certificate_is_left_to_be_judged() -> None:
    assert bundle.pair([text(LEAF), key_text(curve())]).chain == text(LEAF)


def test_who_signed_it() -> None:
    assert bundle.signed(LEAF, MIDDLE) and bundle.signed(MIDDLE, ROOT)
    assert not bundle.signed(LEAF, ROOT)
    # The right name is not enough.
    assert not bundle.signed(MIDDLE, STRANGER)


@pytest.mark.parametrize(
    ("chain", "anchors", "said"),
    [
        (text(LEAF, MIDDLE, ROOT), text(STRANGER), ""),
        (text(LEAF, MIDDLE), text(STRANGER, ROOT), ""),
        (text(LEAF, MIDDLE), text(STRANGER), "incomplete: nobody knows CN=root"),
        (text(LEAF), text(ROOT), "incomplete: nobody knows CN=middle"),
        (text(ROOT), text(STRANGER), ""),
        # A system without authorities can't tell.
        (text(LEAF), b"", ""),
    ],
)
def test_an_incomplete_chain(chain: bytes, anchors: bytes, said: str) -> None:
    assert said in bundle.incomplete(chain, anchors, NOW)
    assert bool(bundle.incomplete(chain, anchors, NOW)) == bool(said)


def test_an_intermediate_that_expired() -> None:
    old = signed("middle", MIDDLE_KEY, "root", ROOT_KEY, days=-1)
    assert "CN=middle in the chain expired" in bundle.incomplete(text(LEAF, old, ROOT), b"", NOW)
