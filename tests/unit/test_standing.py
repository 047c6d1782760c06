# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from falcot_rtc import acme, certificates, sources, standing
from falcot_rtc.errors import FalcotError
from falcot_rtc.standing import Standing
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put
from tests.unit.test_derive import site
from tests.unit.test_material import DAY, EXISTING, NOW, existing
from tests.unit.test_sources import NAMES, offer, serve

ACME = 'certificate = { source = "acme" }\n'
GOOD = Standing(
    source="own-ca",
    own=True,
    names=("falcot.com",),
    issuer="CN=falcot-rtc CA of falcot.com",
    begins=NOW,
    expires=NOW + datetime.timedelta(days=90),
    fingerprint="00",
    refused="",
)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def test_nothing_yet(host: FakeHost) -> None:
    with pytest.raises(FalcotError, match="no certificate is there yet"):
        standing.read(host, site(FALCOT), NOW)


def test_what_is_served(host: FakeHost) -> None:
    serve(host, offer(host, FALCOT))
    found = standing.read(host, site(FALCOT), NOW)
    assert found == Standing(
        source="own-ca",
        own=True,
        names=NAMES,
        issuer="CN=falcot-rtc CA of falcot.com",
        begins=NOW - datetime.timedelta(hours=1),
        expires=NOW + 90 * DAY,
        fingerprint=certificates.fingerprint(host.read(sources.SITE_CHAIN) or b""),
        refused="",
    )
    assert standing.judge(found, NOW).status == "ok"


def test_what_is_refused(host: FakeHost) -> None:
    existing(host, *NAMES)
    serve(host, offer(host))
    existing(host, "falcot.com")
    found = standing.read(host, site(EXISTING + FALCOT), NOW)
    assert "lacks the name server1.falcot.com" in found.refused
    assert (found.source, found.own) == ("existing", False)
    verdict = standing.judge(found, NOW)
    assert verdict.status == "fail"
    assert found.refused in verdict.detail
    # With nothing to fall back on, the same is said.
    assert standing.read(host, site(EXISTING + FALCOT), NOW + 91 * DAY).refused != ""


def test_waiting_for_a_public_ca(host: FakeHost) -> None:
    text = ACME + FALCOT
    serve(host, sources.offer(host, site(text), NOW))
    found = standing.read(host, site(text), NOW)
    assert found.own and found.waiting == "the CA has not been asked yet"
    row = '{"when": 1, "server": "https://ca.example/", "error": "no A record"}'
    put(host.root, acme.LAST, row)
    found = standing.read(host, site(text), NOW)
    verdict = standing.judge(found, NOW)
    assert (verdict.status, found.waiting) == ("warn", "https://ca.example/: no A record")
    assert "not from the chosen CA yet" in verdict.detail
    assert standing.read(host, site(FALCOT), NOW).waiting == ""


@pytest.mark.parametrize(
    ("left", "status"), [(31, "ok"), (26, "warn"), (13, "warn"), (6, "fail"), (-1, "fail")]
)
@pytest.mark.parametrize("source", ["own-ca", "existing"])
def test_the_end_comes_in_steps(left: int, status: str, source: str) -> None:
    found = replace(GOOD, source=source)
    verdict = standing.judge(found, GOOD.expires - left * DAY)
    assert verdict.status == status
    assert bool(verdict.hint) == (status != "ok")
