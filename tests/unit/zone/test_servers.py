# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc.errors import FalcotError
from falcot_rtc.zone import servers
from falcot_rtc.zone.servers import Server
from tests.unit.fake_host import FakeHost, fresh, put
from tests.unit.zone.name_server import ADDRESS, Zones, serving
from tests.unit.zone.test_ask import ZONE

PARENT = """\
$TTL 60
@ IN SOA ns.falcot hostmaster.falcot 1 60 60 60 60
@ IN NS ns.falcot
falcot IN NS ns.falcot
falcot IN NS gone.falcot
ns.falcot IN A 127.0.0.1
"""


def host(root: Path, address: str = ADDRESS) -> FakeHost:
    found = fresh(root)
    put(root, servers.RESOLV_CONF, f"nameserver {address}\n")
    return found


def test_servers_of_zone_and_parent(tmp_path: Path) -> None:
    with serving(Zones({"com": PARENT, "falcot.com": ZONE.replace("* IN A", "x IN A")})) as port:
        zone = servers.find(servers.resolver(host(tmp_path), port=port), "falcot.com", port=port)
    assert zone is not None
    assert zone.apex == "falcot.com."
    assert zone.named == ("ns.falcot.com.",)
    assert zone.servers == (Server(name="ns.falcot.com.", address=ADDRESS, port=port),)


def test_a_domain_may_be_a_part_of_a_zone(tmp_path: Path) -> None:
    with serving(Zones({"falcot.com": ZONE})) as port:
        ask = servers.resolver(host(tmp_path), port=port)
        zone = servers.find(ask, "sales.falcot.com", port=port)
        assert servers.primary(ask, "sales.falcot.com") == ("falcot.com.", "ns.falcot.com.")
    assert zone is not None and zone.apex == "falcot.com."


def test_a_domain_that_nobody_delegated(tmp_path: Path) -> None:
    with serving(Zones({"com": PARENT})) as port:
        ask = servers.resolver(host(tmp_path), port=port)
        assert servers.find(ask, "other.com", port=port) is None
        with pytest.raises(FalcotError, match=r"has a zone for other\.com") as caught:
            servers.primary(ask, "other.com")
        assert "--server" in caught.value.hint


def test_a_host_without_a_resolver(tmp_path: Path) -> None:
    with pytest.raises(FalcotError, match="names no name server"):
        servers.resolver(fresh(tmp_path))
