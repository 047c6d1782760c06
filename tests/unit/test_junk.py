# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile and absurd settings, answers and tunables: one error that names key, value and fix.

More than ten thousand inputs a run. What is accepted is in test_rendered.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st

from falcot_rtc import (
    answers,
    apply,
    cli,
    click_to_call,
    derive,
    hold,
    hooks,
    paths,
    settings,
    settings_file,
    verbs,
    verbs_dns,
    verbs_ports,
)
from falcot_rtc.accounts.hashes import ScramKind
from falcot_rtc.accounts.store import AccountStore
from falcot_rtc.errors import UsageError, shown
from falcot_rtc.policies import ALL
from tests.unit.fake_host import FALCOT, FakeHost, again, files, fresh, put
from tests.unit.test_answers import PRESEED
from tests.unit.test_fields import TOML
from tests.unit.test_settings import with_value

# Ends of strings, lines, comments and blocks in every language that we render or run.
HOSTILE = (
    "", " ", "\n", "\t", "\0", "a\nb", "a\rb", "a\x0bb", "a\x85b", "a\u2028b", "\ufeffa", "\x1b[2J",
    "\\", "a.b\\", '"', "'", "`id`", "$(id)", "${HOME}", "%n%s", "%%", "{{ 7*7 }}", "{% raw %}",
    "a;b", "a b", "a#b", "#", "--", "]]", "]]--", "*/", "<script>", "&amp;", "a.b>", "\udcff",
    'x"; exit; "', '" .. os.execute("id") .. "', "a.b\nno-auth", "a.b\nInclude /etc/shadow",
    "../../etc/passwd", "/etc/../shadow", "/", "//", "/.", "/a\0b", "~root", "-rf", "--help",
    "0", "-1", "0x10", "1e9", "9" * 400, "true ", "True", "yes", "NaN", "[]", "null", "None",
    "0.0.0.0", "::", "127.0.0.1", "198.51.100.19/24", "198.51.100.019", "1.2.3.4\n", "fe80::1%eth0",
    "2001:db8::1%\n", "::ffff:1.2.3.4", "[2001:db8::1]", "224.0.0.1", "19\u0668.51.100.19",
    "falcot.com", "falcot.com.", ".com", "a..b", "-a.b", "a-.b", "*.b.c", "a_b.c", "xn--.de",
    "xn--a\u00fc.de", "\uff41.b\u3002c", "a.\u2024", "\uff02.com", "a" * 64 + ".b",
    "a." * 130 + "b", "a." * 63 + "b", "-" * 100 + ".b", "joe@falcot.com", "joe@b@c", "admin",
    "Admin", "root", "falcot-rtc-check-00", "union select", "12345", "a" * 65, "a" * 100_000,
    "turn, turn", "turn,ftp", "own-ca ", "existing", "coturn", "COTURN",
)  # fmt: skip
ABSURD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**64, -(2**300), 16**5000, 0.5, float("inf"), float("nan"),
    [], [[]], [None], ["turn", "turn"], [["turn"]], ["turn", 7], {}, {"": ""}, {"name": "a.b"},
    ["10.0.0.0/8", "10.0.0.0/8"], ["fe80::%\nx/64"], ["::/0", "::/0"], "10.0.0.0/8,,", [16**5000],
)  # fmt: skip
junk = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(ABSURD), st.text(max_size=80), TOML)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(blacklist_characters="\n\0"), max_size=80),
    st.lists(st.sampled_from([*HOSTILE, ".", ",", "/", "@", ":", "a", "turn"]), max_size=4)
    .map("".join),
)  # fmt: skip
KEYS = (
    [(settings.EDIT, "settings.toml", key) for key in settings.KEYS]
    + [
        (f"edit {file}", file, key)
        for policy in ALL
        for file in [f"{paths.POLICY_D}/{policy.name}.toml"]
        for key in policy.tunables
    ]
    + [(settings.EDIT, "settings.toml", key) for key in click_to_call.KEYS]
)
# Nothing that any of our languages gives a meaning inside a string or a bare word.
PLAIN = re.compile(r"[A-Za-z0-9._:/@+=,-]*", re.ASCII)

