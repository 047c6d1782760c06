# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import io
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from falcot_rtc import apply, bundle, certificates, paths, served, sources, verbs_cert
from falcot_rtc import verbs_cert_install as installing
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.judgement import Pair
from tests.unit.fake_host import FakeHost, again, files, fresh, put
from tests.unit.test_deploy import certificates_of, present, shown

pytestmark = pytest.mark.usefixtures("network", "volatile")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    made = fresh(tmp_path / "host")
    apply.apply(made, report=lambda _: None)
    monkeypatch.setattr(installing, "Host", lambda: again(made))
    monkeypatch.setattr("falcot_rtc.audit.note", lambda line: None)
    return again(made)


def issued(host: FakeHost, names: tuple[str, ...] = ()) -> Pair:
    now = verbs_cert._now()
    wanted = names or certificates.names_of(host.read(sources.SITE_CHAIN) or b"")
    return certificates.issue(certificates.new_ca("elsewhere", now), wanted, 90, now)


def call(*given: Path, password: str | None = None) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(password or ""))
        names = [str(path) for path in given]
        return verbs_cert.install(
            argparse.Namespace(files=names, password_stdin=password is not None)
        )


def test_a_file_in_the_wrong_order(host: FakeHost, tmp_path: Path) -> None:
    pair = issued(host)
    both = tmp_path / "all.pem"
    both.write_bytes(pair.key + pair.chain)
    assert call(both) == 0
    assert shown(host) == {certificates.fingerprint(pair.chain)}
    for path, content in ((installing.KEY, pair.key), (installing.CHAIN, pair.chain)):
        assert host.read(path) == content
        assert host.access(path) == ("root", "root", 0o600)
    assert host.at(paths.INSTALLED).stat().st_mode & 0o777 == 0o700
    assert 'source = "existing"' in host.text(paths.SETTINGS)
    assert host.system.units["falcot-rtc-certificate.path"].active
    assert apply.prepare(again(host)).lines == []


def test_a_container(host: FakeHost, tmp_path: Path) -> None:
    pair = issued(host)
    leaf, root = bundle.certificates(pair.chain)
    key = serialization.load_pem_private_key(pair.key, None)
    container = tmp_path / "site.p12"
    container.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"site",
            key,  # type: ignore[arg-type]
            leaf,
            [root],
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    for password in (None, "wrong\n"):
        with pytest.raises(UsageError, match="cert install: the file is no PKCS#12") as caught:
            call(container, password=password)
        assert "--password-stdin" in caught.value.hint
    assert call(container, password="secret\n") == 0
    assert shown(host) == {certificates.fingerprint(pair.chain)}


def test_what_does_not_fit_changes_nothing(host: FakeHost, tmp_path: Path) -> None:
    before = files(host)
    both = tmp_path / "all.pem"
    for names, said in ((("falcot.com",), "lacks the name server1"), ((), "does not belong")):
        pair = issued(host, names)
        both.write_bytes(pair.chain + (pair.key if names else issued(host).key))
        with pytest.raises(UsageError, match=said):
            call(both)
    with pytest.raises(UsageError, match="No such file"):
        call(tmp_path / "nothing.pem")
    assert files(host) == before


def test_what_a_service_does_not_take_up_is_taken_back(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "DEADLINE", 0.0)
    before, settings = certificates_of(host), host.text(paths.SETTINGS)
    both = tmp_path / "all.pem"
    pair = issued(host)
    both.write_bytes(pair.chain + pair.key)
    host.system.stuck.add("kamailio.service")
    with pytest.raises(FalcotError, match="not applied, everything is as before"):
        call(both)
    assert certificates_of(host) == before
    assert host.text(paths.SETTINGS) == settings
    assert not host.exists(paths.INSTALLED)
    assert shown(host) == {present(host)}


def test_other_changes_are_not_carried_out(
    host: FakeHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(host.root, f"{paths.POLICY_D}/web.toml", "hsts-seconds = 0\n")
    before = present(host)
    pair = issued(host)
    both = tmp_path / "all.pem"
    both.write_bytes(pair.chain + pair.key)
    assert call(both) == 0
    assert "falcot-rtc apply" in capsys.readouterr().out
    assert present(host) == before
    apply.apply(again(host), report=lambda _: None)
    assert shown(host) == {certificates.fingerprint(pair.chain)}
