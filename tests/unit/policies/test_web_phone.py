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
from tests.lab.cache import REPOSITORY
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


# What JSCommunicator's own config-sample.js (2.1) has, but for four keys: no config.js of ours
# names a person or holds a password.
JSCOMMUNICATOR = [
    "webserver.url_prefix",
    "stun_servers",
    "turn_servers",
    "websocket.servers",
    "websocket.connection_recovery_min_interval",
    "websocket.connection_recovery_max_interval",
    "user.display_name",
    "user.uri",
    "user.sip_auth_user",
    "user.sip_auth_password",
    "user.sip_auth_user_full_uri",
    "registration.on_startup",
    "registration.expiry",
    "registration.user_control",
    "registration.server",
    "dialing.auto_dial.default_destination",
    "dialing.auto_dial.on_startup",
    "dialing.auto_dial.use_video",
    "dialing.edit_destination",
    "dialing.show_destination",
    "dialing.audio_dialing",
    "dialing.video_dialing",
    "dialing.prefer_video",
    "dialing.no_answer_timeout",
    "dialing.clear_dialbox",
    "chat.enable",
    "session.show_dtmf_pad",
    "session.dtmf_duration",
    "session.dialpad_tone",
    "session.message_tone",
    "session.require_relay_candidate",
    "i18n.translate",
    "i18n.show_menu",
    "i18n.default_lang",
    "extra_headers",
]
OURS = ["webserver.api", "user.domain", "brand.title", "brand.help", "brand.logo"]
DOCUMENTED = re.compile(r"^\| `([a-z_0-9.]+)` \| (.+) \|$", re.MULTILINE)


def leaves(table: dict[str, Any], above: str = "") -> list[str]:
    found: list[str] = []
    for name, value in table.items():
        found += leaves(value, f"{above}{name}.") if isinstance(value, dict) else [above + name]
    return found


def test_config_js_has_the_keys_of_jscommunicator() -> None:
    found = settings()
    assert found["websocket"]["servers"] == ["wss://sip-proxy.falcot.com:8443/ws"]
    assert found["stun_servers"] == found["turn_servers"] == []
    assert found["user"] == {"domain": "falcot.com"}
    personal = {name for name in JSCOMMUNICATOR if name.startswith("user.")}
    assert sorted(leaves(found)) == sorted({*JSCOMMUNICATOR, *OURS} - personal)


def test_each_option_of_jscommunicator_has_a_documented_counterpart() -> None:
    """The options in the order of its own sample, each tunable that the table names, and all."""
    rows = DOCUMENTED.findall((REPOSITORY / "docs" / "web-phone.md").read_text(encoding="utf-8"))
    assert [name for name, _ in rows] == JSCOMMUNICATOR
    named = {
        word for _, text in rows for word in re.findall(r"`([a-z-]+)` of web-phone\.toml", text)
    }
    assert named == {key.path for key in web_phone.TUNABLES} - {"title", "help-link"}


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
    assert found["chat"]["enable"] is False
    assert found["dialing"]["no_answer_timeout"] == 30
    assert found["i18n"]["default_lang"] == "de"


def test_the_brand_is_what_lies_in_local_d() -> None:
    text = content("web-phone/brand.css", branded(brand_css=":root { --brand: #123456; }"))
    assert "--brand: #123456" in text and "/etc/falcot-rtc/local.d/web-phone/brand.css" in text
    logo = branded(logo_svg="<svg/>")
    assert content("web-phone/logo.svg", logo) == "<svg/>"
    assert settings(logo)["brand"]["logo"] == "logo.svg"
    assert "<svg/>" not in content("web-phone/brand.css", logo)
    assert settings()["brand"]["logo"] == ""
    assert "logo.svg" not in content(CONF) and "logo.svg" in content(CONF, logo)
    icon = branded(icon_svg="<svg/>")
    assert content("web-phone/icon.svg", icon) == "<svg/>"
    assert '"/phone/icon.svg"' in content(CONF, icon) and "/icon.svg" not in content(CONF)
    with pytest.raises(UsageError, match=r"logo\.png"):
        derive.desired(branded(logo_png="x"))


def test_an_installed_phone_has_the_name_of_the_site() -> None:
    tuned = site(**{"web-phone": 'title = "Falcot Phone"\n'})
    found = json.loads(content("web-phone/manifest.webmanifest", tuned))
    assert found["name"] == "Falcot Phone"
    assert found["start_url"] == found["scope"] == found["id"] == "/phone/"
    assert json.loads(content("web-phone/manifest.webmanifest"))["name"] == "falcot.com"
    assert {one["protocol"] for one in found["protocol_handlers"]} == {"tel", "sip"}


def test_nothing_to_call_with_is_refused() -> None:
    with pytest.raises(UsageError, match="audio = false and video = false"):
        derive.desired(site(**{"web-phone": "audio = false\nvideo = false\n"}))


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
