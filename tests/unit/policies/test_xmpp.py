# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import re
from dataclasses import replace

from falcot_rtc import derive, plan
from falcot_rtc.resources import CertificateCopy, Data, Link, TreeFile, Unit
from tests.unit.fake_host import FALCOT
from tests.unit.policies.rendering import content, records
from tests.unit.test_derive import site
from tests.unit.test_port443 import four, six

GLOBAL, MINTED = "xmpp/falcot-rtc.cfg.lua", "xmpp/minted.cfg.lua"
TWO = FALCOT + '[[domain]]\nname = "example.net"\n'


def test_listeners_stand_on_declared_addresses_only() -> None:
    text = content(GLOBAL)
    assert 'interfaces = { "198.51.100.19"; "2001:db8:1000:2000::19"; }\n' in text
    assert "http_ports = { }\n" in text


def test_nobody_registers_in_band() -> None:
    text = content(GLOBAL)
    assert "allow_registration = false\n" in text
    (disabled,) = re.findall(r"modules_disabled = \{(.*)\}", text)
    for module in ("register", "invites", "invites_register"):
        assert f'"{module}"' in disabled


def test_everything_is_encrypted() -> None:
    text = content(GLOBAL)
    for option in ("c2s_require_encryption", "s2s_require_encryption", "s2s_secure_auth"):
        assert f"\n{option} = true\n" in text


def test_turn_is_offered_where_it_is_served() -> None:
    text = content(GLOBAL)
    assert "secret-of-turn" not in text
    newest = content(MINTED)
    for name in ("falcot_rtc_secret", "turn_external_secret", "external_service_secret"):
        assert f'\n{name} = "secret-of-turn-minted"\n' in newest
    assert "falcot_rtc_generation = 0\n" in newest
    assert 'turn_external_host = "turn-server.falcot.com"\n' in text
    assert "turn_external_ttl = 86400\n" in text
    alone = content(GLOBAL, site('services = ["xmpp"]\n' + FALCOT))
    assert "turn_external" not in alone


def test_the_life_of_credentials_is_everybodys() -> None:
    assert "turn_external_ttl = 3600\n" in content(GLOBAL, site(turn="minted-ttl = 3600"))


def test_the_file_with_the_secret_is_closed() -> None:
    for file in derive.desired(site()).of(TreeFile):
        if file.path.startswith("xmpp/") and "secret-of-turn-minted" in file.content:
            assert (file.group, file.mode) == ("prosody", 0o640), file.path


def test_the_newest_secret_mints() -> None:
    found = replace(
        site(), secrets={**site().secrets, "turn-minted": "1700000000 old\n1800000000 new\n"}
    )
    text = content(MINTED, found)
    assert 'falcot_rtc_secret = "new"\nfalcot_rtc_generation = 1800000000\n' in text
    assert "old" not in text


def test_a_new_secret_restarts_nothing() -> None:
    unit = next(u for u in derive.desired(site(TWO)).of(Unit) if u.name == "prosody.service")
    assert "xmpp/minted.cfg.lua" in unit.reload_on
    assert not plan.below("xmpp/minted.cfg.lua", unit.restart_on)
    for file in derive.desired(site(TWO)).of(TreeFile):
        if file.path.startswith("xmpp/") and file.path not in (MINTED, "xmpp/validate.cfg.lua"):
            assert plan.below(file.path, unit.restart_on), file.path


def test_a_secret_cannot_leave_its_string() -> None:
    found = replace(
        site(), secrets={**site().secrets, "turn-minted": 'x" .. os.execute("id") .. "'}
    )
    text = content(MINTED, found)
    assert 'falcot_rtc_secret = "x\\034 .. os.execute(\\034id\\034) .. \\034"\n' in text


def test_one_file_a_domain_with_its_links() -> None:
    found = derive.desired(site(TWO))
    links = {link.path: link.target for link in found.of(Link)}
    for name in ("falcot.com", "example.net", "falcot-rtc"):
        file = f"{name}.cfg.lua"
        assert links[f"/etc/prosody/conf.d/{file}"] == f"../conf.avail/{file}"
        assert links[f"/etc/prosody/conf.avail/{file}"] == f"/etc/falcot-rtc/current/xmpp/{file}"
    text = content("xmpp/example.net.cfg.lua", site(TWO))
    assert 'VirtualHost "example.net"\n' in text
    # One administrator, whose account is in the first domain.
    assert 'admins = { "admin@falcot.com"; }' in text
    assert "falcot.com" not in text.replace("admin@falcot.com", "")


