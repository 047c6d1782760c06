# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import settings
from falcot_rtc.certificate_choice import LETS_ENCRYPT
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FALCOT

BY_DNS = 'services = ["sip"]\ncertificate = { source = "acme", acme-challenge = "dns-01" }\n'


def test_without_a_word_it_is_the_own_ca() -> None:
    found = settings.parse(FALCOT).certificate
    assert (found.source, found.acme_server, found.acme_challenge) == (
        "own-ca", LETS_ENCRYPT, "http-01",
    )  # fmt: skip
    assert not found.looked_for_on_the_web


def test_the_challenge_by_dns_needs_no_web_server() -> None:
    found = settings.parse(BY_DNS + FALCOT).certificate
    assert found.source == "acme" and not found.looked_for_on_the_web
    with pytest.raises(UsageError, match="needs the web server") as caught:
        settings.parse(BY_DNS.replace("dns-01", "http-01") + FALCOT)
    assert "dns-01" in caught.value.hint


def test_files_come_in_twos() -> None:
    with pytest.raises(UsageError, match=r"certificate\.key: not set"):
        settings.parse('certificate = { source = "existing", path = "/a/chain" }\n' + FALCOT)
