# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from falcot_rtc import settings, settings_file
from falcot_rtc.errors import UsageError
from tests.unit.fake_host import FALCOT
from tests.unit.test_settings import GOOD

# For each key, texts as debconf gives them.
TEXTS = {
    "manage": ["true", "false"],
    "services": ["turn", "web, turn", "turn, sip, xmpp, web", ""],
    "admin": ["joe", "anna.smith"],
    "domain.name": ["falcot.com", "example.net", "müller.example"],
    "address.ipv4.bind": ["198.51.100.7", "10.0.0.1"],
    "address.ipv4.public": ["198.51.100.8"],
    "address.ipv4-alternate.bind": ["198.51.100.9"],
    "address.ipv4-alternate.public": ["198.51.100.10"],
    "address.ipv6.bind": ["2001:DB8::7"],
    "address.ipv6.public": ["2001:db8::8"],
    "certificate.source": ["own-ca", "existing", "acme"],
    "certificate.path": ["/etc/ssl/site.pem"],
    "certificate.key": ["/etc/ssl/private/site.key"],
    "certificate.acme-email": ["hostmaster@falcot.com"],
    "certificate.acme-server": ["https://ca.example.org:14000/dir"],
    "certificate.acme-challenge": ["http-01", "dns-01"],
    "realm": ["falcot.com", "My_realm-1"],
    "firewall": ["true", "false"],
    "names.server": ["server1", "rtc"],
    "names.turn": ["relay"],
    "names.sip": ["sip"],
    "names.xmpp": ["chat"],
    "turn.provider": ["coturn"],
    "sip.provider": ["kamailio"],
    "sip.internal-tcp": ["true", "false"],
    "xmpp.provider": ["prosody"],
    "web.provider": ["apache2"],
    # Switched on, it is refused without addresses; what it needs is in test_port443.
    "port443.enabled": ["false"],
    "port443.roles": ["turn, sip", "web"],
    "port443.ordinary-ports": ["true", "false"],
    **{
        f"port443.{role}.{family}.{side}": [address]
        for role in ("turn", "sip", "xmpp", "web")
        for family, address in (("ipv4", "198.51.100.21"), ("ipv6", "2001:db8:1000:2000::21"))
        for side in ("bind", "public")
    },
}
# Files as people write them: tables, inline tables, dotted keys, odd order, comments, own keys.
FILES = (
    "",
    settings_file.NEW,
    FALCOT,
    'version = 1\ndomain = [{ name = "a.example" }]\naddress.ipv4.bind = "198.51.100.1"\n',
    'version = 1\naddress = { ipv4 = { bind = "198.51.100.1" } } # mine\n[[domain]]\nname="a.b"\n',
    "version = 1\ndomain = []\n",
    'version = 1\n[sip]\ninternal-tcp = true\n[[domain]]\n[address.ipv6]\nbind = "2001:db8::1"\n'
    '[notes]\nrack = "7" # third from the left\n[address.ipv4]\n# the old one: 198.51.100.3\n',
    'version = 1\r\n# \u00fc\r\n[[domain]]\r\nname = "a.example"\r\n'
    '[[domain]]\r\nname = "b.example"\r\n',
)
changes = st.fixed_dictionaries(
    {}, optional={path: st.sampled_from([*texts, ""]) for path, texts in TEXTS.items()}
)


def test_the_texts_cover_every_key() -> None:
    assert set(TEXTS) == set(settings.BY_PATH)


def typed(path: str, value: str) -> object:
    key = settings.BY_PATH[path]
    return key.parse(value) if value or isinstance(key.default, tuple) else key.default


@settings_of_hypothesis(max_examples=60, deadline=None)
@given(file=st.sampled_from(FILES), changes=changes)
def test_what_is_put_is_read_back(file: str, changes: dict[str, str]) -> None:
    after = settings_file.put(file, changes)
    found = settings.values(settings.load(after))
    before = settings.values(settings.load(file or settings_file.NEW))
    assert {path: found[path] for path in changes} == {p: typed(p, v) for p, v in changes.items()}
    assert {p: v for p, v in found.items() if p not in changes} == {
        p: v for p, v in before.items() if p not in changes
    }
    assert settings_file.put(after, changes) == after


@settings_of_hypothesis(max_examples=60, deadline=None)
@given(file=st.sampled_from(FILES), changes=changes)
def test_comments_and_unknown_keys_survive(file: str, changes: dict[str, str]) -> None:
    after = settings_file.put(file, changes)
    for kept in ("# mine", "# third from the left", 'rack = "7"', "# the old one", "b.example"):
        if kept in file:
            assert kept in after


