# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc import settings
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FALCOT
from tests.unit.test_fields import TOML

GOOD: dict[str, Any] = {
    "version": 1,
    "domain": [{"name": "falcot.com"}],
    "address": {"ipv4": {"bind": "198.51.100.19"}},
}


def test_the_handbooks_site() -> None:
    found = settings.parse(FALCOT)
    assert found.realm == "falcot.com"
    assert found.manage is True
    assert found.services == ("turn", "sip", "xmpp", "web")
    assert found.admin == "admin"
    assert [(a.family, str(a.bind), str(a.public)) for a in found.addresses] == [
        ("ipv4", "198.51.100.19", "198.51.100.19"),
        ("ipv4-alternate", "198.51.100.20", "198.51.100.20"),
        ("ipv6", "2001:db8:1000:2000::19", "2001:db8:1000:2000::19"),
    ]
    assert found.certificate.source == "own-ca"
    assert found.providers == {
        "turn": "coturn", "sip": "kamailio", "xmpp": "prosody", "web": "apache2",
    }  # fmt: skip
    assert found.sip_internal_tcp is False
    assert found.address("ipv6") is not None
    assert settings.parse(FALCOT).address("none") is None


def test_behind_nat_the_public_address_differs() -> None:
    text = FALCOT.replace('"198.51.100.19"', '"10.0.0.19"\npublic = "198.51.100.19"')
    address = settings.parse(text).address("ipv4")
    assert address is not None
    assert (str(address.bind), str(address.public)) == ("10.0.0.19", "198.51.100.19")


def test_roles_keep_their_order() -> None:
    found = settings.parse('services = ["web", "turn"]\n' + FALCOT)
    assert found.services == ("turn", "web")
    assert settings.parse("services = []\n" + FALCOT).services == ()


def test_unknown_keys_are_the_administrators() -> None:
    assert settings.parse(FALCOT + '[notes]\nrack = "7"\n') == settings.parse(FALCOT)


def test_the_example_of_the_documentation_is_valid() -> None:
    example = Path(__file__).parents[2] / "docs" / "settings.example.toml"
    text = example.read_text()
    settings.parse(text)
    for key in settings.KEYS:
        assert key.path.rpartition(".")[2] in text, key.path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "", "version is missing"),
        ("version = 1", "version = 2", "version: 2 is not one that this falcot-rtc knows"),
        ("version = 1", "version = true", "version: True"),
        ('name = "falcot.com"', 'name = "falcot"', "domain.name: 'falcot' is not a domain name"),
        ('name = "falcot.com"', "", "a [[domain]] has no name"),
        ('[[domain]]\nname = "falcot.com"', "", "no [[domain]] is given"),
        ('[[domain]]\nname = "falcot.com"', 'domain = "falcot.com"', "no [[domain]] is given"),
        ("[[domain]]", "[domain]", "domain: is one table, not a list of them"),
        ('[[domain]]\nname = "falcot.com"', 'domain = ["falcot.com"]', "domain.name"),
        ("[[domain]]", '[[domain]]\nname = "falcot.com"\n[[domain]]', "given twice"),
        ("198.51.100.19", "198.51.100.300", "address.ipv4.bind: '198.51.100.300' is not an IPv4"),
        ("198.51.100.20", "198.51.100.19", "'198.51.100.19' is address.ipv4.bind as well"),
        ('[address.ipv4]\nbind = "198.51.100.19"\n', "", "there is no address.ipv4.bind beside"),
        (
            "version = 1",
            'version = 1\nservices = ["ftp"]',
            "services: ['ftp'] has 'ftp', which is not one of",
        ),
        ("version = 1", 'version = 1\nadmin = "Joe"', "admin: user: name 'Joe'"),
        ("version = 1", 'version = 1\nadmin = "falcot-rtc-check-1"', "reserved for checks"),
        ("version = 1", "version = 1\nmanage = 1", "manage: 1 is neither true nor false"),
        ("version = 1", 'version = 1\ncertificate.source = "existing"', "certificate.path: not"),
        ("version = 1", "version = 1\nadmin = ", "not valid TOML"),
        ("version = 1", f"version = {'1' * 5000}", "not valid TOML"),
        ("version = 1", 'version = 1\nservices = ["sip"]\ncertificate.source = "acme"', "web"),
        ("version = 1", 'version = 1\ncertificate.acme-server = "http://a.b/"', "is not a URL"),
        ("version = 1", "version = 1\ncertificate = 3", "a value stands where a table belongs"),
    ],
)
def test_one_clear_error(old: str, new: str, said: str) -> None:
    assert old in FALCOT
    with pytest.raises(UsageError) as caught:
        settings.parse(FALCOT.replace(old, new, 1), "settings.toml")
    assert said in caught.value.message
    assert caught.value.message.startswith("settings.toml: ")
    assert caught.value.hint


def test_no_address_at_all() -> None:
    with pytest.raises(UsageError, match=r"neither address\.ipv4\.bind nor address\.ipv6\.bind"):
        settings.parse('version = 1\ndomain = [{name = "falcot.com"}]')


def test_an_existing_certificate_needs_its_key() -> None:
    text = 'certificate = { source = "existing", path = "/a/b" }\n' + FALCOT
    with pytest.raises(UsageError, match=r"certificate\.key: not set"):
        settings.parse(text)


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(UsageError) as caught:
        settings.parse(FALCOT.replace("falcot.com", "x" * 500))
    assert len(caught.value.message) < 250


def with_value(path: str, value: object) -> dict[str, Any]:
    """The good document with `value` at `path`."""
    document: dict[str, Any] = json.loads(json.dumps(GOOD))
    *tables, last = path.split(".")
    at: Any = document
    for name in tables:
        at = at.setdefault(name, {})
        if name == "domain":
            at = at[0]
    at[last] = value
    return document


@pytest.mark.parametrize("key", settings.KEYS, ids=lambda key: key.path)
@given(value=TOML)
def test_junk_for_any_key_names_the_key(key: settings.Key, value: object) -> None:
    try:
        settings.from_document(with_value(key.path, value))
    except UsageError as error:
        assert "address" in error.message or key.path in error.message
        assert error.message.startswith("settings.toml: ")
        assert error.hint


@given(name=st.sampled_from([k.path.partition(".")[0] for k in settings.KEYS]), value=TOML)
def test_junk_for_any_table_is_a_usage_error(name: str, value: object) -> None:
    try:
        settings.from_document({**GOOD, name: value})
    except UsageError as error:
        assert name in error.message


@given(value=TOML)
def test_junk_for_the_version(value: object) -> None:
    try:
        settings.migrate({**GOOD, "version": value}, "settings.toml")
    except UsageError as error:
        assert "version" in error.message


@given(text=st.text())
def test_any_text_is_settings_or_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        settings.parse(text)


def test_defaults_pass_their_own_parsers() -> None:
    for key in settings.KEYS:
        if key.default is not None:
            assert key.parse(key.default) == key.default


def test_look_up() -> None:
    document = tomllib.loads(FALCOT)
    assert settings.look_up(document, "domain.name") == "falcot.com"
    assert settings.look_up(document, "address.ipv6.bind") == "2001:db8:1000:2000::19"
    assert settings.look_up(document, "sip.provider") is None
    with pytest.raises(UsageError, match="a value stands where a table belongs"):
        settings.look_up({"address": 3}, "address.ipv4.bind")
