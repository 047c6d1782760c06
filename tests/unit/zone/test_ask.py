# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.zone import ask
from falcot_rtc.zone.records import Row
from falcot_rtc.zone.servers import Server
from tests.unit.probes.loopback import closed_port
from tests.unit.zone.name_server import ADDRESS, Zones, serving

ZONE = """\
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
ns IN A 127.0.0.1
sip-proxy IN A 198.51.100.19
alias IN CNAME sip-proxy
_sips._tcp IN SRV 0 1 5061 Sip-Proxy
* IN A 203.0.113.9
"""


def server(port: int) -> Server:
    return Server(name="ns.falcot.com.", address=ADDRESS, port=port)


def test_answers_as_they_compare() -> None:
    questions = [
        ("_sips._tcp.falcot.com.", "SRV"),
        ("sip-proxy.falcot.com.", "AAAA"),
        ("alias.falcot.com.", "A"),
        ("never.falcot.com.", "A"),
    ]
    with serving(Zones({"falcot.com": ZONE})) as port:
        said = ask.ask(server(port), questions)
    assert said.fault == ""
    srv, empty, alias, wildcard = (said.answers[q] for q in questions)
    data = "0 1 5061 sip-proxy.falcot.com."
    assert srv.rows == {Row(name="_sips._tcp.falcot.com.", type="SRV", data=data)}
    assert srv.ttl == 60
    assert empty.rows == set() and not empty.alias
    assert alias.alias == "sip-proxy.falcot.com."
    assert {row.data for row in wildcard.rows} == {"203.0.113.9"}


def test_a_server_that_only_passes_on_is_asked_once() -> None:
    zones = Zones({"falcot.com": ZONE}, authoritative=False)
    with serving(zones) as port:
        said = ask.ask(server(port), [("falcot.com.", "A"), ("sip-proxy.falcot.com.", "A")])
    assert said.fault == "it is not authoritative for the zone"
    assert (said.refused, zones.asked, said.answers) == (True, 1, {})


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "TIMEOUT", 0.2)
    (said,) = ask.everybody([server(closed_port())], [("falcot.com.", "A")])
    assert said.fault and not said.answers and not said.refused
