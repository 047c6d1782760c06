# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from falcot_rtc import apply, certificates, paths, sources, verbs_cert
from falcot_rtc.errors import FalcotError
from tests.unit.fake_host import FALCOT, FakeHost, again, fresh, put
from tests.unit.test_deploy import EXISTING, present, shown

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    made = fresh(tmp_path)
    apply.apply(made, report=lambda _: None)
    made.system.commands.clear()
    monkeypatch.setattr(verbs_cert, "Host", lambda: again(made))
    monkeypatch.setattr("falcot_rtc.audit.note", lambda line: None)
    return again(made)


def call(verb: str, **given: Any) -> int:
    defaults = {"json": False, "due": False, "deploy": False, "fingerprint": False}
    return int(getattr(verbs_cert, verb)(argparse.Namespace(**defaults | given)))


def test_status(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("status", json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fingerprint"] == present(host)
    assert {row["served"] for row in found["listeners"]} == {present(host)}
    assert {row["port"] for row in found["listeners"]} >= {443, 5061, 5222, 5349, 8443}
    assert found["own_ca"] is True and found["refused"] == ""
    assert call("status") == 0
    said = capsys.readouterr().out
    assert certificates.readable(present(host)) in said
    assert "NOT SERVED" not in said


def test_status_of_a_port_that_serves_another(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.system.stuck.add("coturn.service")
    put(host.root, f"{paths.POLICY_D}/tls.toml", "days = 30\n")
    for path in (sources.SITE_CHAIN, sources.SITE_KEY):
        host.remove(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("falcot_rtc.served.await_everywhere", lambda *_: 0)
        call("renew")
    assert call("status") == 1
    assert capsys.readouterr().out.count("NOT SERVED") == 3
    host.system.units["coturn.service"].active = False
    assert call("status") == 1
    assert "refused" in capsys.readouterr().out


def test_renew(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    before = present(host)
    assert call("renew", due=True) == 0
    assert call("renew", deploy=True) == 0
    assert present(host) == before
    capsys.readouterr()
    assert call("renew") == 0
    assert shown(host) == {present(host)} != {before}
    assert "is served on" in capsys.readouterr().out


def test_a_refused_renewal_is_an_error_and_noted(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr("falcot_rtc.audit.note", noted.append)
    names = certificates.names_of(host.read(sources.SITE_CHAIN) or b"")
    now = verbs_cert._now()
    ca = certificates.new_ca("elsewhere", now)
    old = time.time() - 60
    for days in (90, 0):
        pair = certificates.issue(ca, names, days, now)
        for path, text in (("/etc/ssl/site.pem", pair.chain), ("/etc/ssl/site.key", pair.key)):
            put(host.root, path, text.decode())
            os.utime(host.at(path), (old, old))
        if days:
            put(host.root, paths.SETTINGS, EXISTING + FALCOT)
            apply.apply(host, report=lambda _: None)
    with pytest.raises(FalcotError, match=r"the one before stays in service: .*expired on"):
        call("renew", due=True)
    assert any("refused" in line and "expired" in line for line in noted)


def test_files_that_are_being_written_are_waited_for(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands there in the middle is not judged, and not complained about."""
    put(host.root, "/etc/ssl/site.pem", "half")
    waited: list[float] = []

    def wait(*given: object) -> None:
        waited.append(float(str(given[-1])))
        old = time.time() - 60
        os.utime(host.at("/etc/ssl/site.pem"), (old, old))

    monkeypatch.setattr("select.select", wait)
    verbs_cert._settle(host, {"/etc/ssl/site.pem": 0.0})
    assert len(waited) == 1 and 0 < waited[0] <= 3
    verbs_cert._settle(host, {"/etc/ssl/site.pem": 0.0})
    assert len(waited) == 1


def test_timers_do_nothing_where_nothing_is_set_up(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare = fresh(tmp_path / "bare", settings="")
    monkeypatch.setattr(verbs_cert, "Host", lambda: bare)
    assert call("renew", due=True) == 0
    with pytest.raises(FalcotError):
        call("renew")


def test_ca(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("ca") == 0
    said = capsys.readouterr()
    assert said.out == host.text(sources.CA_CHAIN)
    fingerprint = certificates.readable(certificates.fingerprint(said.out.encode()))
    assert fingerprint in said.err
    assert call("ca", fingerprint=True) == 0
    assert capsys.readouterr().out == fingerprint + "\n"
    host.remove(sources.CA_CHAIN)
    with pytest.raises(FalcotError, match="no certificate authority"):
        call("ca")


def test_a_public_ca_that_refuses_leaves_all_as_it_was(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(host.root, paths.SETTINGS, 'certificate = { source = "acme" }\n' + FALCOT)
    apply.apply(host, report=lambda _: None)
    before = present(host)
    asked: list[object] = []

    def refuse(*given: object) -> None:
        asked.append(given)
        raise FalcotError("no A record")

    monkeypatch.setattr("falcot_rtc.acme.request", refuse)
    for given in ({"due": True}, {}):
        with pytest.raises(FalcotError, match="no A record"):
            call("renew", **given)
    assert len(asked) == 2
    # The hook of certbot asks nobody: it was called by one who just did.
    assert call("renew", deploy=True) == 0
    assert len(asked) == 2
    assert shown(host) == {present(host)} == {before}
