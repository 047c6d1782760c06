# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest

from falcot_rtc import derive, settings
from falcot_rtc.errors import UsageError
from falcot_rtc.policies import ALL
from falcot_rtc.policy import Site
from falcot_rtc.resources import HostFile, Link, TreeFile, Unit, Validator
from tests.unit.fake_host import FALCOT


def site(text: str = FALCOT, **tunables: str) -> Site:
    chosen = settings.parse(text)
    tuned = derive.tunables(tunables)
    return Site(
        settings=chosen,
        release="trixie",
        endpoints=derive.endpoints(chosen, tuned),
        tunables=tuned,
        secrets={
            name: f"secret-of-{name}"
            for name in (*derive.secret_names(chosen), *derive.minting_secrets(chosen))
        },
    )


def test_defaults_of_every_tunable_are_parsed() -> None:
    found = derive.tunables({})
    for policy in ALL:
        assert set(found[policy.name]) == {key.path for key in policy.tunables}
        for key in policy.tunables:
            assert found[policy.name][key.path] is not None, key.path


@pytest.mark.parametrize(
    ("policy", "text", "said"),
    [
        ("turn", "relay-low = 80", "relay-low: 80 is not a whole number from 1024 to 65535"),
        ("turn", 'relay-low = "x"', "relay-low: 'x'"),
        ("turn", "relay-low = 65500", "relay-high: 65535 leaves fewer than 100 ports"),
        ("turn", 'denied-peers = ["10.0.0.1/8"]', "denied-peers"),
        ("turn", 'denied-peers = [["10.0.0.0/8"]]', "denied-peers"),
        ("turn", "relay_low = 50000", "relay_low: no such tunable"),
        ("dns", "x = 1", "x: no such tunable"),
        ("sip", "[workers]", "workers: {}"),
        ("sip", "workers = ", "not valid TOML"),
        ("sip", f"workers = {'1' * 5000}", "not valid TOML"),
        ("xmpp", 'password-hash = "MD5"', "is not one of: SHA-1, SHA-256"),
        ("web", "hsts-seconds = true", "hsts-seconds: True"),
    ],
)
def test_one_clear_error(policy: str, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        derive.tunables({policy: text})
    assert caught.value.message.startswith(f"/etc/falcot-rtc/policy.d/{policy}.toml: ")
    assert said in caught.value.message
    assert caught.value.hint


def test_only_the_roles_of_the_host_count() -> None:
    names = [p.name for p in derive.active(settings.parse('services = ["sip"]\n' + FALCOT))]
    assert names == ["site", "port443", "tls", "accounts", "sip", "jail", "dns", "firewall"]


def test_secrets_of_the_active_providers() -> None:
    found = settings.parse(FALCOT)
    assert derive.secret_names(found) == ("turn-cli", "xmpp-decoys", "phone-token")
    assert derive.minting_secrets(found) == ("turn-minted", "sip-minted")
    alone = settings.parse('services = ["sip"]\n' + FALCOT)
    assert derive.secret_names(alone) == ()
    assert derive.minting_secrets(alone) == ("sip-minted",)


def test_no_path_is_rendered_twice() -> None:
    found = derive.desired(site())
    for kind in (TreeFile, HostFile, Link):
        paths = [r.path for r in found.resources if isinstance(r, kind)]
        assert len(paths) == len(set(paths))
    assert len(found.of(Unit)) == 9


def test_every_unit_waits_for_what_it_needs() -> None:
    found = derive.desired(site())
    dropins = {r.path: r.content for r in found.of(HostFile)}
    for unit in found.of(Unit):
        if unit.name.endswith(".service"):
            text = dropins[f"/etc/systemd/system/{unit.name}.d/50-falcot-rtc.conf"]
            assert "ExecStartPre=/usr/libexec/falcot-rtc/wait-addresses " in text
            assert "ExecStartPre=/usr/bin/head --bytes=0 /etc/falcot-rtc/current/" in text


def test_each_validator_judges_the_new_tree() -> None:
    validators: list[Any] = derive.desired(site()).of(Validator)
    assert {v.argv[0] for v in validators} >= {"kamailio", "prosodyctl", "apache2", "nft"}
    for validator in validators:
        assert any("{tree}" in part for part in validator.argv), validator.name


def test_only_tls_is_public_except_where_the_protocol_upgrades() -> None:
    plain = {e.purpose for e in site().endpoints if not e.tls and e.reach == "public"}
    assert plain == {
        "turn-udp", "turn-tcp", "turn-alternate-udp", "turn-alternate-tcp", "turn-relay",
        "xmpp-client", "xmpp-server", "web-http",
    }  # fmt: skip


@pytest.mark.parametrize("overlap", ["relay-low = 3400\nrelay-high = 3600\n"])
def test_two_owners_of_a_port_are_named(overlap: str) -> None:
    with pytest.raises(UsageError, match=r"turn-udp-ipv4 and turn-relay-ipv4 both claim udp"):
        site(turn=overlap)


def test_the_same_site_renders_the_same_bytes() -> None:
    assert derive.desired(site()) == derive.desired(site())
