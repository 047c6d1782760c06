# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import time
from pathlib import Path

import pytest

from falcot_rtc import apply, certificates, check, paths, sources
from falcot_rtc.accounts import names, sync
from falcot_rtc.errors import FalcotError
from falcot_rtc.policies import jail
from falcot_rtc.policy import Site
from falcot_rtc.probes import ticket
from tests.unit.fake_host import FALCOT, FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")


def quiet(line: str) -> None:
    """Takes a report."""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    found = fresh(tmp_path)
    apply.apply(found, report=quiet)
    put(tmp_path, jail.CLIENT, "")
    found.system.jails = ", ".join(one.name for one in jail.ALL)
    return again(found)


def read_site(host: FakeHost) -> Site:
    return apply.read_site(host)[0]


def reserved(host: FakeHost) -> list[str]:
    found = host.names("/var/lib/prosody/falcot%2ecom/accounts")
    return [name for name in found if name != "admin.dat"]


def test_a_ticket_names_no_address_that_every_machine_has(host: FakeHost) -> None:
    assert {t.address for t in check.ticket(host, read_site(host)).endpoints} == {
        "198.51.100.19",
        "198.51.100.20",
        "2001:db8:1000:2000::19",
    }


def failed(host: FakeHost) -> dict[str, str]:
    return {r.id: r.detail for r in check.local(host, read_site(host)) if r.status == "fail"}


def test_a_healthy_host(host: FakeHost) -> None:
    found = check.local(host, read_site(host))
    # Its resolv.conf names nobody who could tell.
    assert {r.id: r.status for r in found if r.status != "ok"} == {"dns.published": "warn"}
    assert len({r.id for r in found}) == len(found)
    assert {r.role for r in found} == {"host", "dns", "turn", "sip", "xmpp", "web"}


def test_a_service_that_was_killed_is_named(host: FakeHost) -> None:
    host.system.units["prosody.service"].active = False
    found = failed(host)
    assert found["host.unit.prosody.service"] == "it does not run"
    assert "tcp 198.51.100.19:5222" in found["xmpp.listeners"]
    assert found["host.applied"] == "restart prosody.service (it does not run)"
    assert "sip.listeners" not in found


def test_a_service_that_keeps_failing_does_not_run(host: FakeHost) -> None:
    host.system.units["coturn.service"].looping = True
    found = failed(host)
    assert found["host.unit.coturn.service"] == "it keeps failing"
    assert found["host.applied"] == "restart coturn.service (it keeps failing)"
    apply.apply(again(host), report=quiet)
    assert failed(host) == {}


def test_a_service_that_a_reboot_would_end(host: FakeHost) -> None:
    host.system.units["coturn.service"].enabled = False
    assert failed(host)["host.unit.coturn.service"] == "it is not enabled, so a reboot ends it"


def test_an_edit_of_a_generated_file(host: FakeHost) -> None:
    put(host.root, f"{paths.GENERATIONS}/1/turn/turnserver.conf", "no-auth\n")
    assert "write generation 2" in failed(host)["host.applied"]


def test_a_misspelt_key_and_file_are_a_warning(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, FALCOT + "[adress.ipv6]\nbind = '2001:db8::1'\n")
    put(host.root, f"{paths.POLICY_D}/trun.toml", "relay-low = 5000\n")
    found = [r for r in check.local(host, read_site(host)) if r.role == "host"]
    (warned,) = [r for r in found if r.status != "ok"]
    assert (warned.id, warned.status) == ("host.strays", "warn")
    assert "adress" in warned.detail and "trun.toml" in warned.detail


def test_an_account_that_a_service_lost(host: FakeHost) -> None:
    host.remove("/var/lib/prosody/falcot%2ecom/accounts/admin.dat")
    assert failed(host) == {"host.accounts": "xmpp: admin@falcot.com is missing"}


def test_a_zone_that_is_not_valid(host: FakeHost) -> None:
    host.system.judges["named-checkzone"] = "SRV"
    assert "falcot.com" in failed(host)["dns.zone-valid"]


def test_a_ticket_has_what_a_client_needs(host: FakeHost) -> None:
    made = check.ticket(host, read_site(host))
    assert ticket.loads(ticket.dumps(made)) == made
    assert made.realm == "falcot.com"
    assert made.ca == host.text(sources.PUBLIC_CA)
    fingerprint = certificates.fingerprint(host.read(sources.SITE_CHAIN) or b"")
    rows = {target.id: target for target in made.endpoints}
    assert rows["turn-tls-ipv6"].fingerprint == fingerprint
    assert rows["xmpp-client-ipv4"].fingerprint == fingerprint
    assert rows["turn-udp-ipv4-alternate"].address == "198.51.100.20"
    assert "turn-relay-ipv4" not in rows
    assert made.minted is not None
    assert int(made.minted.user.partition(":")[0]) > time.time() + 3600


def test_the_accounts_of_a_ticket_are_reserved_and_hidden(host: FakeHost) -> None:
    made = check.ticket(host, read_site(host))
    assert all(names.is_reserved(account.user) for account in made.accounts)
    assert len({account.user for account in made.accounts}) == 2
    assert len(reserved(host)) == 2
    assert sync.drift(host, read_site(host)) == []


def test_the_accounts_of_a_check_go_with_it(host: FakeHost) -> None:
    site = read_site(host)
    made = check.ticket(host, site)
    with pytest.raises(KeyboardInterrupt), check._swept(host, site, made):
        raise KeyboardInterrupt
    assert reserved(host) == []


def test_a_killed_check_is_swept_after_an_hour(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.ticket(host, read_site(host))
    check.ticket(host, read_site(host))
    assert len(reserved(host)) == 4
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 3700)
    check.ticket(host, read_site(host))
    assert len(reserved(host)) == 2


def test_without_turn_nothing_is_minted(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings='services = ["xmpp"]\n' + FALCOT)
    apply.apply(host, report=quiet)
    assert check.ticket(host, read_site(host)).minted is None


def test_a_host_that_is_held_is_not_checked(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    with pytest.raises(FalcotError, match="not configured on this host") as caught:
        check.check(host)
    assert caught.value.hint == "dpkg-reconfigure falcot-rtc"
    assert not host.exists(paths.ACCOUNTS)


def test_a_host_that_is_not_managed_has_nothing_to_check(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, "version = 1\nmanage = false\n")
    with pytest.raises(FalcotError, match="manage = false"):
        check.check(host)


def test_an_address_that_went(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("falcot_rtc.preflight.is_usable", lambda address: ":" not in address)
    assert "'2001:db8:1000:2000::19' is not an address" in failed(host)["host.possible"]


def test_a_zone_that_nobody_published_is_one_warning(host: FakeHost) -> None:
    (found,) = (r for r in check.local(host, read_site(host)) if r.id == "dns.published")
    assert (found.status, found.hint) == ("warn", "falcot-rtc dns check")
    assert found.detail == "falcot.com: /etc/resolv.conf names no name server"


def test_a_packet_filter_that_somebody_flushed(host: FakeHost) -> None:
    assert "host.firewall" not in {r.id for r in check.local(host, read_site(host))}
    put(host.root, paths.SETTINGS, "firewall = true\n" + host.text(paths.SETTINGS))
    assert "somebody flushed it" in failed(host)["host.firewall"]
    host.system.filter = "table inet falcot_rtc_ports"
    assert "host.firewall" not in failed(host)
