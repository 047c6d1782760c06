# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
from pathlib import Path

import pytest

from falcot_rtc import apply, certificates, deploy, paths, served, sources
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.judgement import Pair
from falcot_rtc.policies import tls
from tests.unit.fake_host import FALCOT, FakeHost, Killed, again, files, fresh, put

pytestmark = pytest.mark.usefixtures("network", "volatile")

DAEMONS = {"coturn.service", "kamailio.service", "prosody.service", "apache2@falcot-rtc.service"}
EXISTING = """\
certificate = { source = "existing", path = "/etc/ssl/site.pem", key = "/etc/ssl/site.key" }
"""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = fresh(tmp_path)
    apply.apply(made, report=lambda _: None)
    made.system.commands.clear()
    return again(made)


def verbs(host: FakeHost) -> list[tuple[str, ...]]:
    """What was done to units."""
    done = ("reload", "restart", "start", "stop", "daemon-reload", "enable", "disable")
    return [a[1:] for a in host.system.commands if a[0] == "systemctl" and a[1] in done]


def shown(host: FakeHost) -> set[str]:
    site, _ = apply.read_site(host)
    seen = served.look(host, site, served.with_tls(site.endpoints))
    return {one.fingerprint for one in seen}


def present(host: FakeHost) -> str:
    return certificates.fingerprint(host.read(sources.SITE_CHAIN) or b"")


def certificates_of(host: FakeHost) -> dict[str, object]:
    return {path: row for path, row in files(host).items() if path.startswith(paths.TLS)}


def test_nothing_to_do(host: FakeHost) -> None:
    before = files(host)
    done = deploy.deploy(host)
    assert (done.changed, done.refused, done.fingerprint) == (False, "", present(host))
    assert files(host) == before
    assert verbs(host) == []


def test_a_renewal_reloads_every_service_once(host: FakeHost) -> None:
    before = present(host)
    done = deploy.deploy(host, anew=True)
    assert done.changed and done.ports > 15
    assert shown(host) == {present(host)} == {done.fingerprint} != {before}
    assert sorted(verbs(host)) == sorted(("reload", unit) for unit in DAEMONS)
    # And apply knows it.
    assert apply.apply(again(host), report=lambda _: None).lines == []


def test_what_the_settings_add_waits_for_apply(host: FakeHost) -> None:
    served_names = certificates.names_of(host.read(sources.SITE_CHAIN) or b"")
    text = f'{host.text(paths.SETTINGS)}\n[[domain]]\nname = "example.net"\n'
    host.write(paths.SETTINGS, text.encode(), mode=0o644)
    before = certificates_of(host)
    assert not deploy.deploy(again(host)).changed
    assert certificates_of(host) == before
    # A renewal that is due is for the names that people use now.
    assert deploy.deploy(again(host), anew=True).changed
    assert certificates.names_of(host.read(sources.SITE_CHAIN) or b"") == served_names
    assert certificates_of(host).keys() == before.keys()
    assert apply.apply(again(host), report=lambda _: None).writes
    assert "example.net" in certificates.names_of(host.read(sources.SITE_CHAIN) or b"")


def test_a_service_that_does_not_take_it_up(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "DEADLINE", 0.0)
    host.system.stuck.add("prosody.service")
    before = certificates_of(host)
    with pytest.raises(FalcotError, match="the one before is back: prosody has not taken up"):
        deploy.deploy(host, anew=True)
    assert certificates_of(host) == before
    assert shown(host) == {present(host)}
    host.system.stuck.clear()
    assert apply.apply(again(host), report=lambda _: None).lines == []


def test_a_reload_that_fails(host: FakeHost) -> None:
    host.system.deaf.add("kamailio.service")
    before = certificates_of(host)
    with pytest.raises(FalcotError, match="the one before is back"):
        deploy.deploy(host, anew=True)
    assert certificates_of(host) == before
    assert shown(host) == {present(host)}


def test_a_copy_that_was_not_there_before_goes_again(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "DEADLINE", 0.0)
    host.system.stuck.add("kamailio.service")
    host.remove(f"{paths.TLS}/coturn/key.pem")
    with pytest.raises(FalcotError):
        deploy.deploy(host, anew=True)
    assert not host.exists(f"{paths.TLS}/coturn/key.pem")


@pytest.mark.parametrize("dies_at", range(1, 18))
def test_what_a_kill_interrupted_is_completed(host: FakeHost, dies_at: int) -> None:
    try:
        deploy.deploy(again(host, dies_at=dies_at), anew=True)
    except Killed:
        pass
    else:
        assert dies_at > 14
    deploy.deploy(again(host))
    assert shown(host) == {present(host)}
    assert apply.apply(again(host), report=lambda _: None).lines == []


def test_what_an_administrator_prepares_is_left_to_apply(host: FakeHost) -> None:
    put(host.root, f"{paths.LOCAL_D}/coturn/x.conf", "max-bps=1\n")
    put(host.root, f"{paths.POLICY_D}/web.toml", "hsts-seconds = 0\n")
    deploy.deploy(host, anew=True)
    assert {verb for verb, *_ in verbs(host)} == {"reload"}
    left = apply.prepare(again(host))
    said = "\n".join(left.lines)
    assert "restart coturn.service (its settings change)" in said
    assert "reload apache2@falcot-rtc.service" in said


def test_a_refused_one_is_told(host: FakeHost) -> None:
    now = datetime.datetime.now(datetime.UTC)
    names = tls.names(apply.read_site(host)[0].settings)
    ca = certificates.new_ca("elsewhere", now)

    def give(pair: Pair) -> None:
        put(host.root, "/etc/ssl/site.pem", pair.chain.decode())
        put(host.root, "/etc/ssl/site.key", pair.key.decode())

    give(good := certificates.issue(ca, names, 90, now))
    put(host.root, paths.SETTINGS, EXISTING + FALCOT)
    apply.apply(host, report=lambda _: None)
    give(certificates.issue(ca, names[:2], 90, now))
    done = deploy.deploy(host)
    assert not done.changed
    assert "lacks the name" in done.refused
    assert shown(host) == {certificates.fingerprint(good.chain)}
    # And so does apply, which says it as well.
    said: list[str] = []
    assert apply.apply(again(host), report=said.append).refused == done.refused
    assert any("the one before stays in service" in line for line in said)


def test_a_host_without_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(FalcotError, match="not configured"):
        deploy.deploy(fresh(tmp_path))


def test_settings_that_are_wrong_change_nothing(host: FakeHost) -> None:
    put(host.root, paths.SETTINGS, "version = 2\n")
    before = files(host)
    with pytest.raises(UsageError):
        deploy.deploy(host, anew=True)
    assert files(host) == before