# What people read may have any characters: it is written as JSON, which test_rendered.py reads.
PROSE = {"title"}


def run(examples: int, strategy: st.SearchStrategy[Any], body: Callable[[Any], None]) -> None:
    """Give `body` that many values; a failing one is shrunk and shown."""

    @hypothesis.settings(
        deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(value=strategy)
    def one(value: Any) -> None:
        body(value)

    one()


def one_line(error: UsageError) -> None:
    """What an operator sees is one printable line of bearable length, with a way out."""
    assert error.exit_code == 2
    assert str(error).isprintable(), error
    assert len(error.message) < 400, error
    assert error.hint


def names_the_value(error: UsageError, value: object) -> bool:
    named = {shown(value), repr(value.strip())} if isinstance(value, str) else {shown(value)}
    return any(text in error.message for text in named)


def leaves(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in leaves(item)] if type(value) is tuple else [value]


def test_any_value_for_any_key_and_tunable() -> None:
    seen = 0

    def body(value: Any) -> None:
        nonlocal seen
        for hint, where, key in KEYS:
            seen += 1
            try:
                parsed = settings.parse_value(key, value, where, hint)
            except UsageError as error:
                one_line(error)
                assert error.message.startswith(f"{where}: {key.path}: ")
                assert names_the_value(error, value), error
            else:
                for leaf in leaves(parsed):
                    assert key.path in PROSE or PLAIN.fullmatch(str(leaf)), (key.path, value)
                assert (
                    key.parse(
                        [str(x) for x in parsed]
                        if type(parsed) is tuple
                        else (parsed if isinstance(parsed, bool | int) else str(parsed))
                    )
                    == parsed
                )

    run(350, junk, body)
    for value in (*HOSTILE, *ABSURD):
        body(value)
    assert seen > 10_000


def test_any_value_in_a_whole_document() -> None:
    seen = 0

    def body(value: Any) -> None:
        nonlocal seen
        for key in settings.KEYS:
            seen += 1
            document = with_value(key.path, value)
            before = shown(document)
            try:
                found = settings.from_document(document)
            except UsageError as error:
                one_line(error)
                assert key.path in error.message or error.message.startswith(
                    (
                        "settings.toml: address",
                        "settings.toml: certificate",
                        "settings.toml: domain",
                        "settings.toml: port443",
                    )
                )
            else:
                assert PLAIN.fullmatch(found.realm + found.admin)
            assert shown(document) == before

    run(60, junk, body)
    assert seen >= 60 * len(settings.KEYS) // 2


@pytest.mark.parametrize("policy", [p for p in ALL if p.tunables], ids=lambda p: p.name)
def test_any_text_in_policy_d(policy: Any) -> None:
    where = f"{paths.POLICY_D}/{policy.name}.toml"
    keys = st.sampled_from([k.path for k in policy.tunables]) | st.sampled_from(HOSTILE[:90])
    values = st.one_of(
        st.sampled_from([v for v in HOSTILE if len(v) < 500]).map(json.dumps),
        st.sampled_from(
            ["0x" + "f" * 5000, "9" * 5000, "[" * 3000, "1979-05-27", "inf", "nan", ""]
        ),
        st.text(max_size=30),
        st.integers().map(str),
    )
    lines = st.lists(st.tuples(keys, values), max_size=3)

    def body(rows: list[tuple[str, str]]) -> None:
        text = "".join(f"{json.dumps(name)} = {value}\n" for name, value in rows)
        try:
            derive.tunables({policy.name: text})
        except UsageError as error:
            one_line(error)
            assert error.message.startswith(f"{where}: ")

    run(60, lines, body)


@pytest.mark.parametrize(
    "text",
    [
        "version = 0x" + "f" * 5000,
        "version = 1\nadmin = 0x" + "f" * 5000,
        "version = 1\nx = " + "[" * 5000 + "]" * 5000,
        "version = 1\nx = " + "{a=" * 5000 + "1" + "}" * 5000,
        "version = 1\n[" + ".".join("a" * 5000) + "]\n",
        "\ufeffversion = 1",
        "version = 1\r",
        "version = 1\0",
    ],
    ids=lambda text: text[:24].encode("unicode_escape").decode(),
)
def test_absurd_documents(text: str) -> None:
    for act in (
        lambda: settings.parse(text),
        lambda: settings.is_managed(text) and settings.parse(text),
        lambda: settings_file.put(text, {"admin": "joe", "domain.name": "?"}),
        lambda: answers.merged(text, {}, PRESEED) and settings.parse(text),
    ):
        with pytest.raises(UsageError) as caught:
            act()
        one_line(caught.value)
        assert caught.value.message.startswith("settings.toml: ")


# debconf


def test_any_answer_to_any_question() -> None:
    seen = 0

    def body(value: str) -> None:
        nonlocal seen
        for question in answers.KEYED:
            seen += 1
            given = {**PRESEED, question.name: value}
            try:
                text = answers.merged("", {}, given)
            except UsageError as error:
                one_line(error)
                assert question.key in error.message or error.message.startswith(
                    (
                        "settings.toml: address",
                        "settings.toml: certificate",
                        "settings.toml: domain",
                        "settings.toml: port443",
                    )
                ), error
                continue
            # Nothing but this one key differs from a proper installation.
            usual = settings.values(settings.load(answers.merged("", {}, PRESEED)))
            found = settings.values(settings.load(text))
            assert {k for k in found if found[k] != usual[k]} <= {question.key}

    run(40, texts, body)
    assert seen >= 400


def test_no_answer_becomes_another_one() -> None:
    """As postinst writes them; debconf's own protocol has no line feed in a value."""

    def body(values: dict[str, str]) -> None:
        text = "".join(f"{name}\t{value}\n" for name, value in values.items())
        assert answers.parse(text) == values

    every = {q.name: texts.map(lambda text: text.replace("\n", "")) for q in answers.QUESTIONS}
    run(100, st.fixed_dictionaries(every), body)


def test_no_setting_becomes_an_answer() -> None:
    """A hand-edited value goes back to debconf as one line, whatever it is."""

    def body(value: Any) -> None:
        for key in settings.KEYS:
            document = with_value(key.path, value)
            line = settings_file.flat(document, key.path)
            assert len(line.splitlines()) <= 1
            assert answers.parse(answers.dump({key.path: line})) == {key.path: line}

    run(60, junk, body)


@pytest.mark.parametrize("password", [v for v in HOSTILE if v and len(v) < 1000])
def test_any_password_is_kept_whole_or_refused(tmp_path: Path, password: str) -> None:
    with AccountStore(tmp_path / "accounts.sqlite") as store:
        try:
            store.add(
                "joe", "falcot.com", realm="falcot.com", password=password, kind=ScramKind.SHA1
            )
        except UsageError as error:
            one_line(error)
            assert store.find("joe", "falcot.com") is None
        else:
            assert store.find("joe", "falcot.com") is not None


# The whole way, on a host


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


def state(host: FakeHost) -> dict[str, Any]:
    """All of the host but its lock."""
    return {path: row for path, row in files(host).items() if path != paths.LOCK}


def commanded(*argv: str) -> int:
    try:
        return cli.main(argv)
    except SystemExit as end:  # argparse
        assert isinstance(end.code, int)
        return end.code


@pytest.mark.parametrize("key", [key.path for key in settings.KEYS])
def test_config_set_refuses_and_changes_nothing(
    key: str, host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (verbs, verbs_dns, verbs_ports):
        monkeypatch.setattr(module, "Host", lambda: again(host))
    before = state(host)
    refused = 0
    # The encoding of a terminal has no lone surrogates; "" removes a key.
    for value in (v for v in HOSTILE if v and v.isprintable() | ("\udcff" not in v)):
        code = commanded("config", "set", "--", key, value)
        said = capsys.readouterr()
        if code == 0:
            settings.parse(host.text(paths.SETTINGS))
            put(host.root, paths.SETTINGS, FALCOT)
            continue
        refused += 1
        assert code == 2, (value, said)
        assert said.out == ""
        assert re.fullmatch(r"falcot-rtc: [^\n]+ \(hint: [^\n]+\)\n", said.err), said.err
        assert key in said.err or key.rpartition(".")[0] in said.err
        assert state(host) == before, value
    assert refused > len(HOSTILE) // 2


@pytest.mark.parametrize("key", [v for v in HOSTILE if "\udcff" not in v and len(v) < 1000])
def test_config_of_an_unknown_key(
    key: str, host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (verbs, verbs_dns, verbs_ports):
        monkeypatch.setattr(module, "Host", lambda: again(host))
    before = state(host)
    if key == "admin":
        return
    assert commanded("config", "set", "--", key, "x") == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.strip().isprintable()
    assert "no such key" in said.err
    assert state(host) == before


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("verb", ["plan", "apply", "status", "ports", "dns show"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (paths.SETTINGS, FALCOT.replace("falcot.com", "falcot.com\\nno-auth")),
        (paths.SETTINGS, FALCOT.replace("198.51.100.20", "0.0.0.0")),
        (paths.SETTINGS, "version = 0x" + "f" * 5000),
        (f"{paths.POLICY_D}/turn.toml", 'denied-peers = ["fe80::%\\nno-auth/64"]'),
        (f"{paths.POLICY_D}/sip.toml", "workers = 0x" + "f" * 5000),
        (f"{paths.POLICY_D}/xmpp.toml", "x = " + "[" * 5000),
        (f"{paths.POLICY_D}/web.toml", '"a\\nb" = 1'),
    ],
    ids=lambda value: value[:40].encode("unicode_escape").decode(),
)
def test_every_verb_refuses_before_it_acts(
    verb: str, path: str, text: str, host: FakeHost,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for module in (verbs, verbs_dns, verbs_ports):
        monkeypatch.setattr(module, "Host", lambda: again(host))
    put(host.root, path, text)
    before, commands = state(host), len(host.system.commands)
    assert commanded(*verb.split()) == 2
    said, ran = capsys.readouterr(), host.system.commands[commands:]
    # What runs all the same is what somebody with broken settings wants to know.
    assert bool(said.out) == bool(ran) == (verb == "status")
    assert {argv[:2] for argv in ran} <= {("systemctl", "show")}
    assert re.fullmatch(r"falcot-rtc: [^\n]+ \(hint: [^\n]+\)\n", said.err), said.err
    assert state(host) == before


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("question", [q.name for q in answers.KEYED])
@pytest.mark.parametrize("value", ["a b\r\u2028\\", "\udcff", "../x\x0b"])
def test_a_junk_answer_leaves_the_host_held(
    question: str, value: str, host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.remove(paths.SETTINGS)
    before = state(host)
    assert hooks.configure(again(host), {**PRESEED, question: value}) == hooks.HELD
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    key = next(q.key for q in answers.KEYED if q.name == question)
    assert key in said
    after = state(host)
    # The hold alone, which outlives a reboot: its drop-ins, and what they look for.
    assert {p for p in after if after[p] != before.get(p)} == {
        hold.MARKER,
        *(p.replace("/run/", "/etc/") for p in before if p.endswith(paths.HOLD_DROPIN)),
    }
    assert set(before) <= set(after)
    assert not [unit for unit in host.system.units.values() if unit.active]


OVERLAYS = (b"a\nno-auth", b"a\\", b"\xff", b'"', b"{{ x }}", b"a b", b"\xe2\x80\xa8")


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("provider", ["coturn", "kamailio", "prosody", "apache2"])
@pytest.mark.parametrize("name", OVERLAYS, ids=repr)
def test_an_overlay_with_a_hostile_name(provider: str, name: bytes, host: FakeHost) -> None:
    put(host.root, f"{paths.LOCAL_D}/{provider}/10-fine", "")
    directory = bytes(host.at(f"{paths.LOCAL_D}/{provider}"))
    Path(str(directory + b"/" + name, "utf-8", "surrogateescape")).write_text("")
    with pytest.raises(UsageError) as caught:
        apply.apply(again(host), report=lambda line: None)
    one_line(caught.value)
    assert f"{paths.LOCAL_D}/{provider}/" in caught.value.message
    assert not host.exists(paths.GENERATIONS)
    assert not host.exists(paths.CURRENT)
