# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from falcot_rtc import derive
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import web_phone
from falcot_rtc.policy import Site
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content
from tests.unit.test_click_to_call import SALES
from tests.unit.test_derive import site

CONF = "web/apache2.conf"


def settings(of_site: Site | None = None) -> Any:
    text = content("web-phone/config.js", of_site)
    assert text.count("JSCommSettings = ") == 1
    return json.loads(text.partition("JSCommSettings = ")[2].rstrip().removesuffix(";"))


def branded(**files: str) -> Site:
    texts = {name.replace("_", "."): text for name, text in files.items()}
    return replace(site(), overlays={"web-phone": texts})


def test_config_js_has_the_keys_of_jscommunicator() -> None:
    found = settings()
    assert found["websocket"]["servers"] == ["wss://sip-proxy.falcot.com:8443/ws"]
    assert found["stun_servers"] == found["turn_servers"] == []
    assert set(found["dialing"]) == {
        "auto_dial", "edit_destination", "show_destination", "audio_dialing", "video_dialing",
        "prefer_video", "no_answer_timeout",
    }  # fmt: skip
    assert set(found["registration"]) == {"on_startup", "expiry", "user_control", "server"}
    assert found["user"] == {"domain": "falcot.com"}


def test_config_js_tells_no_secret() -> None:
    of_site = site()
    text = content("web-phone/config.js", of_site)
    for name, secret in of_site.secrets.items():
        for word in secret.split():
            assert len(word) < 8 or word not in text, name
    assert not re.search(r"password|credential|secret", text, re.IGNORECASE)


def test_wishes_of_the_site() -> None:
    tuned = site(
        **{
            "web-phone": 'title = "Falcot </script>"\nvideo = false\nprefer-video = true\n'
            'messages = false\nlanguage = "de"\nno-answer-seconds = 30\n'
        }
    )
    found = settings(tuned)
    assert found["brand"]["title"] == "Falcot </script>"
    assert "</script>" not in content("web-phone/config.js", tuned)
    assert found["dialing"]["video_dialing"] is found["dialing"]["prefer_video"] is False
    assert found["session"]["show_chat"] is False
    assert found["dialing"]["no_answer_timeout"] == 30
    assert found["brand"]["language"] == "de"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('title = "two\\nlines"', "one line"),
        ('language = "German, please"', "language tag"),
        ('help-link = "javascript:alert(1)"', "neither an https"),
        ("no-answer-seconds = 1", "5 to 600"),
    ],
)
def test_what_is_refused(line: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        derive.tunables({"web-phone": line})


def test_the_brand_is_what_lies_in_local_d() -> None:
    text = content("web-phone/brand.css", branded(brand_css=":root { --brand: #123456; }"))
    assert "--brand: #123456" in text and "/etc/falcot-rtc/local.d/web-phone/brand.css" in text
    logo = branded(logo_svg="<svg/>")
    assert content("web-phone/logo.svg", logo) == "<svg/>"
    assert settings(logo)["brand"]["logo"] == "logo.svg"
    assert "<svg/>" not in content("web-phone/brand.css", logo)
    assert settings()["brand"]["logo"] == ""
    with pytest.raises(UsageError, match=r"logo\.png"):
        derive.desired(branded(logo_png="x"))


def test_pages_get_a_strict_policy() -> None:
    text = content(CONF, site(FALCOT + SALES))
    own, guest = re.findall(r'Content-Security-Policy "(default-src \'none\'; script[^"]*)"', text)
    for policy in (own, guest):
        assert "script-src 'self';" in policy and "style-src 'self';" in policy
        assert "unsafe" not in policy and "*" not in policy
        assert "wss://sip-proxy.falcot.com:8443" in policy
    assert "frame-ancestors 'self'" in own
    assert guest.endswith("frame-ancestors 'self' https://www.falcot.com https://shop.example:8443")
    assert '<Location "/phone/call-sales.html">' in text
    assert "camera=(self), microphone=(self), display-capture=(self)" in text


def test_the_websocket_admits_the_page() -> None:
    assert '"https://falcot.com,' in content("sip/kamailio.cfg")


@pytest.mark.parametrize("services", ['["web", "turn", "xmpp"]', '["sip", "turn"]'])
def test_no_phone_without_a_web_server_and_sip(services: str) -> None:
    of_site = site(f"services = {services}\n{FALCOT}")
    assert not any(
        getattr(one, "path", "").startswith("web-phone/")
        for one in derive.desired(of_site).resources
    )
    if "web" in services:
        assert web_phone.PAGE not in content(CONF, of_site)
