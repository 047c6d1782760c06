# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import fcntl
import io
from pathlib import Path

import pytest

from falcot_rtc import answers, apply, hooks, paths
from falcot_rtc.accounts import sync
from tests.unit.fake_host import FALCOT, STOCK, FakeHost, again, files, fresh, put
from tests.unit.test_answers import PRESEED

pytestmark = pytest.mark.usefixtures("network", "volatile")
PASSWORD = "correct horse battery staple"


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path, settings="")


def running(host: FakeHost) -> set[str]:
    return {name for name, unit in host.system.units.items() if unit.active}


def configure(host: FakeHost, **more: str) -> int:
    return hooks.configure(again(host), {**PRESEED, **more})


def test_a_preseeded_installation(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    given = {**PRESEED, "falcot-rtc/admin-password": PASSWORD}
    assert hooks.configure(host, given) == hooks.CONFIGURED
    assert len(running(host)) == 9
    shown = capsys.readouterr()
    assert shown.out == ""
    assert PASSWORD not in shown.err
    assert all(line.startswith("falcot-rtc: ") for line in shown.err.splitlines())


def test_the_password_is_kept_nowhere(host: FakeHost) -> None:
    hooks.configure(host, {**PRESEED, "falcot-rtc/admin-password": PASSWORD})
    for path in files(host):
        assert PASSWORD.encode() not in (host.read(path) or b""), path
    assert not host.exists(sync.PASSWORD_FILE)
    assert PASSWORD not in str(host.system.commands)


def test_without_a_password_one_is_made_and_told_where(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    assert configure(host) == hooks.CONFIGURED
    password = host.text(sync.PASSWORD_FILE).strip()
    assert len(password) >= 16
    assert host.access(sync.PASSWORD_FILE) == ("root", "root", 0o600)
    said = capsys.readouterr().err
    assert sync.PASSWORD_FILE in said
    assert password not in said


def test_without_a_domain_everything_stays_held(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hooks.configure(host, {**PRESEED, "falcot-rtc/domain": ""}) == hooks.HELD
    assert running(host) == set()
    assert not host.exists(paths.SETTINGS)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "dpkg-reconfigure falcot-rtc" in said[0]
    for unit in STOCK:
        assert host.exists(f"/etc/systemd/system/{unit}.d/{paths.HOLD_DROPIN}")


def test_a_wrong_answer_keeps_the_hold_and_the_settings(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"falcot-rtc/ipv4": "198.51.100.300"}
    assert configure(host, **wrong) == hooks.HELD
    assert not host.exists(paths.SETTINGS)
    assert "198.51.100.300" in capsys.readouterr().err
    assert configure(host) == hooks.CONFIGURED
    before = files(host)
    assert configure(host, **wrong) == hooks.HELD
    assert files(host) == before
    assert len(running(host)) == 9


def test_an_upgrade_changes_nothing(host: FakeHost) -> None:
    configure(host)
    before = files(host)
    assert configure(host) == hooks.CONFIGURED
    assert files(host) == before


def test_apt_shows_which_edit_by_hand_was_put_aside(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(host)
    path = f"{paths.GENERATIONS}/1/turn/turnserver.conf"
    host.write(path, (host.read(path) or b"") + b"# mine\n", mode=0o644)
    capsys.readouterr()
    configure(host)
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "edited by hand" in one]
    assert line.startswith("falcot-rtc: keep turn/turnserver.conf, edited by hand, as ")
    assert "# mine" not in host.text(f"{paths.GENERATIONS}/2/turn/turnserver.conf")


def test_reconfiguring(host: FakeHost) -> None:
    configure(host)
    shown = answers.parse(hooks.answers_for_config(again(host)))
    assert shown == {}
    assert configure(host, **{"falcot-rtc/services": "xmpp"}) == hooks.CONFIGURED
    assert running(host) == {"prosody.service", "falcot-rtc-certificate.timer"}


def test_an_edit_is_shown_and_then_kept(host: FakeHost) -> None:
    configure(host)
    text = host.text(paths.SETTINGS).replace("falcot.com", "example.net")
    put(host.root, paths.SETTINGS, text)
    shown = answers.parse(hooks.answers_for_config(again(host)))
    assert shown == {"falcot-rtc/domain": "example.net"}
    assert configure(host, **shown) == hooks.CONFIGURED
    # And the realm that the administrator's password was made for is kept.
    assert host.text(paths.SETTINGS) == text.replace(
        'admin = "admin"\n', 'admin = "admin"\nrealm = "falcot.com"\n'
    )
    assert hooks.answers_for_config(again(host)) == ""


def test_answers_of_setup_all_count_and_debconf_learns_of_them(host: FakeHost) -> None:
    """Nobody told debconf: without a look at the settings its next run would bring back its own."""
    configure(host)
    settings = host.text(paths.SETTINGS).replace("turn", "xmpp", 1)
    host.write(paths.SETTINGS, settings.encode(), mode=0o644)
    given = {**PRESEED, "falcot-rtc/services": "web", "falcot-rtc/ipv4": "198.51.100.20"}
    given["falcot-rtc/ipv4-alternate"] = ""
    assert hooks.configure(again(host), given, by_debconf=False) == hooks.CONFIGURED
    assert 'bind = "198.51.100.20"' in host.text(paths.SETTINGS)
    shown = answers.parse(hooks.answers_for_config(again(host)))
    assert shown["falcot-rtc/ipv4"] == "198.51.100.20"
    assert shown["falcot-rtc/services"] == "web"
    assert configure(host, **shown) == hooks.CONFIGURED
    assert 'bind = "198.51.100.20"' in host.text(paths.SETTINGS)


def test_damaged_settings_do_not_stop_config(host: FakeHost) -> None:
    configure(host)
    put(host.root, paths.SETTINGS, "version = ")
    assert configure(host) == hooks.HELD


def test_a_service_that_does_not_start_leaves_it_held(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.system.refuses["kamailio.service"] = "KAMAILIO"
    assert configure(host) == hooks.HELD
    assert running(host) == set()
    assert host.system.stock_starts == []
    assert "not applied, everything is as before: kamailio.service" in capsys.readouterr().err
    host.system.refuses.clear()
    assert configure(host) == hooks.CONFIGURED


@pytest.mark.parametrize(
    ("surprise", "line"),
    [
        (
            ZeroDivisionError("a fault\nof ours"),
            "internal error: ZeroDivisionError: a fault of ours",
        ),
        (OSError(28, "No space left on device", "/x"), "/x: No space left on device"),
    ],
)
@pytest.mark.parametrize("hook", ["configure", "triggered"])
def test_whatever_goes_wrong_dpkg_goes_on_and_services_stay_held(
    host: FakeHost,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    surprise: Exception,
    line: str,
    hook: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise surprise

    journal: list[str] = []
    monkeypatch.setattr(hooks, "audit", journal.append)
    monkeypatch.setattr(apply, "apply", fail)
    put(host.root, paths.SETTINGS, FALCOT)
    given = {**PRESEED, "falcot-rtc/admin-password": PASSWORD}
    code = hooks.configure(host, given) if hook == "configure" else hooks.triggered(host)
    assert code == hooks.HELD
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"falcot-rtc: {line} (hint: ")
    assert ("journalctl -t falcot-rtc" in said) == ("internal" in line)
    assert (journal[:1] == ["Traceback (most recent call last):"]) == ("internal" in line)
    assert PASSWORD not in "".join(journal)
    for unit in STOCK:
        assert host.exists(f"/etc/systemd/system/{unit}.d/{paths.HOLD_DROPIN}")


def test_another_at_work_is_waited_for_before_answers_are_taken(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(host)
    before = files(host)
    with host.at(paths.LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert configure(host, **{"falcot-rtc/domain": "example.net"}) == hooks.HELD
    assert files(host) == before
    assert "another falcot-rtc is at work" in capsys.readouterr().err


def test_a_trigger_before_there_are_settings(host: FakeHost) -> None:
    before = files(host)
    assert hooks.triggered(host) == hooks.CONFIGURED
    assert files(host) == before


def test_a_trigger_has_the_settings_judged_again(host: FakeHost) -> None:
    configure(host)
    assert hooks.triggered(again(host)) == hooks.CONFIGURED
    put(host.root, paths.SETTINGS, FALCOT + "[")
    assert hooks.triggered(again(host)) == hooks.HELD
    assert len(running(host)) == 9


def test_letting_go(host: FakeHost) -> None:
    configure(host)
    assert hooks.deactivate(again(host)) == hooks.CONFIGURED
    assert running(host) == set()


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert hooks.main(["nonsense"]) == 2
    assert hooks.main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "usage:" in shown.err


def test_standard_output_is_debconfs(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hooks, "Host", lambda: again(host))
    given = io.BytesIO(answers.dump(PRESEED).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(given))
    assert hooks.main(["configure"]) == 0
    assert hooks.main(["triggered"]) == 0
    assert capsys.readouterr().out == ""
    put(host.root, paths.SETTINGS, host.text(paths.SETTINGS).replace('"admin"', '"joe"'))
    assert hooks.main(["answers-for-config"]) == 0
    assert capsys.readouterr().out == "falcot-rtc/admin\tjoe\n"
    assert hooks.main(["deactivate"]) == 0


@pytest.mark.parametrize(
    "junk", [b"a.b\rfalcot-rtc/manage\tfalse", b"\xff", b"a.b\xe2\x80\xa8falcot-rtc/manage\tfalse"]
)
def test_bytes_of_an_answer_are_nothing_but_its_value(
    junk: bytes, host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line ends at LF alone, and text that is not UTF-8 is a wrong answer, not a crash."""
    monkeypatch.setattr(hooks, "Host", lambda: again(host))
    given = answers.dump(PRESEED).encode().replace(b"Falcot.com", junk)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert hooks.main(["configure"]) == hooks.HELD
    said = capsys.readouterr().err
    assert "domain.name" in said and said.count("\n") == 1
    assert not host.exists(paths.SETTINGS)
