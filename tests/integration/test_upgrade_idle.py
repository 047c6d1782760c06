# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades of hosts on which falcot-rtc runs no service: never answered, or told to manage none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import earlier as past
from tests.integration.conftest import PRESEED, STARTS
from tests.integration.earlier import Earlier
from tests.integration.observe import DAEMONS, SOCKET, SSH, STOCK, active, listeners, starts, units
from tests.lab.host import Host

UNMANAGED = PRESEED.replace("falcot-rtc/manage boolean true", "falcot-rtc/manage boolean false")
ALL = (*STOCK, *DAEMONS, SOCKET)


@pytest.fixture(scope="module", params=["first"])
def earlier(
    request: pytest.FixtureRequest, release: str, tmp_path_factory: pytest.TempPathFactory
) -> Earlier:
    return past.earlier(release, request.param, tmp_path_factory.mktemp(request.param))


def unanswered(host: Host) -> None:
    host.apt("install", "falcot-rtc")


def unmanaged(host: Host) -> None:
    host.preseed(UNMANAGED)
    host.apt("install", "falcot-rtc")


@pytest.fixture(scope="module", params=[unanswered, unmanaged], ids=lambda how: how.__name__)
def idle(request: pytest.FixtureRequest, earlier: Earlier) -> Iterator[Host]:
    with earlier.booted(request.param.__name__, request.param) as host:
        yield host


def test_it_stays_idle(idle: Host) -> None:
    assert active(idle, ALL) == set()
    before = units(idle, ALL, "ActiveState", "UnitFileState")
    idle.run(["rm", "--force", STARTS])

    done = past.unattended(idle)

    assert set(past.installed(idle).values()) == {f"ii {past.present(idle.release)}"}, done.stdout
    assert idle.run(["dpkg", "--audit"]).stdout == ""
    assert units(idle, ALL, "ActiveState", "UnitFileState") == before
    idle.reboot()
    assert active(idle, ALL) == set()
    assert listeners(idle) <= SSH
    assert starts(idle) == []
    assert idle.run(["dpkg", "--verify"], check=False).stdout == ""


def test_answers_after_the_upgrade_start_everything(idle: Host) -> None:
    idle.preseed(PRESEED)
    idle.run(["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"])
    assert active(idle, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
