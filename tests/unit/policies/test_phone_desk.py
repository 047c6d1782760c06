# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json

import pytest

from falcot_rtc import derive
from falcot_rtc.resources import Directory, TreeFile, Unit
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_click_to_call import SALES
from tests.unit.test_derive import site


def desk(text: str = FALCOT, **tunables: str) -> dict[str, object]:
    found = json.loads(content("phone/desk.json", site(text, **tunables)))
    assert isinstance(found, dict)
    return found


def test_nobody_but_the_service_reads_the_secrets() -> None:
    found = derive.desired(site(FALCOT + SALES))
    (secrets,) = (f for f in found.of(TreeFile) if f.path == "phone/secrets.json")
    assert (secrets.group, secrets.mode) == ("_falcot-rtc-phone", 0o640)
    assert json.loads(secrets.content) == {
        "token": "secret-of-phone-token",
        "sip": "0 secret-of-sip-minted\n",
        "turn": "0 secret-of-turn-minted\n",
    }
    (people,) = (d for d in found.of(Directory) if d.path == "/var/lib/falcot-rtc/phone")
    assert (people.owner, people.group, people.mode) == ("root", "_falcot-rtc-phone", 0o750)
    for file in found.of(TreeFile):
        if "secret-of-phone-token" in file.content:
            assert file is secrets


def test_nothing_lives_longer_than_what_servers_accept() -> None:
    found = desk(FALCOT + SALES, turn="minted-ttl = 300", phone="credentials-seconds = 900")
    assert found["ttl"] == 300
    calls = desk(FALCOT + SALES.replace("ttl = 60", "ttl = 3600"), turn="minted-ttl = 300")["calls"]
    assert isinstance(calls, list) and calls[0]["ttl"] == 300
    assert desk(phone="login-hours = 2")["login_seconds"] == 7200


def test_without_turn_there_are_no_servers() -> None:
    assert desk('services = ["sip", "web"]\n' + FALCOT)["turn_urls"] == []


def test_a_browser_without_ipv4_is_told_the_address() -> None:
    """The server's name leads to IPv4 alone wherever there is one; four URLs and no fifth."""
    one = ["turn:[2001:db8:1000:2000::19]:3478?transport=udp"]
    urls = desk()["turn_urls"]
    assert isinstance(urls, list)
    assert (len(urls), urls[3:]) == (4, one)
    before, _, ipv6 = FALCOT.partition("[address.ipv6]")
    for text in (before, f"{before.partition('[address')[0]}[address.ipv6]{ipv6}"):
        found = desk(text)["turn_urls"]
        assert isinstance(found, list)
        assert len(found) == 3 and all("turn-server." in url for url in found)


@pytest.mark.parametrize("services", [["sip"], ["web"], ["turn", "xmpp", "web"]])
def test_it_needs_both_roles(services: list[str]) -> None:
    chosen = site(f"services = {json.dumps(services)}\n{FALCOT}{SALES}")
    found = derive.desired(chosen)
    assert not [f for f in found.of(TreeFile) if f.path.startswith("phone/")]
    assert not [u for u in found.of(Unit) if u.name == "falcot-rtc-phone.socket"]
    if "web" in services:
        assert "/phone/api/" not in content("web/apache2.conf", chosen)


def test_apache_passes_requests_to_the_service_alone() -> None:
    text = content("web/apache2.conf", site())
    place = text.partition('<Location "/phone/api/">')[2].partition("</Location>")[0]
    assert 'ProxyPass "unix:/run/falcot-rtc/phone.sock|http://localhost/phone/api/"' in place
    assert "RequestHeader unset X-Forwarded-For" in place
    assert "-le 4096" in place and "LimitRequestBody 4096" in place
    assert json.loads(content("web/html/phone-api/busy.json")) == {"error": "busy"}
    assert json.loads(content("web/html/phone-api/malformed.json")) == {"error": "malformed"}
