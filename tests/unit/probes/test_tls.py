# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import ssl
import time
from functools import partial
from pathlib import Path

import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.probes.connection import Deadline, Stream
from falcot_rtc.probes.errors import Unreachable
from falcot_rtc.probes.tls import fingerprint_of, served_certificate, verified, verifying
from tests.unit.probes.authority import make_authority, over_tls
from tests.unit.probes.loopback import scripted

AUTHORITY = make_authority()


def deadline() -> Deadline:
    return Deadline.after(5)


def test_the_served_certificate_is_described(tmp_path: Path) -> None:
    context = AUTHORITY.server(tmp_path, "falcot.com")
    leaf = ssl.PEM_cert_to_DER_cert(
        (tmp_path / "server.pem").read_text().partition("-----BEGIN PRIVATE")[0]
    )
    with scripted(over_tls(context)) as port:
        opener = partial(Stream.connect, "127.0.0.1", port)
        served = verified(opener, "falcot.com", AUTHORITY.pem, deadline())
    assert served.fingerprint == hashlib.sha256(leaf).hexdigest()
    assert 89 < served.days_left(time.time()) <= 90
    assert served.expires - served.begins == 490 * 86400
    assert served.version == "TLSv1.3"


@pytest.mark.parametrize(
    ("days", "name", "reason"),
    [(-1, "falcot.com", "expired"), (90, "falcot.org", "not valid for 'falcot.org'")],
)
def test_what_a_client_would_refuse(tmp_path: Path, days: int, name: str, reason: str) -> None:
    context = AUTHORITY.server(tmp_path, "falcot.com", days=days)
    with scripted(over_tls(context)) as port:
        opener = partial(Stream.connect, "127.0.0.1", port)
        with pytest.raises(Unreachable, match=f"certificate not trusted: .*{reason}"):
            verified(opener, name, AUTHORITY.pem, deadline())
    with scripted(over_tls(context)) as port:
        opener = partial(Stream.connect, "127.0.0.1", port)
        assert len(fingerprint_of(served_certificate(opener, name, deadline()))) == 64


def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    context = make_authority().server(tmp_path, "falcot.com")
    with scripted(over_tls(context)) as port:
        opener = partial(Stream.connect, "127.0.0.1", port)
        with pytest.raises(Unreachable, match="certificate not trusted"):
            verified(opener, "falcot.com", AUTHORITY.pem, deadline())


def test_old_protocols_are_not_spoken() -> None:
    context = verifying(AUTHORITY.pem)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("ca", ["junk", "-----BEGIN CERTIFICATE-----\nAAAA\n", "é"])
def test_a_bad_authority_is_a_usage_error(ca: str) -> None:
    with pytest.raises(UsageError, match=r"ticket\.ca"):
        verifying(ca)
