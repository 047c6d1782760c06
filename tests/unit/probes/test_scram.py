# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.scram import Exchange, is_server_authentic

# RFC 5802 section 5 and RFC 7677 section 3.
EXAMPLES = [
    (
        "SCRAM-SHA-1",
        "fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    (
        "SCRAM-SHA-256",
        "rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
]


@pytest.mark.parametrize(("mechanism", "nonce", "challenge", "answer", "outcome"), EXAMPLES)
def test_rfc_examples(
    mechanism: str, nonce: str, challenge: str, answer: str, outcome: str
) -> None:
    exchange = Exchange(mechanism=mechanism, user="user", nonce=nonce)
    assert exchange.first == f"n,,n=user,r={nonce}"
    message, signature = exchange.final("pencil", challenge)
    assert message == answer
    assert is_server_authentic(outcome, signature)
    assert not is_server_authentic("v=" + base64.b64encode(bytes(20)).decode(), signature)


def test_user_names_are_escaped() -> None:
    exchange = Exchange(mechanism="SCRAM-SHA-1", user="a,b=c", nonce="n")
    assert exchange.first == "n,,n=a=2Cb=3Dc,r=n"


@pytest.mark.parametrize(
    "challenge",
    [
        "r=other,s=QSXCR+Q6sek8bf92,i=4096",
        "r=nonce,s=QSXCR+Q6sek8bf92,i=4096",
        "r=nonceX,s=%%%,i=4096",
        "r=nonceX,s=QSXCR+Q6sek8bf92,i=0",
        "r=nonceX,s=QSXCR+Q6sek8bf92,i=99999999",
        "r=nonceX,s=QSXCR+Q6sek8bf92,i=१",
        "m=ext,r=nonceX,s=QSXCR+Q6sek8bf92,i=1",
        "",
    ],
)
def test_bad_challenges(challenge: str) -> None:
    with pytest.raises(ProtocolError):
        Exchange(mechanism="SCRAM-SHA-1", user="user", nonce="nonce").final("pencil", challenge)


@given(st.text(), st.text(max_size=5))
def test_junk_is_a_protocol_error(text: str, count: str) -> None:
    exchange = Exchange(mechanism="SCRAM-SHA-256", user="user", nonce="nonce")
    for challenge in (text, f"r=nonce{text},s=QSXC,i=1", f"r=nonceX,s={text},i=1"):
        try:
            exchange.final("pencil", challenge)
        except ProtocolError:
            continue
    try:
        is_server_authentic(text, bytes(32))
    except ProtocolError as error:
        assert "SCRAM" in str(error)
