# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc import settings
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import tls
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site

OWN = FALCOT + '[names]\nserver = "RTC"\nturn = "relay"\nsip = "sip"\nxmpp = "chat"\n'


def test_the_handbooks_names_are_the_defaults() -> None:
    chosen = settings.parse(FALCOT)
    assert [chosen.host(of) for of in ("server", "turn", "sip", "xmpp")] == [
        "server1.falcot.com",
        "turn-server.falcot.com",
        "sip-proxy.falcot.com",
        "xmpp-gw.falcot.com",
    ]


def test_own_names_are_in_records_certificates_and_configurations() -> None:
    found = site(OWN)
    assert {e.name for e in found.endpoints if e.reach == "public"} == {
        "falcot.com", "relay.falcot.com", "sip.falcot.com", "chat.falcot.com", "upload.falcot.com",
    }  # fmt: skip
    assert ("_sips._tcp.falcot.com.", "SRV", "0 1 5061 sip.falcot.com.") in records(found)
    assert set(tls.names(found.settings)) >= {
        "rtc.falcot.com", "relay.falcot.com", "sip.falcot.com", "chat.falcot.com",
    }  # fmt: skip
    files = ("sip/kamailio.cfg", "xmpp/falcot-rtc.cfg.lua", "web/html/index.html.en")
    rendered = "".join(content(path, found) for path in (*files, "dns/falcot.com.zone"))
    for name in ("server1", "turn-server", "sip-proxy", "xmpp-gw"):
        assert f"{name}.falcot" not in rendered and f"\n{name} " not in rendered


@pytest.mark.parametrize("label", ["turn-server", "conference", "upload"])
def test_two_servers_have_two_names(label: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.parse(FALCOT + f'[names]\nxmpp = "{label}"\n')
    assert f"names.xmpp: '{label}' is the name of another server" in str(caught.value)


@pytest.mark.parametrize("label", ["a.b", "ä", "-a", "a" * 64, "xn--a", "a b", "*"])
def test_a_name_is_one_label(label: str) -> None:
    with pytest.raises(UsageError, match=r"names\.sip: .* without a dot"):
        settings.parse(FALCOT + f'[names]\nsip = "{label}"\n')
