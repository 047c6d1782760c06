# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import derive
from falcot_rtc.errors import UsageError
from tests.unit.policies.test_web_phone import settings
from tests.unit.test_derive import site


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        ("audio = false", "dialing.audio_dialing", False),
        ("edit-destination = false", "dialing.edit_destination", False),
        ("show-destination = false", "dialing.show_destination", False),
        ("clear-destination = false", "dialing.clear_dialbox", False),
        ("call-at-start = true", "dialing.auto_dial.on_startup", True),
        ('default-destination = "sales"', "dialing.auto_dial.default_destination", "sales"),
        ("keypad = false", "session.show_dtmf_pad", False),
        ("key-milliseconds = 200", "session.dtmf_duration", 200),
        ("key-tones = false", "session.dialpad_tone", False),
        ("message-tone = false", "session.message_tone", False),
        ("require-relay = true", "session.require_relay_candidate", True),
        ("language-choice = false", "i18n.show_menu", False),
        ("register-at-start = false", "registration.on_startup", False),
        ("registration-choice = true", "registration.user_control", True),
        ('extra-headers = ["X-Site: shop"]', "extra_headers", ["X-Site: shop"]),
    ],
)
def test_tunables_reach_the_options(line: str, option: str, value: object) -> None:
    found = settings(site(**{"web-phone": f"{line}\n"}))
    for name in option.split("."):
        found = found[name]
    assert found == value


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('title = "two\\nlines"', "one line"),
        ('language = "German, please"', "language tag"),
        ('help-link = "javascript:alert(1)"', "neither an https"),
        ("no-answer-seconds = 1", "5 to 600"),
        ('extra-headers = ["Route: <sip:x>"]', "no header such as X-Site"),
        ('extra-headers = ["X-Site: a\\r\\nVia: b"]', "no header such as X-Site"),
    ],
)
def test_what_is_refused(line: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        derive.tunables({"web-phone": line})
