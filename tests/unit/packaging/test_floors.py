# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from falcot_rtc.errors import FalcotError
from falcot_rtc.packaging import floors
from falcot_rtc.packaging.floors import Index
from falcot_rtc.resources import Package


def stanza(name: str, version: str) -> str:
    return f"Package: {name}\nArchitecture: all\nVersion: {version}\nDescription: text\n"


STABLE = Index(
    suite="trixie",
    text="\n".join(
        (
            stanza("coturn", "4.6.1-2"),
            stanza("prosody", "13.0.1-1"),
            stanza("libprosody", "99"),
            stanza("nftables", "1.1.3-1"),
        )
    ),
)
SECURITY = Index(suite="trixie-security", text=stanza("kamailio", "6.0.1-1+deb13u2"))
BACKPORTS = Index(suite="trixie-backports", text=stanza("prosody", "13.0.6-1~bpo13+1"))
PROSODY = Package(name="prosody", floors={"trixie": "13.0.6~"})


def faults(*packages: Package, indexes: tuple[Index, ...] = (STABLE, SECURITY, BACKPORTS)) -> str:
    return "; ".join(floors.faults(packages, "trixie", indexes))


def test_versions_finds_whole_names_only_and_leaves_out_what_is_missing() -> None:
    assert floors.versions(STABLE.text, ["prosody", "repro"]) == {"prosody": ("13.0.1-1",)}


def test_highest_follows_debian_order() -> None:
    assert floors.highest(["13.0.6-1~bpo13+1", "13.0.6-1", "13.0.10-1~"]) == "13.0.10-1~"
    assert floors.highest([]) == ""


def test_floors_met_by_stable_its_updates_or_pinned_backports_pass() -> None:
    assert not faults(
        Package(name="coturn", floors={"trixie": "4.6.1"}),
        Package(name="kamailio", floors={"trixie": "6.0.1-1+deb13u2"}),
        Package(name="nftables"),
        PROSODY,
    )


def test_floor_above_everything_names_what_there_is() -> None:
    high = Package(name="prosody", floors={"trixie": "14"})
    assert faults(high) == (
        "prosody (>= 14): trixie has 13.0.1-1, its backports have 13.0.6-1~bpo13+1"
    )


def test_floor_met_by_backports_fails_where_they_are_missing() -> None:
    assert "its backports have none" in faults(PROSODY, indexes=(STABLE,))


def test_package_that_no_suite_has_fails_without_a_floor_too() -> None:
    assert faults(Package(name="repro")) == "repro: trixie has none, its backports have none"


def test_backports_without_a_pin_are_reported() -> None:
    newer = Index(suite="trixie-backports", text=stanza("coturn", "4.7.0-1~bpo13+1"))
    found = faults(Package(name="coturn", floors={"trixie": "4.7~"}), indexes=(STABLE, newer))
    assert found == (
        "coturn: the floor 4.7~ is met by backports only (4.7.0-1~bpo13+1), without a pin"
    )


def test_superfluous_pin_is_reported() -> None:
    low = Package(name="prosody", floors={"trixie": "13.0.1"})
    assert faults(low) == "prosody: trixie itself has 13.0.1-1, so it needs no pin"


def test_floors_of_another_release_do_not_count() -> None:
    assert not faults(Package(name="coturn", floors={"forky": "9"}))


def test_check_raises_with_all_faults_and_a_hint() -> None:
    with pytest.raises(FalcotError, match=r"coturn \(>= 9\).*repro: trixie has none") as caught:
        floors.check(
            [Package(name="coturn", floors={"trixie": "9"}), Package(name="repro")],
            "trixie",
            [STABLE],
        )
    assert "falcot_rtc/policies" in caught.value.hint
