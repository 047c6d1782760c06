# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.client: the name server's configuration."""

from __future__ import annotations

from tests.lab.client import delegated, nsd_conf, zone_file


def test_every_zone_is_served_from_its_file() -> None:
    conf = nsd_conf((".", "falcot.com"))
    assert conf.count("zone:\n") == 2
    assert '  name: "falcot.com"\n  zonefile: "/srv/lab/falcot.com.zone"\n' in conf
    assert '  name: "."\n  zonefile: "/srv/lab/root.zone"\n' in conf
    assert "  ip-address: 198.51.100.1\n" in conf


def test_the_root_zone_has_a_file_name() -> None:
    assert zone_file(".") == "/srv/lab/root.zone"


def test_a_zone_names_the_server_that_has_it() -> None:
    text = "@ IN SOA a. b. 1 1 1 1 1\n@ IN NS server1.falcot.com.\na IN A 192.0.2.1\n"
    lines = delegated(text).splitlines()
    assert [line for line in lines if " NS " in line] == ["@ IN NS ns.client"]
    assert "ns.client IN A 198.51.100.1" in lines
    assert "ns.client IN AAAA 2001:db8:1000:2000::1" in lines
    assert "a IN A 192.0.2.1" in lines
