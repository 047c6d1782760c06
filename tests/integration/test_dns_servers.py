# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers that disagree: three real BINDs, one of them with an old zone, and the parent's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.integration import bind
from tests.integration.conftest import DOMAIN
from tests.lab.host import Host

FIRST, SECOND, PARENT = "198.51.100.4", "198.51.100.5", "198.51.100.6"
AT_SECOND = (f"ns2.{DOMAIN} ({SECOND})",)
# Whatever nobody has defined is at some shop's.
SERVERS = f"""\
@ IN NS ns1
@ IN NS ns2
ns1 IN A {FIRST}
ns2 IN A {SECOND}
* IN A 203.0.113.99
"""
# The delegation is older than the second server.
COM = f"""\
$TTL 60
@ IN SOA a.parent hostmaster 1 60 60 3600 60
@ IN NS a.parent
a.parent IN A {PARENT}
falcot IN NS ns1.falcot
ns1.falcot IN A {FIRST}
"""


def old(zone: str) -> str:
    """As it was before a move, before rooms had a name, and with the handbook's wrong port."""
    found = []
    for line in zone.splitlines():
        if line.startswith("xmpp-gw "):
            line = line.replace("198.51.100.19", "203.0.113.9")
        if line.startswith("_turn._udp "):
            line = line.replace(" 3478 ", " 3467 ")
        if not line.startswith("conference "):
            found.append(line)
    return "\n".join(found) + "\n"


@pytest.fixture
def zone(site: Host) -> str:
    shown = site.run(["falcot-rtc", "dns", "show"]).stdout
    own = [line for line in shown.splitlines() if not line.startswith("@ IN NS ")]
    return "\n".join(own) + "\n" + SERVERS


@pytest.fixture
def resolving(site: Host, zone: str) -> Iterator[Host]:
    """The site asks the first server, which knows the parent's zone as a resolver would."""
    before = site.read("/etc/resolv.conf")
    with ExitStack() as running:
        running.enter_context(bind.serving(site, FIRST, {DOMAIN: zone, "com": COM}))
        running.enter_context(bind.serving(site, PARENT, {"com": COM}))
        site.push("/etc/resolv.conf", f"nameserver {FIRST}\n")
        try:
            yield site
        finally:
            site.push("/etc/resolv.conf", before)


def checked(site: Host) -> tuple[int, dict[str, Any]]:
    done = site.run(["falcot-rtc", "dns", "check", "--json"], check=False)
    (verdict,) = json.loads(done.stdout)
    return done.returncode, verdict


DELEGATION = ("warn", "note", f"{DOMAIN}. NS", "", ())


def rows(verdict: dict[str, Any]) -> set[tuple[Any, ...]]:
    return {
        (f["status"], f["action"], f["record"], f["instead"], tuple(f["servers"]))
        for f in verdict["findings"]
    }


def test_the_one_with_an_old_zone_is_named(resolving: Host, zone: str) -> None:
    with bind.serving(resolving, SECOND, {DOMAIN: old(zone)}):
        code, verdict = checked(resolving)
        said = resolving.run(["falcot-rtc", "dns", "check"], check=False).stdout
    assert code == 1
    assert verdict["servers"] == [f"ns1.{DOMAIN} ({FIRST})", *AT_SECOND]
    assert rows(verdict) == {
        ("fail", "change", "_turn._udp.falcot.com. SRV 0 1 3467 turn-server.falcot.com.",
         "0 1 3478 turn-server.falcot.com.", AT_SECOND),
        ("fail", "change", "xmpp-gw.falcot.com. A 203.0.113.9", "198.51.100.19", AT_SECOND),
        ("fail", "add", "conference.falcot.com. A 198.51.100.19", "", AT_SECOND),
        ("fail", "add", "conference.falcot.com. AAAA 2001:db8:1000:2000::19", "", AT_SECOND),
        DELEGATION,
    }  # fmt: skip
    why = {f["record"]: f["why"] for f in verdict["findings"]}
    assert why["conference.falcot.com. A 198.51.100.19"] == (
        "*.falcot.com answers instead; the servers disagree"
    )
    assert why[f"{DOMAIN}. NS"] == (
        f"its parent names ns1.{DOMAIN}, the zone itself ns1.{DOMAIN}, ns2.{DOMAIN}"
    )
    assert AT_SECOND[0] in " ".join(said.split())


def test_brought_up_to_date_only_the_delegation_is_left(resolving: Host, zone: str) -> None:
    with bind.serving(resolving, SECOND, {DOMAIN: zone}):
        code, verdict = checked(resolving)
    assert (code, verdict["status"], rows(verdict)) == (0, "warn", {DELEGATION})


def test_one_that_does_not_answer_is_named(resolving: Host) -> None:
    code, verdict = checked(resolving)
    silent = ("warn", "note", f"name server {AT_SECOND[0]}", "", ())
    assert (code, rows(verdict)) == (0, {DELEGATION, silent})
