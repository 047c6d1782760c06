# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What test_rendered.py looks for in files of the web phone, and of callers without account."""

import json
from collections.abc import Iterable

from falcot_rtc import minted
from tests.unit.parsers import Directive
from tests.unit.valid_sites import ORIGINS, SIP_SECRET, Given


def targets(given: Given) -> list[str]:
    return [f"{one['target']}@{given.domains[0]}" for one in given.calls]


def check_guests(text: str, given: Given) -> None:
    rows = [line for line in text.splitlines() if line and not line.startswith("# ")]
    pairs = zip(given.calls, targets(given), strict=True)
    guests = ",".join(f"{one['name']}={target}" for one, target in pairs)
    origins = {ORIGINS[origin] for one in given.calls for origin in one.get("origins", [])}
    assert rows == [
        f'falcot.guests = "{guests or "-"}" desc "Whom guests may call, as NAME=user@domain"',
        f'falcot.guest_origins = "{",".join(sorted(origins)) or "-"}" '
        'desc "Origins of guests (RFC 6454)"',
    ]


def check_manifest(text: str, given: Given) -> None:
    found = json.loads(text)
    assert found["name"] == (given.tunable("web-phone", "title").strip() or given.domains[0])
    assert {found["id"], found["start_url"], found["scope"]} == {"/phone/"}
    assert [one["src"] for one in found["icons"]] == ["icon.svg", "icon.svg"]


def frames(directives: Iterable[Directive], given: Given) -> list[Directive]:
    """What there is for the pages of calls: for each the file, and who may show it in a frame."""
    found = [d for d in directives if "/phone/call-" in " ".join((*d.section, *d.words))]
    calls = given.calls if "sip" in given.services else []
    pages = {f"/phone/call-{one['name']}.html": one.get("origins", ()) for one in calls}
    assert [d.words[0] for d in found if d.name == "Alias"] == list(pages)
    told = {
        d.section[-1]: d.words[-1].partition("frame-ancestors ")[2]
        for d in found
        if d.name == "Header"
    }
    assert told == {
        f"Location {page}": " ".join(("'self'", *(ORIGINS[origin] for origin in origins)))
        for page, origins in pages.items()
    }
    return found


def check_desk(text: str, given: Given) -> None:
    found = json.loads(text)
    assert found["domains"] == given.domains
    assert found["origins"] == [f"https://{name}" for name in given.domains]
    longest = int(given.tunable("turn", "minted-ttl"))
    assert found["ttl"] == min(int(given.tunable("phone", "credentials-seconds")), longest)
    assert found["login_seconds"] == 3600 * int(given.tunable("phone", "login-hours"))
    calls = found["calls"]
    assert [one["name"] for one in calls] == [one["name"] for one in given.calls]
    assert [one["target"] for one in calls] == targets(given)
    for row, one in zip(calls, given.calls, strict=True):
        assert row["title"] == one.get("title", one["name"]).strip()
        assert row["ttl"] == min(one.get("ttl", 300), longest)
        assert row["limit"] == one.get("limit", 10)
        assert row["origins"] == [ORIGINS[origin] for origin in one.get("origins", [])]


def check_desk_secrets(text: str, given: Given) -> None:
    found = json.loads(text)
    assert (found["sip"], found["token"]) == (SIP_SECRET, "hush")
    # A bare one, as here, is the first there ever was.
    assert found["turn"] == minted.serialise(minted.parse(given.secret))


def check_refusal(text: str, given: Given, name: str) -> None:
    assert json.loads(text) == {"error": name}
