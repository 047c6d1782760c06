# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.client: the name server's configuration."""

from __future__ import annotations

from tests.lab.client import nsd_conf, zone_file


def test_every_zone_is_served_from_its_file() -> None:
    conf = nsd_conf((".", "falcot.com"))
    assert conf.count("zone:\n") == 2
    assert '  name: "falcot.com"\n  zonefile: "/srv/lab/falcot.com.zone"\n' in conf
    assert '  name: "."\n  zonefile: "/srv/lab/root.zone"\n' in conf
    assert "  ip-address: 198.51.100.1\n" in conf


def test_the_root_zone_has_a_file_name() -> None:
    assert zone_file(".") == "/srv/lab/root.zone"
