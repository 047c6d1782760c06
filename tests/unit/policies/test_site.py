# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import derive, settings
from falcot_rtc.policies import site as policy
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import records
from tests.unit.test_derive import site


def test_defaults_of_questions_are_valid_answers() -> None:
    for question in policy.QUESTIONS:
        if question.key and question.default:
            settings.BY_PATH[question.key].parse(question.default)


def test_every_service_can_be_chosen() -> None:
    (services,) = (q for q in policy.QUESTIONS if q.key == "services")
    assert tuple(token for token, _ in services.choices) == settings.ROLES
    assert services.default == ", ".join(settings.ROLES)


def test_the_domain_itself_has_addresses() -> None:
    assert {
        ("server1.falcot.com.", "A", "198.51.100.19"),
        ("server1.falcot.com.", "AAAA", "2001:db8:1000:2000::19"),
        ("falcot.com.", "A", "198.51.100.19"),
        ("falcot.com.", "AAAA", "2001:db8:1000:2000::19"),
    } <= records()


def test_a_host_without_services_has_no_listener() -> None:
    assert derive.desired(site("services = []\n" + FALCOT)).site.endpoints == ()