def test_certificates_have_the_names_that_prosody_looks_for() -> None:
    (copy,) = (c for c in derive.desired(site(TWO)).of(CertificateCopy) if c.daemon == "prosody")
    assert copy.names == (
        ("falcot.com.crt", "falcot.com.key"),
        ("example.net.crt", "example.net.key"),
    )
    assert f'certificates = "{copy.directory}"\n' in content(GLOBAL)


def test_what_a_purge_takes_along() -> None:
    paths = [data.path for data in derive.desired(site()).of(Data)]
    assert paths == [
        "/var/lib/prosody/falcot%2ecom",
        "/var/lib/prosody/conference%2efalcot%2ecom",
        "/var/lib/prosody/upload%2efalcot%2ecom",
    ]


def test_overlays_are_in_the_global_part() -> None:
    found = replace(site(), overlays={"prosody": {"limits.cfg.lua": "limits = {}"}})
    assert content(GLOBAL, found).rstrip().endswith("limits = {}")


def test_every_file_is_judged() -> None:
    text = content("xmpp/validate.cfg.lua", site(TWO))
    for name in ("falcot-rtc", "falcot.com", "example.net"):
        assert f'Include "{name}.cfg.lua"\n' in text


def test_records() -> None:
    """RFC 6120 §3.2.1 and XEP-0368."""
    assert {
        ("_xmpp-client._tcp.falcot.com.", "SRV", "5 0 5222 xmpp-gw.falcot.com."),
        ("_xmpps-client._tcp.falcot.com.", "SRV", "5 0 5223 xmpp-gw.falcot.com."),
        ("_xmpp-server._tcp.falcot.com.", "SRV", "5 0 5269 xmpp-gw.falcot.com."),
        ("_xmpps-server._tcp.falcot.com.", "SRV", "5 0 5270 xmpp-gw.falcot.com."),
        ("conference.falcot.com.", "A", "198.51.100.19"),
        ("upload.falcot.com.", "AAAA", "2001:db8:1000:2000::19"),
    } <= records()


def test_prosodys_own_conffile_is_left_alone() -> None:
    found = derive.desired(site(FALCOT.replace("falcot.com", "example.com")))
    names = [link.path.rpartition("/")[2] for link in found.of(Link)]
    assert "falcot-rtc-example.com.cfg.lua" in names
    assert not {"example.com.cfg.lua", "localhost.cfg.lua"} & set(names)


def test_the_module_of_ours_is_found_and_loaded() -> None:
    text = content(GLOBAL)
    assert 'plugin_paths:append { "/etc/falcot-rtc/current/xmpp/modules" }\n' in text
    assert '"falcot_rtc"; --' in text
    assert "external_service/credentials" in content("xmpp/modules/mod_falcot_rtc.lua")


ON_443 = 'port443.enabled = true\nport443.roles = ["xmpp"]\n' + four("xmpp") + six("xmpp")


def test_port_443_has_clients_servers_and_files() -> None:
    text = content(GLOBAL, site(ON_443 + FALCOT))
    assert 'ssl_interfaces = { "198.51.100.23"; "2001:db8:1000:2000::23"; }\n' in text
    assert "ssl_ports = { 443 }\n" in text
    assert '"net_multiplex";' in text
    assert '"198.51.100.19"; "2001:db8:1000:2000::19"; "198.51.100.23";' in text
    assert "https://upload.falcot.com/" in content("xmpp/falcot.com.cfg.lua", site(ON_443 + FALCOT))
    assert "443" not in content(GLOBAL) and "net_multiplex" not in content(GLOBAL)


def test_port_443_alone() -> None:
    text = content(GLOBAL, site("port443.ordinary-ports = false\n" + ON_443 + FALCOT))
    assert "\ninterfaces = { }\n" in text
    assert 'ssl_interfaces = { "198.51.100.23"; "2001:db8:1000:2000::23"; }\n' in text


def test_records_of_port_443_come_first() -> None:
    found = records(site(ON_443 + FALCOT))
    assert {r[2] for r in found if r[0].startswith(("_xmpp-client", "_xmpps-client"))} == {
        "5 0 443 xmpp-gw.falcot.com.",
        "6 0 5223 xmpp-gw.falcot.com.",
        "6 0 5222 xmpp-gw.falcot.com.",
    }
    for name in ("xmpp-gw", "conference", "upload"):
        assert {r[1:] for r in found if r[0] == f"{name}.falcot.com."} == {
            ("A", "198.51.100.23"),
            ("AAAA", "2001:db8:1000:2000::23"),
        }
