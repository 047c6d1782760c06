# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes import digest
from falcot_rtc.probes.digest import Challenge
from falcot_rtc.probes.errors import ProtocolError


def test_rfc2617_example() -> None:
    challenge = digest.parse_challenge(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    assert challenge == Challenge(
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        qop="auth",
        opaque="5ccc069c403ebaf9f0171e9517f40e41",
    )
    assert (
        digest.response(
            challenge,
            user="Mufasa",
            password="Circle Of Life",
            method="GET",
            uri="/dir/index.html",
            cnonce="0a4f113b",
        )
        == "6629fae49393a05397450978507c4ef1"
    )


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc7616_examples(algorithm: str, expected: str) -> None:
    challenge = Challenge(
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        algorithm=algorithm,
        qop="auth",
    )
    answer = digest.response(
        challenge,
        user="Mufasa",
        password="Circle of Life",
        method="GET",
        uri="/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert answer == expected


def test_without_qop_neither_count_nor_cnonce_is_sent() -> None:
    header = digest.authorization(
        Challenge(realm="r", nonce="n"),
        user='a"b',
        password="p",
        method="REGISTER",
        uri="sip:falcot.com",
        cnonce="c",
    )
    assert r'username="a\"b"' in header
    assert "cnonce" not in header
    assert "nc=" not in header


@pytest.mark.parametrize(
    "value",
    [
        "Basic realm=x",
        'Digest realm="x"',
        'Digest realm="x", nonce="n", realm="y"',
        'Digest realm="x", nonce="n", algorithm=CRC32',
        'Digest realm="x", nonce="n", qop="auth-int"',
        'Digest realm="x nonce',
        "",
    ],
)
def test_unusable_challenges(value: str) -> None:
    with pytest.raises(ProtocolError):
        digest.parse_challenge(value)


def test_session_algorithm_in_any_case() -> None:
    challenge = digest.parse_challenge('digest realm="x",nonce="n",stale=TRUE,algorithm=md5-sess')
    assert challenge.algorithm == "MD5-SESS"


@given(st.text(), st.text())
def test_junk_is_a_protocol_error(one: str, other: str) -> None:
    for value in (one, f"Digest {one}", f'Digest realm="x", nonce="n", {one}={other}'):
        try:
            digest.parse_challenge(value)
        except ProtocolError:
            continue


quotable = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(quotable, quotable)
def test_quoted_values_survive(realm: str, nonce: str) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    challenge = digest.parse_challenge(f"Digest realm={quoted(realm)}, nonce={quoted(nonce)}")
    assert (challenge.realm, challenge.nonce) == (realm, nonce)
