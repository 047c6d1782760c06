# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from falcot_rtc import derive
from falcot_rtc.policies import web
from falcot_rtc.resources import Masked, Unit
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site
from tests.unit.test_port443 import four

CONF = "web/apache2.conf"
# The certificate of our authority, and the phone.
SERVED = (
    "/var/lib/falcot-rtc/tls/ca.crt",
    '"/etc/falcot-rtc/current/web-phone/',
    '"/usr/share/falcot-rtc-web-phone/"',
)


def test_listeners_stand_on_declared_addresses_only() -> None:
    assert [row for row in content(CONF).splitlines() if row.startswith("Listen")] == [
        "Listen 198.51.100.19:443 https",
        "Listen [2001:db8:1000:2000::19]:443 https",
        "Listen 198.51.100.19:80 http",
        "Listen [2001:db8:1000:2000::19]:80 http",
    ]


def test_clear_text_is_redirected() -> None:
    first = content(CONF).partition("</VirtualHost>")[0]
    assert "Redirect permanent / https://falcot.com/\n" in first
    assert "DocumentRoot" not in first


def test_a_key_is_never_served() -> None:
    text = content(CONF)
    assert (
        "<Directory />\n\tOptions FollowSymLinks\n\tAllowOverride None\n\tRequire all denied"
        in text
    )
    assert "Alias /falcot-rtc-ca.crt /var/lib/falcot-rtc/tls/ca.crt\n" in text
    served = [line.split()[2] for line in text.splitlines() if line.startswith("\tAlias ")]
    assert all(path.startswith(SERVED) for path in served)


def test_old_tls_is_off() -> None:
    assert "SSLProtocol -all +TLSv1.2 +TLSv1.3\n" in content(CONF)


def test_browsers_insist_on_https_as_long_as_is_wanted() -> None:
    assert 'Strict-Transport-Security "max-age=15768000"' in content(CONF)
    assert "Strict-Transport-Security" not in content(CONF, site(web="hsts-seconds = 0"))


def test_every_domain_is_served() -> None:
    assert "ServerAlias example.net\n" in content(
        CONF, site(FALCOT + '[[domain]]\nname = "example.net"\n')
    )


def test_the_page_names_what_is_there() -> None:
    page = content("web/html/index.html.en")
    for text in ("sip-proxy.falcot.com:5061", "xmpp-gw.falcot.com", "turn-server.falcot.com:3478",
                 "wss://sip-proxy.falcot.com:8443/ws", "/falcot-rtc-ca.crt",
                 'href="/phone/"'):  # fmt: skip
        assert text in page
    alone = content("web/html/index.html.en", site('services = ["web"]\n' + FALCOT))
    for text in ("sip-proxy", "xmpp-gw", "turn-server", "/phone/"):
        assert text not in alone


def test_the_page_speaks_both_languages() -> None:
    assert '<html lang="de">' in content("web/html/index.html.de")
    assert '<html lang="en">' in content("web/html/index.html.en")
    assert "AddLanguage de .de\n" in content(CONF)


def test_passwords_go_to_the_service_alone() -> None:
    text = content(CONF)
    place = text.partition('<Location "/password/change">')[2].partition("</Location>")[0]
    assert 'ProxyPass "unix:/run/falcot-rtc/password.sock|http://localhost/' in place
    assert "LimitRequestBody 8192\n" in place
    assert "RequestHeader unset X-Forwarded-For\n" in place
    # The clear-text host only redirects.
    assert text.count("ProxyPass ") == 2 and "Proxy" not in text.partition("</VirtualHost>")[0]
    (socket,) = (
        u for u in derive.desired(site()).of(Unit) if u.name == "falcot-rtc-password.socket"
    )
    assert not socket.stock


def test_the_page_for_passwords_is_there_without_its_service() -> None:
    for language in ("de", "en"):
        for name in ("index", "busy", "malformed", "uncertain"):
            text = content(f"web/html/password/{name}.html.{language}")
            assert 'action="/password/change"' in text
            assert ('role="alert"' in text) is (name != "index")
        assert 'href="/password/"' in content(f"web/html/index.html.{language}")


def test_the_stock_instance_gives_way() -> None:
    found = derive.desired(site())
    assert found.of(Masked) == [Masked(name="apache2.service")]
    (unit,) = (u for u in found.of(Unit) if u.name == web.UNIT)
    assert not unit.stock
    # New pages drop nobody.
    assert CONF in unit.reload_on


ON_443 = "port443.enabled = true\n" + "".join(four(role) for role in ("turn", "sip", "xmpp"))


def test_port_443_is_on_the_main_address_or_on_another() -> None:
    def https(text: str) -> list[str]:
        return [e.address for e in site(text + FALCOT).purpose("web-https")]

    assert https(ON_443) == ["198.51.100.19", "2001:db8:1000:2000::19"]
    assert https(ON_443 + four("web")) == ["198.51.100.24", "2001:db8:1000:2000::19"]
    found = records(site(ON_443 + four("web") + FALCOT))
    assert {r[2] for r in found if r[:2] == ("falcot.com.", "A")} == {"198.51.100.24"}
    assert {r[2] for r in found if r[:2] == ("server1.falcot.com.", "A")} == {"198.51.100.19"}


def test_http_is_wherever_a_name_leads() -> None:
    """An authority looks there for each name of the certificate (RFC 8555 §8.3)."""
    found = site(ON_443 + four("web") + FALCOT)
    plain = {e.public for e in found.purpose("web-http")}
    assert {r[2] for r in records(found) if r[1] in ("A", "AAAA")} <= plain


def test_the_page_names_port_443() -> None:
    page = content("web/html/index.html.en", site(ON_443 + FALCOT))
    for text in ("sip-proxy.falcot.com:443", "wss://sip-proxy.falcot.com:443/ws",
                 "3478</code>, <code>turn-server.falcot.com:443</code> (TLS)",
                 "<code>5222</code> (STARTTLS), <code>443</code> (TLS)"):  # fmt: skip
        assert text in page
    alone = "port443.ordinary-ports = false\n" + ON_443 + FALCOT
    page = content("web/html/index.html.en", site(alone))
    assert "5222" not in page and "3478" not in page
