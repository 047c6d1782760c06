# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that prosody's util.hashes, coturn's turnadmin and RFC texts give for the same input."""

import pytest

from falcot_rtc.accounts import hashes
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.errors import UsageError

# prosody 13.0.6, util.sasl.scram.hashers, for two passwords.
SCRAM = [
    (
        "pencil",
        "0516ece9-5852-4f0e-945a-0effc1f6e217",
        10000,
        ScramKind.SHA1,
        "bb6f9719a73af153456a5841e1f31d8b5269cc71",
        "ac7245697fe32a4d87dea89c7c9b9a1842962b14",
    ),
    (
        "pencil",
        "0516ece9-5852-4f0e-945a-0effc1f6e217",
        10000,
        ScramKind.SHA256,
        "8f1985bc348be14a4083a8b35bb04573543c9fc4ef705a05af257911047137a9",
        "58663dea7a3c093d006a492eea4d06ecd05fdf4df16ed9f246f35c22f5646193",
    ),
    (
        "Pässword one",
        "abc",
        4096,
        ScramKind.SHA1,
        "e895d764f31c52277e1c8f8fcfdd3fe00a059f04",
        "ab985fe75cee69006fb6fb039f186ebb759f4c65",
    ),
    (
        "Pässword\u00a0one",
        "abc",
        4096,
        ScramKind.SHA256,
        "a995694acca61fe7d6959edbe753c307739b2b6ca69e2b075958da1a24ae1f36",
        "6c5f671eca8aeaf973af80bd5243bcd6cb6f8529a35d02457b7fa6c7ca453683",
    ),
]


@pytest.mark.parametrize(("password", "salt", "count", "kind", "stored", "server"), SCRAM)
def test_scram_is_prosodys(
    password: str, salt: str, count: int, kind: ScramKind, stored: str, server: str
) -> None:
    scram = hashes.scram(password, salt=salt, iterations=count, kind=kind)
    assert (scram.stored_key, scram.server_key) == (stored, server)
    assert (scram.kind, scram.salt, scram.iterations) == (kind, salt, count)


def test_ha1_is_that_of_rfc_2617() -> None:
    # Section 3.5: the example's A1 is Mufasa:testrealm@host.com:Circle Of Life.
    digest = hashes.ha1("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert digest == "939e7578ed9e3c518a452acee763bce9"


def test_ha1_prepares_the_password() -> None:
    assert hashes.ha1("joe", "r", "a\u00a0b") == hashes.ha1("joe", "r", "a b")
    with pytest.raises(UsageError):
        hashes.ha1("joe", "r", "a\x00b")


def test_ha1b_has_the_domain_in_the_user_name() -> None:
    # printf joe@falcot.com:falcot.com:secret1 | md5sum
    assert hashes.ha1b("joe", "falcot.com", "falcot.com", "secret1") == (
        "9639accb503f54b3979e6d421fbc69b4"
    )


def test_minted_credentials() -> None:
    # printf 1700000000:joe | openssl dgst -sha1 -hmac s3cret -binary | base64
    assert hashes.turn_name(1700000000) == "1700000000"
    name = hashes.turn_name(1700000000, "joe")
    assert name == "1700000000:joe"
    assert hashes.turn_password("s3cret", name) == "s2KHZGDbJ6vdUyRfrNZTciFEGWY="
    assert hashes.turn_key("s3cret", name, "falcot.com") == "2e8cc316a47f7a1bca4c99ca013d494d"


def test_secrets_stay_out_of_repr() -> None:
    scram = hashes.scram("pencil", salt="pepper", iterations=4096, kind=ScramKind.SHA1)
    for secret in (scram.salt, scram.stored_key, scram.server_key):
        assert secret not in repr(scram)
