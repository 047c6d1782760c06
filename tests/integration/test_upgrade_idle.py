# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades of hosts on which falcot-rtc runs no service: never answered, or told to manage none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integration import earlier as past
from tests.integration.conftest import PRESEED, STARTS
from tests.integration.earlier import Earlier
from tests.integration.observe import DAEMONS, SOCKET, SSH, STOCK, active, listeners, starts, units
from tests.lab.host import Host

UNMANAGED = PRESEED.replace("falcot-rtc/manage boolean true", "falcot-rtc/manage boolean false")
ALL = (*STOCK, *DAEMONS, SOCKET)
IDENTITY = ("ActiveState", "UnitFileState", "InvocationID")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["first", "last"])
def earlier(
    request: pytest.FixtureRequest, release: str, tmp_path_factory: pytest.TempPathFactory
) -> Earlier:
    return past.earlier(release, request.param, tmp_path_factory.mktemp(request.param))


def unanswered(host: Host) -> None:
    host.apt("install", "falcot-rtc")


def unmanaged(host: Host) -> None:
    host.preseed(UNMANAGED)
    host.apt("install", "falcot-rtc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A host of the previous version; `running` were not falcot-rtc's to stop there."""

    host: Host
    running: set[str]


@pytest.fixture(scope="module", params=[unanswered, unmanaged], ids=lambda how: how.__name__)
def idle(request: pytest.FixtureRequest, earlier: Earlier) -> Iterator[Idle]:
    how = request.param
    # The first 1.0-1 started the stock services where it was told to manage none.
    left = how is unmanaged and earlier.end == "first"
    with earlier.booted(how.__name__, how) as host:
        yield Idle(host=host, running=set(STOCK) if left else set())


def test_an_upgrade_starts_and_stops_nothing(idle: Idle) -> None:
    host = idle.host
    assert active(host, ALL) == idle.running
    before = units(host, ALL, *IDENTITY)
    host.run(["rm", "--force", STARTS])

    done = past.unattended(host)

    assert set(past.installed(host).values()) == {f"ii {past.present(host.release)}"}, done.stdout
    assert host.run(["dpkg", "--audit"]).stdout == ""
    assert host.run(["dpkg", "--verify"], check=False).stdout == ""
    assert units(host, ALL, *IDENTITY) == before
    assert starts(host) == []
    host.reboot()
    assert active(host, ALL) == idle.running
    assert idle.running or listeners(host) <= SSH


def test_answers_after_the_upgrade_start_everything(idle: Idle) -> None:
    if idle.running:
        pytest.skip("somebody's services run there, see test_foreign.py")
    idle.host.preseed(PRESEED)
    idle.host.run(["dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc"])
    assert active(idle.host, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
