# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc import answers, apply, cli, paths, verbs
from falcot_rtc.probes import checks
from tests.unit.fake_host import FALCOT, FakeHost, again, files, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str]]


def quiet(line: str) -> None:
    """Takes a report."""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


@pytest.fixture
def run(host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line on that host: exit code, and all that was shown."""
    monkeypatch.setattr(verbs, "Host", lambda: again(host))

    def call(*argv: str) -> tuple[int, str]:
        code = cli.main(argv)
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call


@pytest.fixture
def applied(host: FakeHost) -> FakeHost:
    apply.apply(host, report=quiet)
    return host


@pytest.mark.parametrize("verb", [["plan"], ["apply", "--dry-run"]])
def test_a_plan_says_everything_and_does_nothing(host: FakeHost, run: Run, verb: list[str]) -> None:
    before = files(host)
    code, shown = run(*verb)
    assert code == 0
    assert "+listening-ip=198.51.100.19\n" in shown
    assert "restart coturn.service (it does not run)\n" in shown
    assert "add the account admin@falcot.com\n" in shown
    assert files(host) == before


def test_no_secret_is_shown(applied: FakeHost, run: Run) -> None:
    secret = applied.text(f"{paths.SECRETS}/turn-minted").split()[-1]
    assert secret in applied.text(f"{paths.GENERATIONS}/1/xmpp/minted.cfg.lua")
    put(applied.root, f"{paths.GENERATIONS}/1/xmpp/falcot-rtc.cfg.lua", f"x {secret}\n")
    applied.at(f"{paths.SECRETS}/empty").touch()
    code, shown = run("plan")
    assert code == 0
    assert "(hidden: carries a secret)" in shown
    assert "+c2s_require_encryption = true" in shown
    assert secret not in shown


def test_apply_and_nothing_to_do(host: FakeHost, run: Run) -> None:
    code, shown = run("apply")
    assert code == 0
    assert "switch to generation 1\n" in shown
    assert run("apply") == (0, "nothing to do\n")
    assert run("plan") == (0, "nothing to do\n")


@pytest.mark.parametrize("verb", ["plan", "apply", "status"])
def test_a_misspelt_key_is_named(applied: FakeHost, run: Run, verb: str) -> None:
    put(applied.root, paths.SETTINGS, FALCOT + "[adress.ipv6]\nbind = '2001:db8::1'\n")
    code, shown = run(verb)
    assert code == 0
    assert "falcot-rtc: warning: /etc/falcot-rtc/settings.toml: adress: no such key" in shown


def test_a_refused_apply_is_1(host: FakeHost, run: Run) -> None:
    host.system.refuses["prosody.service"] = "VirtualHost"
    code, shown = run("apply")
    assert code == 1
    assert "falcot-rtc: not applied, everything is as before: prosody.service" in shown


def test_status(applied: FakeHost, run: Run) -> None:
    code, shown = run("status", "--json")
    assert code == 0
    found = json.loads(shown)
    assert found["managed"] is True
    assert found["generation"] == 1
    assert found["domains"] == ["falcot.com"]
    assert found["services"] == ["turn", "sip", "xmpp", "web"]
    assert found["held"] == found["pending"] == []
    assert found["units"]["coturn.service"]["active"] is True
    code, shown = run("status")
    assert "unit        coturn.service: runs\n" in shown


def test_status_names_what_is_not_applied(applied: FakeHost, run: Run) -> None:
    put(applied.root, f"{paths.LOCAL_D}/coturn/10-rate", "max-bps=1\n")
    applied.system.units["prosody.service"].active = False
    found = json.loads(run("status", "--json")[1])
    assert found["overlays"] == {"coturn": ["10-rate"]}
    assert "write generation 2" in found["pending"]
    shown = run("status")[1]
    assert "unit        prosody.service: does not run\n" in shown
    assert "pending     write generation 2\n" in shown


def test_status_of_a_held_host(host: FakeHost, run: Run) -> None:
    shown = run("status")[1]
    assert "held        kamailio.service: not configured yet\n" in shown


def test_status_without_settings(host: FakeHost, run: Run) -> None:
    host.remove(paths.SETTINGS)
    host.system.units["prosody.service"].active = True
    code, shown = run("status")
    assert code == 1
    assert "unit        prosody.service: runs" in shown
    assert "held        kamailio.service: not configured yet\n" in shown
    assert f"falcot-rtc: {paths.SETTINGS}: does not exist (hint: " in shown


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        (paths.SETTINGS, "version = 1\ndomain = 7\n", "settings.toml: domain: "),
        (paths.SETTINGS, "domain = [", "settings.toml"),
        (f"{paths.POLICY_D}/sip.toml", "workers = -1\n", "sip.toml"),
    ],
)
def test_status_with_broken_settings(
    applied: FakeHost, run: Run, path: str, text: str, complaint: str
) -> None:
    put(applied.root, path, text)
    code, shown = run("status")
    assert code == 2
    assert "unit        apache2@falcot-rtc.service: runs\n" in shown
    assert "generation  1\n" in shown
    assert complaint in shown.splitlines()[-1]
    found = json.loads(run("status", "--json")[1])
    assert found["units"]["coturn.service"]["active"] is True
    assert complaint in found["error"]


def test_getting_settings(applied: FakeHost, run: Run) -> None:
    assert run("config", "get", "domain.name") == (0, "falcot.com\n")
    assert run("config", "get", "address.ipv4.public") == (0, "\n")
    code, shown = run("config", "get")
    assert "address.ipv6.bind\t2001:db8:1000:2000::19\n" in shown
    code, shown = run("config", "get", "adress")
    assert code == 2
    assert "no such key" in shown


def test_setting_one(applied: FakeHost, run: Run) -> None:
    assert run("config", "set", "--check", "admin", "joe") == (1, "admin would change\n")
    assert applied.text(paths.SETTINGS) == FALCOT
    assert run("config", "set", "admin", "joe")[0] == 0
    assert run("config", "get", "admin") == (0, "joe\n")
    assert run("config", "set", "admin", "joe") == (0, "")
    assert run("config", "set", "--check", "admin", "joe") == (0, "")
    assert run("config", "set", "admin", "")[0] == 0
    assert run("config", "get", "admin") == (0, "\n")


def test_keys_that_need_each_other_are_set_at_once(host: FakeHost, run: Run) -> None:
    host.remove(paths.SETTINGS)
    code, shown = run("config", "set", "domain.name", "falcot.com")
    assert code == 2
    assert "keys that need each other: falcot-rtc config set KEY VALUE KEY VALUE" in shown
    assert not host.exists(paths.SETTINGS)
    both = ("domain.name", "falcot.com", "address.ipv4.bind", "198.51.100.19")
    assert run("config", "set", "--check", *both) == (
        1,
        "domain.name would change\naddress.ipv4.bind would change\n",
    )
    assert not host.exists(paths.SETTINGS)
    assert run("config", "set", *both)[0] == 0
    assert run("config", "set", "--check", *both) == (0, "")
    # Two addresses change places.
    assert run("config", "set", "address.ipv4-alternate.bind", "198.51.100.20")[0] == 0
    swapped = ("address.ipv4.bind", "198.51.100.20", "address.ipv4-alternate.bind", "198.51.100.19")
    assert run("config", "set", *swapped)[0] == 0
    assert run("config", "set", "address.ipv4-alternate.bind", "") == (
        0,
        "address.ipv4-alternate.bind is removed; falcot-rtc apply makes it so\n",
    )


@pytest.mark.parametrize(
    "words", [["admin"], ["admin", "a", "admin", "b"], ["admin", "a", "realm"]]
)
def test_keys_without_values_and_twice_are_wrong_use(
    applied: FakeHost, run: Run, words: list[str]
) -> None:
    code, shown = run("config", "set", *words)
    assert code == 2
    assert "(hint: " in shown
    assert applied.text(paths.SETTINGS) == FALCOT


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("services", "turn, ftp", "has 'ftp', which is not one of: turn, sip, xmpp, web (hint: "),
        ("realm", "my realm", "(hint: What SIP and TURN passwords are bound to"),
        ("address.ipv4.bind", "198.51.100.300", "address.ipv4.bind: '198.51.100.300' is not"),
        ("domain.name", "", "no name"),
        ("certificate.source", "existing", "certificate.path: not set"),
        ("nonsense", "x", "no such key"),
    ],
)
def test_a_wrong_setting_is_not_written(
    applied: FakeHost, run: Run, key: str, value: str, said: str
) -> None:
    code, shown = run("config", "set", key, value)
    assert code == 2
    assert said in shown
    assert applied.text(paths.SETTINGS) == FALCOT


def test_a_preseed_gives_another_host_the_same_site(applied: FakeHost, run: Run) -> None:
    code, shown = run("dump-preseed")
    assert code == 0
    assert "password" not in shown
    given = {}
    for line in shown.splitlines():
        package, name, kind, *value = line.split(" ", 3)
        assert package == "falcot-rtc"
        assert kind in ("boolean", "string", "select", "multiselect")
        given[name] = value[0] if value else ""
    assert set(given) == {q.name for q in answers.KEYED}
    assert given["falcot-rtc/domain"] == "falcot.com"


def test_without_settings_one_line_says_what_to_do(host: FakeHost, run: Run) -> None:
    host.remove(paths.SETTINGS)
    for argv in (["plan"], ["dump-preseed"], ["check"]):
        code, shown = run(*argv)
        assert code == 1, argv
        assert shown.count("\n") == 1, argv
        assert "dpkg-reconfigure falcot-rtc" in shown, argv
    assert run("config", "get", "admin") == (0, "\n")


def test_a_ticket_is_printed_and_nothing_else(applied: FakeHost, run: Run) -> None:
    code, shown = run("check", "--ticket")
    assert code == 0
    assert len(json.loads(shown)["accounts"]) == 2


@pytest.mark.parametrize("content", [None, b"\xff", b"{", b"{}"])
def test_a_ticket_that_cannot_be_read(run: Run, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "a.ticket"
    if content is not None:
        file.write_bytes(content)
    code, shown = run("check", "--with", str(file))
    assert code == 2
    assert shown.count("\n") == 1


def result(identity: str, status: str, hint: str = "") -> checks.Result:
    return checks.Result(
        id=identity,
        title="claim",
        role="turn",
        status=status,
        detail="seen",
        hint=hint,
        seconds=0.1,
    )


GOOD, BAD = result("turn.ok", "ok"), result("turn.bad", "fail", "mend it")
WARN, SKIP = result("turn.warn", "warn", "look at it"), result("turn.skip", "skip")


@pytest.mark.parametrize(
    ("results", "code", "nagios", "line"),
    [
        ([GOOD], 0, 0, "FALCOT-RTC OK - 1 checks passed"),
        ([GOOD, SKIP], 0, 0, "FALCOT-RTC OK - 2 checks passed"),
        ([GOOD, WARN], 0, 1, "FALCOT-RTC WARNING - turn.warn"),
        ([GOOD, WARN, BAD], 1, 2, "FALCOT-RTC CRITICAL - turn.bad, turn.warn"),
    ],
)
def test_results_are_shown_to_people_and_machines(
    results: list[checks.Result],
    code: int,
    nagios: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def show(*argv: str) -> tuple[int, str]:
        found = verbs._show(results, cli.parser().parse_args(["check", *argv]))
        return found, capsys.readouterr().out

    assert show("--nagios") == (nagios, line + "\n")
    found, text = show("--json")
    assert found == code
    assert [row["id"] for row in json.loads(text)] == [r.id for r in results]
    found, text = show()
    assert found == code
    for each in results:
        assert each.id in text
    assert ("turn.bad: mend it\n" in text) is (BAD in results)
    results += [result("turn.worse", "fail", "mend it")] if BAD in results else []
    assert ("turn.bad and 1 more: mend it\n" in show()[1]) is (BAD in results)
    assert ("turn.ok" in show("--failed")[1]) is False


def test_a_plan_says_what_stands_in_its_way(
    host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("falcot_rtc.preflight.is_usable", lambda address: "." in address)
    code, shown = run("plan")
    assert code == 1
    assert "+listening-ip=198.51.100.19\n" in shown
    assert shown.endswith(
        "apply would refuse that: address.ipv6.bind: '2001:db8:1000:2000::19' is not an address of "
        "this host now (hint: configure it on this host, or correct it: "
        "dpkg-reconfigure falcot-rtc)\n"
    )
