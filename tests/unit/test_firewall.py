# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import pytest

from falcot_rtc import apply, firewall, paths, ssh_ports
from tests.unit.fake_host import FALCOT, FakeHost, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    apply.apply(made)
    return made


def test_the_ports_of_ssh_are_added(host: FakeHost) -> None:
    assert firewall.complete(host, "rules\n", {}) == "rules\n"
    put(host.root, ssh_ports.SSHD, "")
    assert firewall.complete(host, "rules\n", {}).endswith(
        "add element inet falcot_rtc_ports ssh_ports { 22 }\n"
    )


def test_loaded_and_unloaded(host: FakeHost) -> None:
    firewall.unload(host)
    assert not firewall.is_loaded(host)
    firewall.load(host, "table inet falcot_rtc_ports")
    assert firewall.is_loaded(host)
    firewall.unload(host)
    assert not firewall.is_loaded(host)


def test_systemd_takes_it_back_until_it_is_kept(host: FakeHost) -> None:
    firewall.take_back_after(host, 17)
    assert host.system.take_back == 17
    firewall.keep(host)
    assert host.system.take_back == 0


def chain(**more: str) -> dict[str, dict[str, str]]:
    return {"chain": {"family": "inet", "table": "filter", "name": "input", **more}}


def test_filters_of_others_are_named(host: FakeHost) -> None:
    ours = chain(hook="input", type="filter", policy="drop") | {}
    ours["chain"]["table"] = "falcot_rtc_turn"
    rows = [
        {"metainfo": {}},
        ours,
        chain(hook="input", type="filter", policy="drop"),
        chain(hook="output", type="filter"),
        chain(hook="prerouting", type="nat"),
        chain(),
    ]
    host.system.chains = json.dumps({"nftables": rows})
    put(host.root, "/proc/net/ip_tables_names", "filter\n")
    # FakeHost answers for /proc/net itself: sockets are all that it knows there.
    assert firewall.others(host)[0] == "table inet filter, chain input, policy drop"


def test_listeners_that_would_be_shut(host: FakeHost) -> None:
    site, _ = apply.read_site(host)
    prosody = host.system.units["prosody.service"]
    prosody.sockets += (
        ("tcp", "0.0.0.0", 25), ("tcp", "127.0.0.1", 631), ("tcp", "0.0.0.0", 22),
        ("udp", "0.0.0.0", 50000), ("udp", "198.51.100.19", 123),
    )  # fmt: skip
    shut = firewall.shut(host, site, (22,))
    assert [(s.protocol, s.address, s.port) for s in shut] == [
        ("tcp", "0.0.0.0", 25), ("udp", "198.51.100.19", 123),
    ]  # fmt: skip
    put(host.root, f"{paths.POLICY_D}/firewall.toml", 'also-open = ["tcp/25", "udp/123"]\n')
    assert firewall.shut(host, apply.read_site(host)[0], (22,)) == []


def test_wrong_use_of_the_units_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert firewall.main(["reload"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_setting_is_all_that_keeps_it(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, "firewall = true\n" + FALCOT)
    apply.apply(host)
    assert host.system.units["falcot-rtc-firewall.service"].enabled
    assert "policy drop" in host.inside(firewall.LOADED).read_text()
    put(host.root, paths.SETTINGS, FALCOT)
    apply.apply(host)
    unit = host.system.units["falcot-rtc-firewall.service"]
    assert not unit.enabled and not unit.active
    assert not host.inside(firewall.LOADED).exists()
