# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import hold, paths
from tests.unit.fake_host import STOCK, FakeHost, fresh, put


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def test_every_stock_service_is_held() -> None:
    assert set(hold.units()) == set(STOCK)


def test_a_lasting_hold_keeps_a_unit_from_starting(host: FakeHost) -> None:
    hold.make_lasting(host, ("coturn.service", "coturn.service"))
    # A reboot empties /run.
    for unit in STOCK:
        host.remove(f"/run/systemd/system/{unit}.d")
    host.remove("/run/falcot-rtc")
    host.run("systemctl", "daemon-reload")
    assert hold.held(host) == ("coturn.service",)
    for unit in STOCK:
        assert host.run("systemctl", "start", unit).returncode == 0
    assert {n for n, u in host.system.units.items() if u.active} == {*STOCK} - {"coturn.service"}


def test_systemd_reads_the_hold_at_once(host: FakeHost) -> None:
    hold.make_lasting(host, ("coturn.service",))
    assert ("systemctl", "daemon-reload") in host.system.commands


def test_a_hold_that_can_not_last_is_told(host: FakeHost) -> None:
    class Full(FakeHost):
        def write(self, path: str, content: bytes, **more: Any) -> None:
            raise OSError(28, "No space left on device", path)

    said: list[str] = []
    hold.keep(Full(host.root), ("coturn.service",), said.append)
    assert len(said) == 1
    assert said[0].startswith("held until the next boot only: coturn.service: /var/lib/falcot-rtc/")
    hold.keep(Full(host.root), (), said.append)
    hold.keep(host, ("coturn.service",), said.append)
    assert len(said) == 1


def test_nothing_to_hold_writes_nothing(host: FakeHost) -> None:
    hold.make_lasting(host, ())
    assert not host.exists(hold.MARKER)
    assert host.system.commands == []


def test_without_systemd_no_command_runs(tmp_path: Path) -> None:
    host = fresh(tmp_path, systemd=False, held=())
    hold.make_lasting(host, ("coturn.service",))
    assert host.system.commands == []
    assert hold.held(host) == ("coturn.service",)


def test_only_holds_of_ours_count(host: FakeHost) -> None:
    put(host.root, "/etc/systemd/system/ssh.service.d/10-mine.conf", "[Unit]\n")
    assert hold.held(host) == tuple(sorted(STOCK))


def test_the_drop_in_is_named_before_others() -> None:
    assert paths.HOLD_DROPIN.startswith("00-")
    assert f"ConditionPathExists=!{hold.MARKER}\n" in hold.DROPIN
