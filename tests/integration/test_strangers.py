# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the SIP proxy lets people of other domains do, or programs that only say so; hand-made."""

from __future__ import annotations

import json

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN
from tests.lab.host import Host
from tests.lab.network import HOST_IPV4

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)


def test_an_answer_to_nothing_goes_nowhere(site: Host) -> None:
    """It names where it wants to go: over a new connection, in clear text, to any address."""
    task = {"server": HOST_IPV4[0], "port": 5061, "name": DOMAIN, "ca": outside.trust(site)}
    program = f"{outside.PLACE}/sip_stray_reply.py"
    done = outside.run(site, "python3", program, input=json.dumps(task), check=True)
    assert json.loads(done.stdout) == {"options": 200, "connected": []}
