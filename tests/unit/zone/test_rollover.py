# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from pathlib import Path

import pytest

from falcot_rtc import certificates, paths, sources
from falcot_rtc.judgement import Pair
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site
from falcot_rtc.zone import memory, pins, rollover, servers, update
from falcot_rtc.zone.records import Row
from falcot_rtc.zone.update import Change
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put
from tests.unit.test_derive import site
from tests.unit.zone.name_server import ADDRESS, Zones, serving

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
NAMES = tls.names(site().settings)
CA = certificates.new_ca("elsewhere", NOW)
OLD, NEW = (certificates.issue(CA, NAMES, 90, NOW) for _ in range(2))
KEY = "/etc/falcot-rtc/update.key"
TUNED = f'update-key = "{KEY}"\nupdate-server = "{ADDRESS}"\n'
NAME = "_5061._tcp.sip-proxy.falcot.com."
OTHER = Row(name="falcot.com.", type="A", data="198.51.100.19")


def rows(pair: Pair) -> set[Row]:
    return {Row(name=NAME, type="TLSA", data=pin) for pin in pins.pins(pair.chain, b"")}


def zone(*published: Row) -> str:
    start = "$TTL 3600\n@ IN SOA ns hostmaster 1 60 60 60 60\n@ IN NS ns\n"
    return start + "".join(f"{row.name} IN {row.type} {row.data}\n" for row in published)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    put(tmp_path, KEY, 'key "k" { algorithm hmac-sha256; secret "AAAA"; };\n')
    put(tmp_path, sources.SITE_CHAIN, OLD.chain.decode())
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """What would be sent; an update itself is for a real server to take."""
    changes: list[Change] = []
    monkeypatch.setattr(update, "send", lambda host, change, key: changes.append(change))
    return changes


def tuned() -> Site:
    return site(FALCOT, dns=TUNED)


def test_old_and_new_stand_side_by_side(
    host: FakeHost, sent: list[Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.save(host, "falcot.com.", {OTHER, *rows(OLD)})
    with serving(Zones({"falcot.com": zone(OTHER, *rows(OLD))})) as port:
        monkeypatch.setattr(servers, "PORT", port)
        assert rollover.announce(host, tuned(), NEW.chain) == 1
    (change,) = sent
    # The key of the issuer is the same, and nothing but TLSA is looked at.
    assert {row for row, _ in change.add} == rows(NEW) - rows(OLD)
    assert change.delete == ()
    assert change.wanted == {OTHER, *rows(OLD), *rows(NEW)}


def test_the_old_one_goes_when_it_is_out_of_service(
    host: FakeHost, sent: list[Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(host.root, sources.SITE_CHAIN, NEW.chain.decode())
    both = rows(OLD) | rows(NEW)
    memory.save(host, "falcot.com.", {OTHER, *both})
    with serving(Zones({"falcot.com": zone(OTHER, *both)})) as port:
        monkeypatch.setattr(servers, "PORT", port)
        assert rollover.settle(host, tuned()) == 1
    (change,) = sent
    assert (change.add, set(change.delete)) == ((), rows(OLD) - rows(NEW))
    assert change.wanted == {OTHER, *rows(NEW)}


@pytest.mark.parametrize("published", [set(), {OTHER}, {OTHER, *rows(OLD)}])
def test_what_was_never_published_stays_so(
    host: FakeHost, sent: list[Change], published: set[Row]
) -> None:
    """Nor does a renewal with the same keys ask anybody."""
    memory.save(host, "falcot.com.", published)
    assert rollover.announce(host, tuned(), OLD.chain) == 0
    assert rollover.settle(host, tuned()) == 0
    assert sent == []
    assert host.exists(paths.PUBLISHED)