@given(file=st.sampled_from(FILES[1:]))
def test_nothing_put_changes_nothing(file: str) -> None:
    assert settings_file.put(file, {}) == file
    now = settings.load(file)
    same = {path: settings_file.flat(now, path) for path in TEXTS}
    for listed in ("services", "port443.roles"):
        same.pop(listed)
    assert settings.values(settings.load(settings_file.put(file, same))) == settings.values(now)


def test_the_same_value_in_another_spelling_stays_as_it_is() -> None:
    assert settings_file.put(FALCOT, {"address.ipv6.bind": "2001:DB8:1000:2000::0019"}) == FALCOT


def test_no_services_is_not_all_services() -> None:
    text = settings_file.put(FALCOT, {"services": ""})
    assert settings.parse(text).services == ()


def test_the_first_of_two_domains_is_changed() -> None:
    text = settings_file.put(FILES[-1], {"domain.name": "c.example"})
    assert [d["name"] for d in settings.load(text)["domain"]] == ["c.example", "b.example"]


@pytest.mark.parametrize("path", ["domain", "adress.ipv4.bind", "", "version", "domain.0.name"])
def test_an_unknown_key_is_refused_with_the_known_ones(path: str) -> None:
    with pytest.raises(UsageError, match="no such key") as caught:
        settings_file.put(FALCOT, {path: "x"})
    assert "address.ipv4.bind" in caught.value.hint


@given(path=st.sampled_from(sorted(TEXTS)), value=st.text(min_size=1))
def test_a_bad_value_names_the_key(path: str, value: str) -> None:
    try:
        settings_file.put(FALCOT, {path: value})
    except UsageError as error:
        assert f"settings.toml: {path}: " in error.message


@pytest.mark.parametrize(
    "text",
    [
        "version = 1\naddress = 3\n",
        'version = 1\n[address]\nipv4 = "198.51.100.1"\n',
        "version = 1\naddress = [1]\n",
        'version = 1\ndomain = "falcot.com"\n',
        'version = 1\n[domain]\nname = "falcot.com"\n',
        'version = 1\ndomain = ["falcot.com"]\n',
        "version = 1\ndomain = 2026-01-01\n",
        "version = 2\n",
        "version =",
        "x",
    ],
)
@pytest.mark.parametrize("value", ["", "given"])
def test_a_damaged_file_is_a_usage_error(text: str, value: str) -> None:
    wanted = {"address.ipv4.bind": value and "198.51.100.7", "domain.name": value and "a.example"}
    with pytest.raises(UsageError, match=r"settings\.toml: "):
        settings_file.put(text, wanted)


@given(text=st.text())
def test_any_text_is_edited_or_a_usage_error(text: str) -> None:
    try:
        settings_file.put(text, {"admin": "joe"})
    except UsageError as error:
        assert error.message.startswith("settings.toml: ")
    else:
        assert text == ""


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("domain.name", "falcot.com"),
        ("address.ipv4.bind", "198.51.100.19"),
        ("address.ipv4.public", ""),
        ("services", ""),
        ("manage", ""),
    ],
)
def test_values_as_debconf_has_them(path: str, shown: str) -> None:
    assert settings_file.flat(GOOD, path) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(True, "true"), (False, "false"), (["a", "b"], "a, b"), ([], "")]
)
def test_flat_form(value: Any, shown: str) -> None:
    assert settings_file.flat({"services": value}, "services") == shown


def test_a_new_file_says_where_the_keys_are_explained() -> None:
    text = settings_file.put("", {"domain.name": "falcot.com", "address.ipv4.bind": "198.51.100.1"})
    assert text.startswith("# The settings of this falcot-rtc site")
    assert settings.parse(text).realm == "falcot.com"


def test_a_value_that_differs_from_itself_is_no_obstacle() -> None:
    text = "x = [nan, { y = nan }]\n" + FALCOT
    assert "x = [nan, { y = nan }]\n" in settings_file.put(text, {"admin": "joe"})


def test_a_value_of_several_lines_is_one_line_to_debconf() -> None:
    document = {"admin": "a\nb\u2028c", "services": ["turn\n", 7], "manage": 16**5000}
    assert settings_file.flat(document, "admin") == "a b c"
    assert settings_file.flat(document, "services") == "turn, 7"
    assert settings_file.flat(document, "manage") == "a number of thousands of digits"
