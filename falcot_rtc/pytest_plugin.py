# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the suite for installed hosts; loaded by name, never by an entry point of pytest.

pytest -p falcot_rtc.pytest_plugin --pyargs falcot_rtc.suite --hosts=ssh://root@HOST
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from falcot_rtc.probes import checks, ticket
from falcot_rtc.probes.checks import Result

ROLES = ("turn", "sip", "xmpp", "web")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("falcot-rtc").addoption(
        "--inside-only",
        action="store_true",
        help="do not probe the host's addresses from the machine that runs pytest",
    )


def status(host: Any) -> dict[str, Any]:
    """`falcot-rtc status --json` of the host."""
    return dict(json.loads(host.check_output("falcot-rtc status --json")))


@pytest.fixture(scope="module")
def inside(host: Any) -> list[dict[str, Any]]:
    """What `falcot-rtc check` finds on the host itself."""
    done = host.run("falcot-rtc check --json")
    assert done.rc in (0, 1), done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def outside(host: Any, request: pytest.FixtureRequest) -> tuple[Result, ...]:
    """What the same probes find from this machine, with a ticket of the host."""
    if request.config.getoption("--inside-only"):
        pytest.skip("--inside-only is given")
    return checks.run(ticket.loads(host.check_output("falcot-rtc check --ticket")))
