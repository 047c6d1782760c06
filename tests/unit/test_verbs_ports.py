# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from falcot_rtc import apply, cli, paths, settings, ssh_ports, verbs_ports
from tests.unit.fake_host import FALCOT, FakeHost, again, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    put(tmp_path, ssh_ports.SSHD, "")
    apply.apply(made)
    return made


@pytest.fixture
def run(host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(verbs_ports, "Host", lambda: again(host))

    def call(*argv: str) -> tuple[int, str]:
        code = cli.main(("ports", *argv))
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call


def test_the_table(run: Run) -> None:
    rows = json.loads(run("--json")[1])
    assert {"turn-udp-ipv4", "sip-wss-ipv6", "web-https-ipv4"} <= {row["id"] for row in rows}
    shown = run()[1]
    assert any(
        row.split()
        == ["turn-relay-ipv4", "udp", "198.51.100.19", "49152-65535", "public", "coturn"]
        for row in shown.splitlines()
    )


def test_the_filter_is_shown_and_nothing_done(host: FakeHost, run: Run) -> None:
    code, shown = run("--nft")
    assert code == 0
    assert "ssh_ports { 22 }" in shown and 'dport 5061 accept comment "sip-tls"' in shown
    assert not host.system.filter


def test_nobody_there_to_ask(host: FakeHost, run: Run) -> None:
    code, shown = run("load")
    assert code == 2 and "give --yes" in shown
    # Shown before it would be applied.
    assert "policy drop" in shown and not host.system.filter


@pytest.mark.parametrize(("said", "loaded"), [("y", True), ("", False), ("no", False)])
def test_somebody_is_asked(
    host: FakeHost, run: Run, monkeypatch: pytest.MonkeyPatch, said: str, loaded: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: said)
    assert run("load")[0] == (not loaded)
    assert bool(host.system.filter) == loaded


def test_tried_confirmed_and_unloaded(host: FakeHost, run: Run) -> None:
    code, shown = run("load", "--yes", "--seconds", "30")
    assert (code, host.system.take_back) == (0, 30)
    assert "falcot-rtc ports confirm" in shown
    assert not settings.parse(host.text(paths.SETTINGS)).firewall
    assert run("confirm")[0] == 0
    assert settings.parse(host.text(paths.SETTINGS)).firewall
    assert host.system.take_back == 0
    unit = host.system.units["falcot-rtc-firewall.service"]
    assert unit.enabled and unit.active
    assert "in force already" in run("load", "--yes")[1]
    assert run("unload")[0] == 0
    assert host.text(paths.SETTINGS) == FALCOT
    assert not host.system.filter and not unit.enabled


def test_nothing_to_confirm(host: FakeHost, run: Run) -> None:
    code, shown = run("confirm")
    assert code == 1 and "nothing to confirm" in shown
    assert host.text(paths.SETTINGS) == FALCOT


def test_what_can_not_be_kept_is_taken_back(host: FakeHost, run: Run) -> None:
    run("load", "--yes")
    host.system.judges["nft"] = "dport"
    assert run("confirm")[0] == 1
    assert host.text(paths.SETTINGS) == FALCOT
    assert not host.system.filter


def test_other_changes_come_first(host: FakeHost, run: Run) -> None:
    put(host.root, paths.SETTINGS, 'services = ["sip"]\n' + FALCOT)
    code, shown = run("load", "--yes")
    assert code == 1 and "falcot-rtc apply carries them out" in shown
    assert not host.system.filter


@pytest.mark.parametrize("seconds", ["4", "3601"])
def test_a_time_that_nobody_means(run: Run, seconds: str) -> None:
    assert run("load", "--yes", "--seconds", seconds)[0] == 2
