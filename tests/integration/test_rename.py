# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""falcot.com becomes example.org: what people keep, and what everybody is told beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import assert_fine
from tests.integration.people import Person, check_as, people
from tests.integration.test_reconfigure import reconfigure
from tests.lab.host import Host

NEW = "example.org"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("renamed", release, installed, archive) as host:
        yield host


@pytest.fixture(scope="module")
def two(host: Host) -> Iterator[tuple[Person, ...]]:
    """Joe and Jane, contacts of each other in falcot.com."""
    with people(host, "joe", "jane") as made:
        met = meet(host, made, DOMAIN, befriend=True)
        assert met["contacts"][made[0].name][made[1].address] == "both"
        yield made


def meet(
    host: Host, two: tuple[Person, ...], domain: str, *, befriend: bool = False
) -> dict[str, Any]:
    task = {
        "ca": outside.trust(host),
        "domain": domain,
        "people": {one.name: one.password for one in two},
        "befriend": befriend,
    }
    program = f"{outside.PLACE}/xmpp_contacts.py"
    done = outside.run(host, "python3", program, input=json.dumps(task), check=True)
    return dict(json.loads(done.stdout))


def test_plan_says_it_before_anything_happens(host: Host, two: tuple[Person, ...]) -> None:
    assert host.run(["falcot-rtc", "config", "set", "domain.name", NEW]).returncode == 0
    shown = host.run(["falcot-rtc", "plan"]).stdout
    assert f"move 3 accounts from {DOMAIN} to {NEW}, with contacts, rooms, archives" in shown
    assert f"SIP and TURN passwords are bound to the realm {DOMAIN}" in shown
    assert f"name@{DOMAIN}; bookmarks" in shown
    assert meet(host, two, DOMAIN)["seen"]
    host.run(["falcot-rtc", "config", "set", "domain.name", DOMAIN])
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"


def test_a_refused_rename_leaves_everybody_where_they_were(
    host: Host, two: tuple[Person, ...]
) -> None:
    host.push("/etc/falcot-rtc/local.d/prosody/broken.cfg.lua", "this is no Lua {\n")
    said = reconfigure(host, domain=NEW)
    assert len([line for line in said if "everything is as before" in line]) == 1, said
    host.run(["rm", "/etc/falcot-rtc/local.d/prosody/broken.cfg.lua"])
    assert meet(host, two, DOMAIN)["contacts"][two[0].name] == {two[1].address: "both"}
    reconfigure(host, domain=DOMAIN)
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"


def test_passwords_and_contacts_live_on(host: Host, two: tuple[Person, ...]) -> None:
    said = reconfigure(host, domain=NEW)
    assert [line for line in said if f"{NEW} is configured" in line], said
    assert host.run(["falcot-rtc", "config", "get", "realm"]).stdout.strip() == DOMAIN
    host.serve({NEW: host.run(["falcot-rtc", "dns", "show"]).stdout})

    met = meet(host, two, NEW)
    joe, jane = two
    assert met["contacts"] == {
        joe.name: {f"{jane.name}@{NEW}": "both"},
        jane.name: {f"{joe.name}@{NEW}": "both"},
    }
    assert check_as(host, two) == {}
    assert_fine(host)
    assert not host.exists("/var/lib/prosody/falcot%2ecom")


def test_and_back_again(host: Host, two: tuple[Person, ...]) -> None:
    reconfigure(host, domain=DOMAIN)
    host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
    assert meet(host, two, DOMAIN)["contacts"][two[0].name] == {two[1].address: "both"}
    assert check_as(host, two) == {}
    assert_fine(host)
