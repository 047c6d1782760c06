# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import settings
from falcot_rtc.policies import ALL
from falcot_rtc.policy import Policy, Provider
from tests.unit.fake_host import FALCOT
from tests.unit.test_derive import site


def test_names_are_used_once() -> None:
    assert len({policy.name for policy in ALL}) == len(ALL)
    assert {policy.role for policy in ALL if policy.role} == set(settings.ROLES)


def test_the_provider_follows_the_settings() -> None:
    one, two = (Provider(name=name, packages=()) for name in ("coturn", "return"))
    policy = Policy(name="turn", role="turn", providers=(two, one))
    assert policy.provider(settings.parse(FALCOT)) is one
    assert Policy(name="dns").provider(settings.parse(FALCOT)) is None


def test_a_policy_may_have_nothing() -> None:
    bare = Policy(name="bare")
    found = site()
    assert bare.endpoints(found.settings, {}) == ()
    assert bare.resources(found) == ()
    assert bare.records(found) == ()


def test_endpoints_by_role_and_purpose() -> None:
    found = site()
    assert {e.daemon for e in found.role("sip")} == {"kamailio"}
    assert [e.family for e in found.purpose("sip-tls")] == ["ipv4", "ipv6"]
    assert found.purpose("none") == ()


def test_every_setting_of_a_provider_names_one_that_exists() -> None:
    for policy in ALL:
        # The phone is part of the web role, and no provider of it.
        if policy.role and policy.providers:
            key = settings.BY_PATH[f"{policy.role}.provider"]
            for provider in policy.providers:
                assert key.parse(provider.name) == provider.name
            assert key.default in {provider.name for provider in policy.providers}


def test_floors_name_both_releases_or_none() -> None:
    for policy in ALL:
        for provider in policy.providers:
            for package in provider.packages:
                assert set(package.floors) in (set(), {"bookworm", "trixie"}), package.name
