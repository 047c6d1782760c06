# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions of port 443, whose names scripts rely on."""

from falcot_rtc.policies import port443


def test_the_questions_have_the_names_of_the_interface() -> None:
    names = {q.name: (q.type, q.key) for q in port443.QUESTIONS}
    assert names.pop("falcot-rtc/port443") == ("boolean", "port443.enabled")
    assert names.pop("falcot-rtc/port443-roles") == ("multiselect", "port443.roles")
    assert names == {
        f"falcot-rtc/port443-{role}-{family}": ("string", f"port443.{role}.{family}.bind")
        for role in ("turn", "sip", "xmpp", "web")
        for family in ("ipv4", "ipv6")
    }


def test_a_normal_installation_asks_none_of_them() -> None:
    assert {q.priority for q in port443.QUESTIONS} == {"low", "medium"}
