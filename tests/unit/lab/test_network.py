# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.network: the addresses a host configures itself with."""

from __future__ import annotations

from tests.lab.network import Network, networkd_file


def test_networkd_file_has_the_handbooks_addresses() -> None:
    lines = networkd_file().splitlines()
    assert lines[:2] == ["[Match]", "Name=eth0"]
    assert "Address=198.51.100.19/24" in lines
    assert "Address=198.51.100.20/24" in lines
    assert "Address=2001:db8:1000:2000::19/64" in lines
    assert "Gateway=198.51.100.1" in lines
    assert "Gateway=2001:db8:1000:2000::1" in lines


def test_namespaces_are_named_after_the_host() -> None:
    network = Network(name="t1")
    assert str(network.namespace()) == "/run/netns/t1"
    assert str(network.client_namespace()) == "/run/netns/t1-client"
