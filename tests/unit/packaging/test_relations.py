# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.packaging import relations
from falcot_rtc.policies import ALL
from falcot_rtc.policy import Policy, Provider
from falcot_rtc.resources import Package, SystemUser

COTURN = Package(
    name="coturn", floors={"trixie": "4.6.1"}, alternatives=("resiprocate-turn-server",)
)
POLICY = Policy(
    name="turn",
    packages=(Package(name="nftables"),),
    providers=(
        Provider(
            name="coturn",
            packages=(COTURN,),
            held=("coturn.service",),
            users=(SystemUser(name="_ours", description="of ours"),),
        ),
        Provider(name="reTurn", packages=(Package(name="resiprocate-turn-server"),)),
    ),
)


def test_depends_on_the_first_provider_at_its_floor_or_an_alternative() -> None:
    assert relations.depends([POLICY], "trixie") == (
        "coturn (>= 4.6.1) | resiprocate-turn-server, nftables"
    )


def test_release_without_any_floor_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'sarge' is not one of trixie"):
        relations.depends([POLICY], "sarge")


def test_package_declared_twice_in_the_same_way_is_one_relation() -> None:
    twice = Policy(name="other", packages=(COTURN,))
    assert relations.depends([POLICY, twice], "trixie").count("coturn (") == 1


def test_package_declared_twice_and_differently_is_a_programming_error() -> None:
    other = Policy(name="other", packages=(Package(name="coturn"),))
    with pytest.raises(ValueError, match="'coturn' is declared twice"):
        relations.packages([POLICY, other])


def test_held_units_come_with_the_package_that_brings_them() -> None:
    assert relations.held([POLICY]) == (("coturn.service", "coturn"),)


def test_users_of_every_provider() -> None:
    assert [user.name for user in relations.users([POLICY])] == ["_ours"]


def test_the_services_of_debian_13_are_depended_on_at_their_backports_floor() -> None:
    depends = relations.depends(ALL, "trixie").split(", ")
    assert "prosody (>= 13.0.6~)" in depends
    assert "coturn (>= 4.6.1) | resiprocate-turn-server" in depends
    assert "kamailio (>= 6.0.1) | repro" in depends


def test_every_stock_service_is_held() -> None:
    assert set(relations.held(ALL)) == {
        ("coturn.service", "coturn"),
        ("kamailio.service", "kamailio"),
        ("prosody.service", "prosody"),
        ("apache2.service", "apache2"),
    }
