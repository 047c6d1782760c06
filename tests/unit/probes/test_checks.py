# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.probes import checks
from falcot_rtc.probes.checks import Result, planned, run
from falcot_rtc.probes.errors import NoRoute
from falcot_rtc.probes.outcome import Outcome
from falcot_rtc.probes.table import ROWS
from tests.unit.probes.loopback import closed_port
from tests.unit.probes.samples import TICKET, target

NAMED = (
    "turn.binding.udp.ipv4",
    "turn.binding.udp.ipv4-alternate",
    "turn.binding.tls.ipv6",
    "turn.binding.alternate-udp.ipv4-alternate",
    "turn.relay-longterm.udp.ipv4",
    "turn.relay-longterm.tls.ipv6",
    "turn.relay-minted.udp.ipv4",
    "turn.relay-minted.tcp.ipv6",
    "turn.anonymous-refused.udp.ipv4",
    "turn.anonymous-refused.tls.ipv6",
    "turn.peer-allowed.udp.ipv4",
    "turn.peer-refused.loopback",
    "turn.peer-refused.private",
    "turn.peer-refused.link-local",
    "turn.peer-refused.multicast",
    "turn.peer-refused.own-services",
    "turn.nat-discovery",
    "sip.options.tls.ipv4",
    "sip.register.tls.ipv4",
    "sip.register.wss.ipv6",
    "sip.call.tls.ipv4",
    "sip.call.wss.ipv6",
    "sip.call.tls-to-wss.ipv4",
    "sip.message.tls.ipv4",
    "sip.message.wss.ipv4",
    "sip.anonymous-refused",
    "sip.spoofed-from-refused",
    "sip.relay-refused",
    "xmpp.login.starttls.ipv4",
    "xmpp.login.tls.ipv6",
    "xmpp.message.starttls.ipv6",
    "xmpp.message.tls.ipv6",
    "xmpp.cleartext-refused.starttls.ipv4",
    "xmpp.wrong-password-refused",
    "xmpp.registration-closed",
    "xmpp.turn-credentials",
    "xmpp.server.starttls.ipv4",
    "xmpp.server.tls.ipv6",
    "web.start-page.https.ipv4",
    "web.password.https.ipv6",
    "web.redirect.http.ipv6",
    "turn.certificate.turn-tls.ipv4-alternate",
    "sip.certificate.sip-tls.ipv4",
    "sip.certificate.sip-wss.ipv6",
    "xmpp.certificate.xmpp-client.ipv4",
    "xmpp.certificate.xmpp-client-tls.ipv4",
    "xmpp.certificate.xmpp-server.ipv6",
    "xmpp.certificate.xmpp-server-tls.ipv6",
    "xmpp.certificate.xmpp-https.ipv4",
    "web.certificate.web-https.ipv6",
)


def test_the_handbooks_site_gets_the_promised_checks() -> None:
    ids = [check.id for check in planned(TICKET)]
    assert len(set(ids)) == len(ids) == 116
    assert set(NAMED) <= set(ids)


def test_what_a_site_lacks_is_not_checked() -> None:
    ids = {check.id for check in planned(replace(TICKET, services=("sip",)))}
    assert {name.partition(".")[0] for name in ids} == {"sip"}
    narrow = replace(TICKET, endpoints=(target("sip-tls"), target("turn-udp", "ipv6")))
    ids = {check.id for check in planned(narrow)}
    assert "sip.call.tls-to-wss.ipv4" not in ids
    assert "turn.binding.udp.ipv6" in ids
    assert not any("wss" in name or "xmpp" in name for name in ids)
    assert planned(replace(TICKET, endpoints=())) == ()


def test_minted_allocations_of_many_addresses_do_not_add_up() -> None:
    """Two for each check that runs at a time; the server counts those of one name."""
    many = tuple(replace(target("turn-udp"), family=f"ipv4-{n}") for n in range(30))
    made = planned(replace(TICKET, endpoints=many))
    lanes = [check.lane for check in made if check.id.startswith("turn.relay-minted.")]
    assert len(lanes) == 30
    assert len(set(lanes)) == 1


def test_a_purpose_of_a_later_version_is_left_alone() -> None:
    later = replace(target("web-https"), purpose="web-quic")
    assert planned(replace(TICKET, endpoints=(later,))) == ()


def test_an_expired_ticket_is_refused() -> None:
    with pytest.raises(UsageError, match="ticket: expired at 1970-01-0"):
        run(replace(TICKET, expires=86400))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'sip\.cal'"):
        run(TICKET, only=("sip.cal",))


def test_a_site_that_is_down() -> None:
    port = closed_port()
    down = tuple(replace(t, address="127.0.0.1", port=port) for t in TICKET.endpoints)
    seen: list[Result] = []
    results = run(replace(TICKET, endpoints=down), report=seen.append)
    by_id = {result.id: result for result in results}
    assert [r.id for r in results] == [c.id for c in planned(TICKET)]
    assert sorted(r.id for r in seen) == sorted(by_id)
    assert {r.status for r in results} == {"fail", "skip"}
    for role, unit in (("turn", "coturn"), ("sip", "kamailio"), ("xmpp", "prosody")):
        failed = [r for r in results if r.role == role and r.status == "fail"]
        assert failed
        assert all(unit in r.hint for r in failed)
    assert "Connection refused" in by_id["turn.binding.udp.ipv4"].detail
    call = by_id["sip.call.tls.ipv4"]
    assert (call.status, call.detail) == (
        "skip",
        "needs sip.options.tls.ipv4, which did not succeed",
    )


def test_a_single_check_runs_without_what_it_needs() -> None:
    port = closed_port()
    down = tuple(replace(t, address="127.0.0.1", port=port) for t in TICKET.endpoints)
    results = run(replace(TICKET, endpoints=down), only=("sip.call.tls.ipv4", "web.*.http.*"))
    assert [(r.id, r.status) for r in results] == [
        ("sip.call.tls.ipv4", "fail"),
        ("web.redirect.http.ipv4", "fail"),
        ("web.redirect.http.ipv6", "fail"),
    ]


@pytest.mark.parametrize(("address", "status"), [("198.51.100.19", "skip"), ("127.0.0.1", "fail")])
def test_a_missing_route_is_a_fault_on_the_host_only(address: str, status: str) -> None:
    def routeless(*_: object) -> Outcome:
        raise NoRoute("no way")

    ticket = replace(TICKET, endpoints=(replace(target("web-http"), address=address),))
    (check,) = planned(ticket)
    check = replace(check, row=replace(check.row, probe=routeless))
    assert checks._run_one(check, ticket, {}).status == status


def test_programming_errors_are_not_results(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    row = replace(ROWS[0], probe=broken)  # type: ignore[arg-type]
    monkeypatch.setattr(checks, "ROWS", (row,))
    with pytest.raises(ZeroDivisionError):
        run(TICKET)


def test_another_machine_goes_to_the_public_address() -> None:
    behind = replace(target("web-https"), public="203.0.113.19")
    ticket = replace(TICKET, endpoints=(behind, target("web-https", "ipv6")))
    there = [t.address for t in checks.reachable(ticket).endpoints]
    assert there == ["203.0.113.19", "2001:db8:1000:2000::19"]
    local = replace(behind, address="127.0.0.1")
    here = checks.reachable(replace(TICKET, endpoints=(local,)))
    assert [t.address for t in here.endpoints] == ["127.0.0.1"]
