# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.zone import challenge, servers, update
from falcot_rtc.zone.servers import Server
from tests.unit.fake_host import FALCOT, fresh, put
from tests.unit.test_derive import site
from tests.unit.zone.name_server import ADDRESS, Zones, serving

KEY = "/etc/falcot-rtc/update.key"
TUNED = f'update-key = "{KEY}"\nupdate-server = "{ADDRESS}"\n'
ENVIRONMENT = {"CERTBOT_DOMAIN": "sip-proxy.falcot.com", "CERTBOT_VALIDATION": "AbC-_1"}
ZONE = """\
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
"""
THERE = ZONE + '_acme-challenge.sip-proxy IN TXT "AbC-_1"\n'


def test_the_record_that_certbot_wants() -> None:
    found = challenge.row(ENVIRONMENT)
    assert str(found) == '_acme-challenge.sip-proxy.falcot.com. TXT "AbC-_1"'
    with pytest.raises(UsageError, match="CERTBOT_DOMAIN"):
        challenge.row({})


@pytest.mark.parametrize(("zone", "lacks"), [(ZONE, True), (THERE, False)])
def test_who_lacks_it(zone: str, lacks: bool) -> None:
    with serving(Zones({"falcot.com": zone})) as port:
        server = Server(name="", address=ADDRESS, port=port)
        assert challenge._lacks(server, challenge.row(ENVIRONMENT)) is lacks
    # Who does not answer, or for others, is not waited for.
    with serving(Zones({"falcot.com": zone}, authoritative=False)) as port:
        server = Server(name="", address=ADDRESS, port=port)
        assert not challenge._lacks(server, challenge.row(ENVIRONMENT))


ALIAS = ZONE + "_acme-challenge.sip-proxy IN CNAME a.acme\na.acme IN CNAME Sip.Keys.Example.\n"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (ZONE, "_acme-challenge.sip-proxy.falcot.com."),
        (ALIAS, "sip.keys.example."),
        (ZONE + "_acme-challenge.sip-proxy IN CNAME _acme-challenge.sip-proxy\n",
         "_acme-challenge.sip-proxy.falcot.com."),
    ],
    ids=["none", "two", "circle"],
)  # fmt: skip
def test_an_alias_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, name: str
) -> None:
    host = fresh(tmp_path)
    put(tmp_path, "/etc/resolv.conf", f"nameserver {ADDRESS}\n")
    real = servers.resolver
    with serving(Zones({"falcot.com": zone, "keys.example": ZONE})) as port:
        monkeypatch.setattr(servers, "resolver", lambda host: real(host, port=port))
        found = challenge.followed(host, challenge.row(ENVIRONMENT))
        assert (found.name, found.data) == (name, '"AbC-_1"')
        there = Server(name="", address=ADDRESS, port=port)
        monkeypatch.setattr(update, "find_server", lambda *_: there)
        zone_of_it = "keys.example." if name.endswith("example.") else "falcot.com."
        assert challenge._primary(host, found, ADDRESS) == (zone_of_it, there)
    # Who can't resolve its own names publishes where it was told.
    assert challenge.followed(host, challenge.row(ENVIRONMENT)) == challenge.row(ENVIRONMENT)


def test_a_server_that_takes_no_updates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = fresh(tmp_path)
    put(tmp_path, KEY, 'key "k" { algorithm hmac-sha256; secret "AAAA"; };\n')
    with serving(Zones({"falcot.com": ZONE})) as port:
        monkeypatch.setattr(servers, "PORT", port)
        monkeypatch.setattr(update, "TIMEOUT", 5.0)
        with pytest.raises(FalcotError, match=r"zone falcot\.com: "):
            challenge.publish(host, site(FALCOT, dns=TUNED), challenge.row(ENVIRONMENT))
