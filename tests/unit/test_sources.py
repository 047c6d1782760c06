# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from pathlib import Path

import pytest

from falcot_rtc import certificates, judgement, paths, sources
from falcot_rtc.errors import UsageError
from falcot_rtc.judgement import Pair
from falcot_rtc.policies import tls
from falcot_rtc.sources import Offer
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put
from tests.unit.test_derive import site
from tests.unit.test_material import DAY, EXISTING, NOW, existing

NAMES = tls.names(site().settings)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def offer(
    host: FakeHost, text: str = EXISTING + FALCOT, now: datetime.datetime = NOW, anew: bool = False
) -> Offer:
    return sources.offer(host, site(text), now, anew=anew)


def serve(host: FakeHost, offered: Offer) -> None:
    """Let the services have what was offered."""
    for write in offered.writes:
        host.write(write.path, write.content, mode=write.mode)
    host.write(sources.SITE_CHAIN, offered.pair.chain, mode=0o644)
    host.write(sources.SITE_KEY, offered.pair.key, mode=0o600)
    host.write(paths.JUDGED, judgement.dump(offered.judgement).encode(), mode=0o644)


def test_a_bad_renewal_leaves_the_present_one(host: FakeHost) -> None:
    good = existing(host, *NAMES)
    serve(host, offer(host))
    assert offer(host).refused == ""
    existing(host, "falcot.com")
    found = offer(host)
    assert found.pair == good
    assert found.refused.startswith("/etc/ssl/site.pem: the certificate lacks the name server1.")
    host.remove("/etc/ssl/site.key")
    assert offer(host).refused == "/etc/ssl/site.key does not exist or is empty"
    # Until it is no good any more either.
    with pytest.raises(UsageError, match=r"site\.key does not exist"):
        offer(host, now=NOW + 91 * DAY)


def test_a_wrong_choice_is_no_renewal(host: FakeHost) -> None:
    """With the own CA's in service, files that are named for the first time have to be right."""
    serve(host, offer(host, FALCOT))
    existing(host, "falcot.com")
    with pytest.raises(UsageError, match="lacks the name"):
        offer(host)


def test_files_in_another_order_are_judged_once(host: FakeHost) -> None:
    pair = existing(host, *NAMES)
    both = pair.key + b"".join(pair.chain.partition(b"-----END CERTIFICATE-----\n")[::-1])
    end = b"-----END CERTIFICATE-----\n"
    leaf, root, _ = pair.chain.split(end)
    both = pair.key + root + end + leaf + end
    put(host.root, "/etc/ssl/site.pem", both.decode())
    put(host.root, "/etc/ssl/site.key", both.decode())
    first = offer(host)
    assert first.pair == pair
    serve(host, first)
    assert offer(host) == Offer(pair=pair, judgement=first.judgement)
    # A judgement alone does not tell the pair.
    host.write(sources.SITE_CHAIN, b"damaged", mode=0o644)
    assert offer(host).pair == pair


def test_the_own_ca_issues_anew_when_told(host: FakeHost) -> None:
    serve(host, offer(host, FALCOT))
    before = sources.present(host)
    assert offer(host, FALCOT).pair == before
    after = offer(host, FALCOT, anew=True)
    assert after.pair != before
    assert after.writes == ()
    assert sources.is_own(host, after.pair)


def test_a_domain_added_later_is_covered_by_the_same_ca(host: FakeHost) -> None:
    serve(host, offer(host, FALCOT))
    ca = host.read(sources.CA_CHAIN)
    found = offer(host, FALCOT + '[[domain]]\nname = "example.net"\n')
    assert "example.net" in certificates.names_of(found.pair.chain)
    assert found.pair.chain.endswith(ca or b"-")
    assert found.writes == ()


def test_a_leaf_does_not_outlive_its_ca(host: FakeHost) -> None:
    serve(host, offer(host, FALCOT))
    late = NOW + datetime.timedelta(days=3650 - 10)
    found = offer(host, FALCOT, now=late)
    assert certificates.expiry(found.pair.chain) == certificates.expiry(
        host.read(sources.CA_CHAIN) or b""
    )


def test_present_and_own(host: FakeHost) -> None:
    assert sources.present(host) is None
    assert not sources.is_own(host, Pair(chain=b"x", key=b"y"))


ACME = 'certificate = { source = "acme" }\n' + FALCOT


def issued(host: FakeHost, *names: str, now: datetime.datetime = NOW) -> Pair:
    """What certbot got."""
    pair = certificates.issue(certificates.new_ca("public", now), names, 90, now)
    put(host.root, paths.ACME_CHAIN, pair.chain.decode())
    put(host.root, paths.ACME_KEY, pair.key.decode())
    return pair


def test_the_own_ca_stands_in_for_a_public_one(host: FakeHost) -> None:
    first = offer(host, ACME)
    serve(host, first)
    assert sources.is_own(host, first.pair)
    assert offer(host, ACME).pair == first.pair
    pair = issued(host, *NAMES)
    found = offer(host, ACME)
    assert (found.pair, found.refused) == (pair, "")


def test_a_certificate_from_elsewhere_stands_in_as_well(host: FakeHost) -> None:
    pair = existing(host, *NAMES)
    serve(host, offer(host))
    assert offer(host, ACME).pair == pair


def test_a_domain_that_the_public_ca_does_not_know_yet(host: FakeHost) -> None:
    serve(host, offer(host, ACME))
    pair = issued(host, *NAMES)
    serve(host, offer(host, ACME))
    found = offer(host, ACME + '[[domain]]\nname = "example.net"\n')
    assert found.pair == pair
    assert "lacks the name example.net" in found.refused


def test_a_public_certificate_that_ended(host: FakeHost) -> None:
    """Better one that few trust than one that nobody does."""
    serve(host, offer(host, ACME))
    issued(host, *NAMES)
    serve(host, offer(host, ACME))
    late = NOW + 91 * DAY
    found = offer(host, ACME, now=late)
    assert "expired on" in found.refused
    assert certificates.faults(found.pair, NAMES, ("falcot.com",), late) == []


def test_old_phones_get_an_rsa_key_of_the_own_ca_and_lose_it_again(host: FakeHost) -> None:
    serve(host, offer(host, FALCOT))
    ca = host.read(sources.CA_CHAIN)
    old = site(FALCOT, tls="old-phones = true")
    found = sources.offer(host, old, NOW)
    assert certificates.has_rsa(found.pair.chain)
    assert found.pair.chain.endswith(ca or b"-")
    serve(host, found)
    assert sources.offer(host, old, NOW).pair == found.pair
    assert not certificates.has_rsa(offer(host, FALCOT).pair.chain)
