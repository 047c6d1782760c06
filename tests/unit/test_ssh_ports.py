# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from falcot_rtc import ssh_ports
from tests.unit.fake_host import FakeHost, fresh, put


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    put(tmp_path, ssh_ports.SSHD, "")
    return made


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("# Port 23\nPort 2222\n  port=2223\n", {2222, 2223}),
        ("ListenAddress 0.0.0.0:2224\nListenAddress [2001:db8::1]:2225\n", {2224, 2225}),
        ("ListenAddress 198.51.100.19\nListenAddress 2001:db8::1\nListenAddress ::\n", set()),
        ("GatewayPorts no\nPermitOpen host:80\n", set()),
        ("port 22\nlistenaddress [::]:22\nlistenaddress 0.0.0.0:22\n", {22}),
    ],
)
def test_what_a_configuration_names(text: str, ports: set[int]) -> None:
    assert ssh_ports.configured(text) == ports


def test_every_source_counts(host: FakeHost) -> None:
    put(host.root, "/etc/ssh/sshd_config", "Port 2201\n")
    put(host.root, "/etc/ssh/sshd_config.d/own.conf", "Port 2202\n")
    put(host.root, "/etc/ssh/sshd_config.d/own.conf.bak", "Port 9\n")
    host.system.sshd = "port 2203\n"
    host.system.ssh_socket = "Listen=[::]:2200 (Stream)\nActiveState=active\n"
    session = {"SSH_CONNECTION": "198.51.100.1 50000 198.51.100.19 2204"}
    # 2200 is the socket unit's.
    assert ssh_ports.find(host, session) == (2200, 2201, 2202, 2203, 2204)


def test_a_host_that_boots_has_its_configuration_alone(host: FakeHost) -> None:
    put(host.root, "/etc/ssh/sshd_config", "Port 2201\n")
    assert ssh_ports.find(host, {}) == (2201,)


def test_without_a_word_about_it_it_is_22(host: FakeHost) -> None:
    assert ssh_ports.find(host, {"SSH_CONNECTION": "odd"}) == (22,)


def test_a_host_without_ssh(tmp_path: Path) -> None:
    assert ssh_ports.find(fresh(tmp_path), {}) == ()


@pytest.mark.parametrize(
    ("shown", "ports"),
    [
        ("Listen=0.0.0.0:22 (Stream)\nListen=[::]:23 (Stream)\nUnitFileState=enabled\n", {22, 23}),
        ("Listen=[::]:22 (Stream)\nActiveState=inactive\nUnitFileState=disabled\n", set()),
        ("ActiveState=active\nListen=/run/x (Stream)\n", set()),
        ("", set()),
    ],
)
def test_a_socket_unit_counts_while_it_is_used(shown: str, ports: set[int]) -> None:
    assert ssh_ports.socket_unit(shown) == ports
