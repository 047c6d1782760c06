# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from falcot_rtc.turn_auth.lookup import Directory, Secret, key_of, owner

REALM = "falcot.com"
TTL = 1000
NOW = 1_700_000_000
ROTATED = NOW - 500
DIRECTORY = Directory(
    realm=REALM,
    ttl=TTL,
    per_minute=60,
    secrets=(
        Secret(valid_from=NOW - 100_000, secret="old"),
        Secret(valid_from=ROTATED, secret="new"),
    ),
    keys={"joe": "f" * 32, "joe@falcot.com": "e" * 32},
)


def minted(secret: str, name: str) -> str:
    """The key by the draft's words: HMAC-SHA1, base64, then RFC 8489's MD5(name:realm:password)."""
    password = base64.b64encode(hmac.new(secret.encode(), name.encode(), "sha1").digest()).decode()
    return hashlib.md5(f"{name}:{REALM}:{password}".encode()).hexdigest()


def test_a_persons_key_is_the_stored_one() -> None:
    assert key_of(DIRECTORY, "joe", REALM, NOW) == "f" * 32
    assert key_of(DIRECTORY, "joe@falcot.com", REALM, NOW) == "e" * 32


@pytest.mark.parametrize(
    "name", ["zoe", "", "Joe", "joe ", "12a:joe", "-5", "1e9", "\u0661", ":joe"]
)
def test_nobody_has_no_key(name: str) -> None:
    assert key_of(DIRECTORY, name, REALM, NOW) is None


def test_another_realm_has_no_keys() -> None:
    assert key_of(DIRECTORY, "joe", "other.example", NOW) is None
    assert key_of(DIRECTORY, str(NOW + TTL), "other.example", NOW) is None


@pytest.mark.parametrize("suffix", ["", ":joe", ":", ":a:b", ":zoë\n%s"])
def test_minted_names(suffix: str) -> None:
    name = f"{NOW + TTL}{suffix}"
    assert key_of(DIRECTORY, name, REALM, NOW) == minted("new", name)


@pytest.mark.parametrize(
    ("mint_time", "secret"),
    [
        (NOW - TTL + 1, "old"),
        (ROTATED - 1, "old"),
        (ROTATED, "new"),
        (NOW, "new"),
        (NOW + 60, "new"),
    ],
)
def test_the_secret_is_the_one_in_force_at_mint_time(mint_time: int, secret: str) -> None:
    name = f"{mint_time + TTL}:joe"
    assert key_of(DIRECTORY, name, REALM, NOW) == minted(secret, name)


@pytest.mark.parametrize("expiry", [NOW, NOW - 1, 0, NOW + TTL + 61, 999_999_999_999])
def test_expired_and_too_long_lived_names_have_no_key(expiry: int) -> None:
    assert key_of(DIRECTORY, f"{expiry}:joe", REALM, NOW) is None


def test_what_seems_older_than_the_first_secret_was_given_less_time() -> None:
    late = replace(DIRECTORY, secrets=(Secret(valid_from=NOW, secret="new"),))
    for expiry in (NOW + 1, NOW + TTL):
        assert key_of(late, str(expiry), REALM, NOW) == minted("new", str(expiry))
    assert key_of(replace(DIRECTORY, secrets=()), str(NOW + 1), REALM, NOW) is None


@pytest.mark.parametrize(
    ("generation", "expiry", "secret"),
    [
        (ROTATED, NOW + 1, "new"),
        (ROTATED, NOW + TTL + 60, "new"),
        (ROTATED, NOW + TTL + 61, None),
        (ROTATED, NOW, None),
        (NOW - 100_000, NOW + 1, "old"),
        # The last that it can have minted, before the other one did.
        (NOW - 100_000, ROTATED + TTL + 60, "old"),
        (NOW - 100_000, ROTATED + TTL + 61, None),
        (ROTATED + 1, NOW + 1, None),
        (0, NOW + 1, None),
    ],
)
def test_a_name_tells_its_secret(generation: int, expiry: int, secret: str | None) -> None:
    name = f"{expiry}:joe@falcot.com:{generation}"
    assert key_of(DIRECTORY, name, REALM, NOW) == (minted(secret, name) if secret else None)
    assert key_of(replace(DIRECTORY, keys={}), name, REALM, NOW) is None


def test_secrets_and_keys_stay_out_of_repr() -> None:
    assert not any(secret in repr(DIRECTORY) for secret in ("old", "new", "ffff"))


def test_what_was_minted_for_a_person_ends_with_the_account() -> None:
    joe, zoe = f"{NOW + 100}:joe@falcot.com", f"{NOW + 100}:zoe@falcot.com"
    assert key_of(DIRECTORY, joe, REALM, NOW) == minted("old", joe)
    assert key_of(DIRECTORY, zoe, REALM, NOW) is None
    gone = replace(DIRECTORY, keys={})
    assert key_of(gone, joe, REALM, NOW) is None


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("joe", "joe"),
        ("1700000000:joe@falcot.com", "joe@falcot.com"),
        ("1700000000:a:b", "a:b"),
        ("1700000000:joe@falcot.com:1699999999", "joe@falcot.com"),
        ("1700000000:check:0", "check"),
        ("1700000000", ""),
        ("1700000000:", ""),
    ],
)
def test_who_a_name_stands_for(name: str, who: str) -> None:
    assert owner(name) == who
