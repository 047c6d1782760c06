# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.demo: the preseed of falcot.com and what the demonstration says in the end."""

from __future__ import annotations

import re

from tests.lab.demo import PRESEED, archive_sources, farewell

LINE = re.compile(
    r"^falcot-rtc falcot-rtc/(?P<name>[a-z0-9-]+)"
    r" (?P<kind>boolean|string|select|multiselect|password)(?: (?P<value>\S.*))?$"
)


def answers() -> dict[str, str]:
    lines = PRESEED.read_text(encoding="utf-8").splitlines()
    found = [LINE.match(line) for line in lines if not line.startswith("#")]
    assert None not in found
    return {match["name"]: match["value"] or "" for match in found if match}


def test_preseed_answers_with_the_handbooks_values() -> None:
    given = answers()
    assert given["manage"] == "true"
    assert given["domain"] == "falcot.com"
    assert given["ipv4"] == "198.51.100.19"
    assert given["ipv4-alternate"] == "198.51.100.20"
    assert given["ipv6"] == "2001:db8:1000:2000::19"
    assert given["certificate"] == "own-ca"
    assert given["services"] == "turn, sip, xmpp, web"


def test_preseed_holds_no_password() -> None:
    assert answers()["admin-password"] == ""


def test_the_sites_archive_is_signed() -> None:
    assert "Suites: trixie\n" in archive_sources("trixie")
    assert "Signed-By: /" in archive_sources("trixie")


def test_farewell_names_what_failed() -> None:
    assert "All checks passed" in farewell([])
    assert "FAILED: client" in farewell(["client"])
    assert "198.51.100.19, 198.51.100.20, 2001:db8:1000:2000::19" in farewell([])
