# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import datetime
import fcntl
import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from falcot_rtc import apply, certificates, paths, sources
from falcot_rtc.errors import FalcotError, UsageError
from falcot_rtc.judgement import Pair
from tests.unit.fake_host import (
    FALCOT,
    HOLD,
    STOCK,
    FakeHost,
    FakeUnit,
    Killed,
    again,
    files,
    fresh,
)
from tests.unit.fake_host import put as put_file

RUNNING = {
    "apache2@falcot-rtc.service",
    "coturn.service",
    "falcot-rtc-certificate.timer",
    "falcot-rtc-password.socket",
    "falcot-rtc-phone.socket",
    "falcot-rtc-rotate.timer",
    "falcot-rtc-turn-auth.socket",
    "kamailio.service",
    "prosody.service",
}
# Those that read no configuration of ours.
PLAIN_EVERYWHERE = {"falcot-rtc-certificate.timer"}
PLAIN = {unit for unit in RUNNING if unit.startswith("falcot-rtc-")}

pytestmark = pytest.mark.usefixtures("network", "volatile")


def quiet(line: str) -> None:
    """Takes a report."""


def run(host: FakeHost, **more: bool) -> apply.Prepared:
    return apply.apply(host, report=quiet, **more)


def active(host: FakeHost) -> set[str]:
    return {name for name, unit in host.system.units.items() if unit.active}


def enabled(host: FakeHost) -> set[str]:
    return {name for name, unit in host.system.units.items() if unit.enabled}


def change(host: FakeHost, old: str, new: str) -> None:
    text = host.text(paths.SETTINGS)
    assert old in text
    put_file(host.root, paths.SETTINGS, text.replace(old, new))


def state(host: FakeHost) -> dict[str, object]:
    """All that must not change where an apply is refused; accounts and keys are only ever added."""
    kept = {
        path: row
        for path, row in files(host).items()
        if not path.startswith((paths.TLS, paths.CA, paths.SECRETS, paths.LOCK))
        and not path.endswith((".sqlite", ".jsonl", ".dat"))
    }
    return {**kept, "active": active(host), "enabled": enabled(host)}


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return fresh(tmp_path)


@pytest.fixture
def applied(host: FakeHost) -> FakeHost:
    run(host)
    host.system.commands.clear()
    return again(host)


# a first apply


def test_a_first_apply_brings_everything_up(host: FakeHost) -> None:
    run(host)
    assert active(host) == RUNNING
    assert enabled(host) == RUNNING
    assert host.system.stock_starts == []
    assert host.target(paths.CURRENT) == "/var/lib/falcot-rtc/generations/1"
    for unit in RUNNING - PLAIN:
        assert host.exists(f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf")
    assert host.target("/etc/prosody/conf.d/falcot.com.cfg.lua") == (
        "../conf.avail/falcot.com.cfg.lua"
    )


def test_holds_are_gone_after_a_good_apply(host: FakeHost) -> None:
    run(host)
    assert not [path for path in files(host) if path.endswith(paths.HOLD_DROPIN)]


def test_each_daemon_has_its_own_key(host: FakeHost) -> None:
    run(host)
    for daemon, group, name in (
        ("coturn", "turnserver", "key.pem"),
        ("kamailio", "kamailio", "key.pem"),
        ("prosody", "prosody", "falcot.com.key"),
        ("apache2", "root", "key.pem"),
    ):
        assert host.access(f"{paths.TLS}/{daemon}/{name}") == ("root", group, 0o640)


def test_secrets_are_closed(host: FakeHost) -> None:
    run(host)
    for directory in (paths.SECRETS, paths.CA, f"{paths.TLS}/site"):
        assert host.access(directory) == ("root", "root", 0o700), directory
    for name in host.names(paths.SECRETS):
        assert host.access(f"{paths.SECRETS}/{name}")[2] == 0o600, name


def test_secrets_are_closed_where_only_a_password_is_one(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings='services = ["xmpp"]\n' + FALCOT)
    run(host)
    assert host.names(paths.SECRETS) == ["admin-password", "xmpp-decoys"]
    assert host.access(paths.SECRETS)[2] == 0o700


def test_the_checkers_judge_before_anything_is_switched(host: FakeHost) -> None:
    run(host)
    names = [argv[0] for argv in host.system.commands]
    judged = [i for i, name in enumerate(names) if name not in ("systemctl", "journalctl")]
    first = host.system.commands.index(("systemctl", "daemon-reload"))
    assert {names[i] for i in judged} == {
        "python3", "nft", "kamailio", "prosodyctl", "apache2", "named-checkzone",
    }  # fmt: skip
    assert max(judged) < first


def test_each_unit_is_started_at_most_once(host: FakeHost) -> None:
    run(host)
    restarts = [argv for argv in host.system.commands if argv[1:2] == ("restart",)]
    started = [unit for argv in restarts for unit in argv[2:]]
    assert sorted(started) == sorted(RUNNING)


def test_the_administrator_has_an_account_everywhere(host: FakeHost) -> None:
    run(host)
    assert host.exists("/var/lib/prosody/falcot%2ecom/accounts/admin.dat")
    assert host.exists(f"{paths.STATE}/sip/subscribers.sqlite")
    assert host.exists(f"{paths.STATE}/turn/users.jsonl")


# a second apply


def test_a_second_apply_does_nothing(applied: FakeHost) -> None:
    before = files(applied)
    done = run(applied)
    assert done.lines == []
    assert files(applied) == before
    assert [argv[1] for argv in applied.system.commands] == ["show"]


def test_a_hand_edit_of_a_generated_file_is_replaced(applied: FakeHost) -> None:
    (applied.root / "var/lib/falcot-rtc/generations/1/sip/kamailio.cfg").write_bytes(b"\xff edit")
    assert run(applied).lines
    assert applied.target(paths.CURRENT) == "/var/lib/falcot-rtc/generations/2"
    assert run(again(applied)).lines == []


def test_wrong_access_to_a_generated_file_is_repaired(applied: FakeHost) -> None:
    applied.at(f"{paths.GENERATIONS}/1/turn/turnserver.conf").chmod(0o644)
    run(applied)
    assert applied.access(f"{paths.GENERATIONS}/2/turn/turnserver.conf") == (
        "root", "turnserver", 0o640,
    )  # fmt: skip


def test_a_removed_link_comes_back(applied: FakeHost) -> None:
    applied.at("/etc/prosody/conf.d/falcot.com.cfg.lua").unlink()
    run(applied)
    assert applied.target("/etc/prosody/conf.d/falcot.com.cfg.lua")


def test_a_stopped_unit_is_started(applied: FakeHost) -> None:
    applied.system.units["prosody.service"].active = False
    assert run(applied).lines == ["restart prosody.service (it does not run)"]
    assert active(applied) == RUNNING


def test_only_what_changed_is_restarted(applied: FakeHost) -> None:
    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    run(applied)
    verbs = [argv[1:] for argv in applied.system.commands if argv[1] in ("restart", "reload")]
    assert verbs == [("restart", "kamailio.service")]


def test_a_new_certificate_reloads_and_restarts_nothing(applied: FakeHost) -> None:
    for path in (sources.SITE_KEY, sources.SITE_CHAIN):
        applied.at(path).unlink()
    run(applied)
    verbs = {argv[1:] for argv in applied.system.commands if argv[1] in ("restart", "reload")}
    assert verbs == {("reload", unit) for unit in RUNNING - PLAIN}


def test_five_generations_are_kept(applied: FakeHost) -> None:
    for workers in range(2, 10):
        put_file(applied.root, f"{paths.POLICY_D}/sip.toml", f"workers = {workers}\n")
        run(again(applied))
    assert applied.names(paths.GENERATIONS) == ["5", "6", "7", "8", "9"]


# refusals


def test_a_checker_that_refuses_takes_everything_back(applied: FakeHost) -> None:
    before = state(applied)
    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 63\n")
    applied.system.judges["kamailio"] = "63"
    policy = {f"{paths.POLICY_D}/sip.toml": files(applied)[f"{paths.POLICY_D}/sip.toml"]}
    with pytest.raises(FalcotError, match="not applied, everything is as before: kamailio"):
        run(applied)
    assert state(applied) == before | policy
    assert not [argv for argv in applied.system.commands if "restart" in argv]


def test_a_unit_that_does_not_start_takes_everything_back(applied: FakeHost) -> None:
    before = state(applied)
    change(applied, "falcot.com", "example.net")
    wanted = files(applied)[paths.SETTINGS]
    applied.system.refuses["prosody.service"] = "example.net"
    with pytest.raises(FalcotError, match=r"prosody\.service does not restart: .*last words"):
        run(applied)
    content, *access = wanted
    kept = (content.replace("version = 1\n", 'version = 1\nrealm = "falcot.com"\n'), *access)
    assert state(applied) == before | {paths.SETTINGS: kept, **manifest_of(applied)}
    assert {unit.generation for unit in applied.system.units.values() if unit.active} == {
        "/var/lib/falcot-rtc/generations/1"
    }
    # And the same apply succeeds once the reason is gone.
    applied.system.refuses.clear()
    run(again(applied))
    assert run(again(applied)).lines == []


def manifest_of(host: FakeHost) -> dict[str, object]:
    """The notes of what may be ours grow before anything is made, and shrink with success only."""
    shown = files(host)
    return {path: shown[path] for path in (paths.MANIFEST, paths.PURGE_LIST) if path in shown}


def test_a_refused_first_apply_leaves_the_host_held(host: FakeHost) -> None:
    before = {"enabled": enabled(host), "active": active(host)}
    host.system.refuses["kamailio.service"] = "kamailio"
    with pytest.raises(FalcotError, match=r"kamailio\.service does not restart"):
        run(host)
    assert {"enabled": enabled(host), "active": active(host)} == before
    assert host.target(paths.CURRENT) is None
    assert host.names(paths.GENERATIONS) == []
    assert host.system.stock_starts == []
    for unit in STOCK:
        # Now one that outlives a reboot, and that systemd has read.
        path = f"/etc/systemd/system/{unit}.d/{paths.HOLD_DROPIN}"
        assert "ConditionPathExists=!/var/lib/falcot-rtc/held" in host.text(path)
        assert any("falcot-rtc/held" in text for text in host.system.units[unit].dropins)
        host.run("systemctl", "start", unit)
    assert active(host) == set()
    ours = [path for path in files(host) if path.endswith("50-falcot-rtc.conf")]
    assert ours == []
    assert host.names("/etc/prosody/conf.d") == []
    # The reason is gone: the lasting hold goes too.
    host.system.refuses.clear()
    run(again(host))
    assert active(host) == RUNNING
    assert not [path for path in files(host) if path.endswith(paths.HOLD_DROPIN)]


def test_a_daemon_that_does_not_listen_is_refused(
    applied: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("falcot_rtc.listening.DEADLINE", 0.0)
    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    applied.system.deaf.add("kamailio.service")
    with pytest.raises(
        FalcotError, match=r"kamailio.*nothing listens on tcp 198\.51\.100\.19:5061"
    ):
        run(applied)
    assert applied.target(paths.CURRENT) == "/var/lib/falcot-rtc/generations/1"


def test_an_address_that_the_host_does_not_have_is_refused(applied: FakeHost) -> None:
    change(applied, "198.51.100.20", "198.51.100.21")
    before = state(applied)
    with pytest.raises(FalcotError, match=r"address\.ipv4-alternate\.bind: '198\.51\.100\.21'"):
        run(applied)
    assert state(applied) == before


def test_an_address_that_goes_away_is_noticed_at_the_start(applied: FakeHost) -> None:
    put_file(applied.root, f"{paths.POLICY_D}/turn.toml", "user-quota = 7\n")
    applied.system.addresses = ("198.51.100.19", "2001:db8:1000:2000::19")
    with pytest.raises(FalcotError, match=r"coturn\.service does not restart"):
        run(applied)
    assert applied.target(paths.CURRENT) == "/var/lib/falcot-rtc/generations/1"


def keys(host: FakeHost) -> dict[str, tuple[str, str, str, int]]:
    return {path: row for path, row in files(host).items() if path.startswith(paths.TLS)}


def test_a_refusal_brings_the_old_certificate_back(applied: FakeHost) -> None:
    """Or a service that starts again would have a certificate without the names that it serves."""
    change(applied, "falcot.com", "example.net")
    before = keys(applied)
    applied.system.judges["kamailio"] = "example.net"
    with pytest.raises(FalcotError, match="everything is as before: kamailio"):
        run(applied)
    assert keys(applied) == before


@pytest.mark.parametrize("nth", range(1, 11))
def test_a_disk_that_fills_up_between_key_and_certificate(applied: FakeHost, nth: int) -> None:
    class Filling(FakeHost):
        written = 0

        def write(self, path: str, content: bytes, **more: Any) -> None:
            if path.startswith(paths.TLS):
                self.written += 1
                if self.written == nth:
                    raise OSError(28, "No space left on device", path)
            super().write(path, content, **more)

    for path in (sources.SITE_KEY, sources.SITE_CHAIN):
        applied.at(path).unlink()
    before = state(applied) | keys(applied)
    with pytest.raises(FalcotError, match=r"everything is as before: .*No space left"):
        run(Filling(applied.root, applied.system))
    now = state(applied) | keys(applied)
    assert now == before


def test_a_full_disk_takes_everything_back(applied: FakeHost) -> None:
    class Full(FakeHost):
        def link(self, path: str, target: str) -> None:
            if target.endswith("generations/2"):
                raise OSError(28, "No space left on device", path)
            super().link(path, target)

    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    before = state(applied)
    with pytest.raises(FalcotError, match=r"everything is as before: .*No space left"):
        run(Full(applied.root, applied.system))
    assert state(applied) == before


@pytest.mark.parametrize("surprise", [KeyboardInterrupt(), ZeroDivisionError("a fault of ours")])
def test_whatever_ends_it_takes_everything_back(applied: FakeHost, surprise: BaseException) -> None:
    class Surprised(FakeHost):
        def run(self, *argv: str, **more: Any) -> CompletedProcess[bytes]:
            if argv[:2] == ("systemctl", "restart"):
                raise surprise
            return super().run(*argv, **more)

    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    before = state(applied)
    with pytest.raises(type(surprise)) as caught:
        run(Surprised(applied.root, applied.system))
    assert caught.value is surprise
    assert state(applied) == before


def test_bad_settings_change_nothing(applied: FakeHost) -> None:
    change(applied, "198.51.100.19", "198.51.100.300")
    before = files(applied)
    with pytest.raises(UsageError, match=r"address\.ipv4\.bind: '198\.51\.100\.300'"):
        run(applied)
    assert files(applied) == before


def test_without_settings_nothing_is_done(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings="")
    before = files(host)
    with pytest.raises(FalcotError, match=r"settings\.toml: does not exist"):
        run(host)
    assert {k: v for k, v in files(host).items() if k != paths.LOCK} == before


def test_a_missing_group_names_the_cause(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.fake_host.USERS", ("root",))
    with pytest.raises(FalcotError, match="does not exist"):
        run(host)
    assert host.target(paths.CURRENT) is None


def test_another_apply_at_work_is_waited_for_and_named(applied: FakeHost) -> None:
    with applied.at(paths.LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(FalcotError, match="another falcot-rtc is at work"):
            run(applied)
    assert run(applied).lines == []


# roles, domains


def test_deselected_services_are_stopped_and_disabled(applied: FakeHost) -> None:
    put_file(applied.root, paths.SETTINGS, 'services = ["xmpp"]\n' + FALCOT)
    run(applied)
    assert active(applied) == enabled(applied) == {"prosody.service", *PLAIN_EVERYWHERE}
    left = [path for path in files(applied) if path.endswith("50-falcot-rtc.conf")]
    assert left == ["/etc/systemd/system/prosody.service.d/50-falcot-rtc.conf"]
    assert applied.target("/etc/apache2-falcot-rtc") is None
    assert run(again(applied)).lines == []


def test_held_services_that_no_role_needs_do_not_start_at_boot(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings='services = ["turn"]\n' + FALCOT)
    run(host)
    wanted = {"coturn.service", "falcot-rtc-rotate.timer", "falcot-rtc-turn-auth.socket"}
    assert active(host) == enabled(host) == {*wanted, *PLAIN_EVERYWHERE}
    assert run(again(host)).lines == []


def test_no_service_at_all(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings="services = []\n" + FALCOT)
    run(host)
    assert active(host) == enabled(host) == set()
    assert run(again(host)).lines == []


def test_services_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    host = fresh(tmp_path, settings='services = ["turn"]\n' + FALCOT, held=("coturn.service",))
    host.system.units["prosody.service"].active = True
    run(host)
    assert {"prosody.service", "coturn.service"} <= active(host)
    assert "prosody.service" in enabled(host)


def test_a_new_domain_removes_the_old_ones_links(applied: FakeHost) -> None:
    change(applied, "falcot.com", "example.net")
    run(applied)
    assert applied.names("/etc/prosody/conf.d") == [
        "example.net.cfg.lua",
        "falcot-rtc-minted.cfg.lua",
        "falcot-rtc.cfg.lua",
    ]
    assert applied.names("/etc/prosody/conf.avail") == applied.names("/etc/prosody/conf.d")
    assert "falcot.com" not in applied.text(paths.MANIFEST)
    assert "example.net" in certificates.names_of(applied.read(sources.SITE_CHAIN) or b"")
    assert applied.names(f"{paths.TLS}/prosody") == ["example.net.crt", "example.net.key"]
    assert run(again(applied)).lines == []


# letting go


def test_letting_go_of_what_came_with_us(applied: FakeHost) -> None:
    run(applied, active=False)
    assert active(applied) == enabled(applied) == set()
    assert applied.system.stock_starts == []
    assert applied.target(paths.CURRENT) is None
    assert json.loads(applied.text(paths.MANIFEST)) == {"files": {}, "paths": [], "units": []}
    left = [p for p in files(applied) if p.startswith(("/etc/systemd", "/etc/prosody"))]
    assert left == []
    assert run(again(applied), active=False).lines == []


def test_letting_go_of_what_ran_before_us(tmp_path: Path) -> None:
    host = fresh(tmp_path, held=())
    put_file(host.root, paths.BEFORE, "prosody.service enabled active\n"
             "apache2.service enabled active\ncoturn.service disabled inactive\n"
             "kamailio.service enabled inactive\n")  # fmt: skip
    host.system.units["prosody.service"].active = True
    host.system.units["apache2.service"].active = True
    run(host)
    # Somebody's own apache2 and our instance stand side by side.
    assert active(host) == RUNNING | {"apache2.service"}
    assert "apache2.service" in enabled(host)
    run(again(host), active=False)
    assert active(host) == {"prosody.service", "apache2.service"}
    assert enabled(host) == {"prosody.service", "apache2.service", "kamailio.service"}


def test_what_cannot_run_as_before_is_let_go_all_the_same(applied: FakeHost) -> None:
    class Broken(FakeHost):
        def _start(self, name: str) -> tuple[int, str]:
            return 1, "its own settings are wrong"

    put_file(applied.root, paths.BEFORE, "prosody.service enabled active\n")
    said: list[str] = []
    apply.apply(Broken(applied.root, applied.system), active=False, report=said.append)
    assert [line for line in said if "prosody.service does not start" in line]
    assert applied.target(paths.CURRENT) is None


def test_letting_go_of_a_host_that_was_never_managed_changes_nothing(tmp_path: Path) -> None:
    host = fresh(tmp_path, held=())
    host.system.units["prosody.service"].active = True
    before = files(host)
    run(host, active=False)
    assert {k: v for k, v in files(host).items() if k != paths.LOCK} == before
    assert active(host) == {"prosody.service"}
    assert enabled(host) == set(STOCK)


def test_letting_go_of_what_is_held_leaves_it_off(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    run(host, active=False)
    assert active(host) == enabled(host) == set()
    assert not [path for path in files(host) if path.endswith(paths.HOLD_DROPIN)]
    assert run(again(host), active=False).lines == []


def test_a_refused_apply_gives_back_what_it_replaced(tmp_path: Path) -> None:
    host = fresh(tmp_path, held=())
    host.system.units["apache2.service"].active = True
    host.system.refuses["apache2@falcot-rtc.service"] = "ServerName"
    with pytest.raises(FalcotError, match="apache2@falcot-rtc"):
        run(host)
    assert active(host) == {"apache2.service"}
    assert enabled(host) == set(STOCK)


def test_manage_false_lets_go(applied: FakeHost) -> None:
    put_file(applied.root, paths.SETTINGS, "manage = false\n" + FALCOT)
    run(applied)
    assert active(applied) == set()
    assert applied.target(paths.CURRENT) is None


# without systemd, or with a policy-rc.d that forbids


def test_an_image_is_configured_and_starts_nothing(tmp_path: Path) -> None:
    host = fresh(tmp_path, systemd=False, held=())
    said: list[str] = []
    apply.apply(host, report=said.append)
    assert active(host) == set()
    assert enabled(host) >= RUNNING
    assert host.target(paths.CURRENT)
    assert [line for line in said if line.startswith("not done: restart prosody.service")]


def test_an_image_does_not_start_what_an_instance_of_ours_replaces(tmp_path: Path) -> None:
    host = fresh(tmp_path, systemd=False, held=())
    wants = "/etc/systemd/system/multi-user.target.wants"
    host.link(f"{wants}/apache2.service", "/usr/lib/systemd/system/apache2.service")
    run(host)
    assert "apache2.service" not in enabled(host)


def test_policy_rc_d_is_obeyed(host: FakeHost) -> None:
    put_file(host.root, "/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
    run(host)
    assert active(host) == set()
    assert host.target(paths.CURRENT)


# killed at any instant


def normal(host: FakeHost) -> dict[str, object]:
    """The host, with what is random replaced by a word and its number of the generation gone."""
    names = ("turn-minted", "turn-cli", "sip-minted", "xmpp-decoys", "phone-token")
    secrets = [word for name in names for word in host.text(f"{paths.SECRETS}/{name}").split()]
    current = host.target(paths.CURRENT) or "nowhere"
    found: dict[str, object] = {"active": active(host), "enabled": enabled(host)}
    for path, (content, *access) in files(host).items():
        if path.startswith(paths.GENERATIONS):
            if not path.startswith(current + "/"):
                continue
            path = path.replace(current, "current")
        if re.search(
            r"\.(pem|crt|key|sqlite|jsonl|dat)$|(running|rendered|judged)\.json|/secrets/", path
        ):
            content, access = "random", []
        content = content.replace(current, "current")
        for secret in filter(None, secrets):
            content = content.replace(secret, "secret")
        found[path] = (content, *access)
    return found


def test_normal_sees_a_difference(applied: FakeHost) -> None:
    before = normal(applied)
    put_file(applied.root, f"{paths.POLICY_D}/sip.toml", "workers = 2\n")
    run(applied)
    seen = normal(applied)
    assert {path for path in seen if seen[path] != before.get(path)} == {
        "current/sip/kamailio.cfg",
        f"{paths.POLICY_D}/sip.toml",
    }


def prepare_first(root: Path) -> FakeHost:
    return fresh(root)


def prepare_rename(root: Path) -> FakeHost:
    """Two roles less and another domain."""
    host = fresh(root)
    run(host)
    put_file(root, paths.SETTINGS, 'services = ["turn", "xmpp"]\n' + FALCOT.replace("com", "org"))
    return again(host)


def prepare_release(root: Path) -> FakeHost:
    host = fresh(root, held=())
    put_file(root, paths.BEFORE, "prosody.service enabled active\n")
    host.system.units["prosody.service"].active = True
    run(host)
    return again(host)


@pytest.mark.parametrize(
    ("prepare", "keep"),
    [(prepare_first, True), (prepare_rename, True), (prepare_release, False)],
)
def test_killed_at_any_step_the_next_apply_finishes(
    tmp_path: Path, prepare: object, keep: bool
) -> None:
    assert callable(prepare)
    undisturbed = prepare(tmp_path / "undisturbed")
    stock = len(undisturbed.system.stock_starts)
    run(undisturbed, active=keep)
    assert undisturbed.effects > 20
    expected = normal(undisturbed)
    for step in range(1, undisturbed.effects + 1):
        host = prepare(tmp_path / str(step))
        host.dies_at = step
        with pytest.raises(Killed):
            run(host, active=keep)
        healthy = again(host)
        run(healthy, active=keep)
        assert normal(healthy) == expected, step
        assert apply.prepare(again(host), active=keep).lines == [], step
        assert not [name for name in host.names(paths.GENERATIONS) if not name.isdigit()], step
        if keep:
            assert len(host.system.stock_starts) == stock, step
            pair = Pair(
                chain=host.read(sources.SITE_CHAIN) or b"", key=host.read(sources.SITE_KEY) or b""
            )
            now = datetime.datetime.now(datetime.UTC)
            assert certificates.faults(pair, (), (), now) == [], step


def test_a_killed_apply_leaves_the_old_or_the_new_configuration(tmp_path: Path) -> None:
    """Every file that a running unit was started with is still there, and complete."""
    counted = prepare_rename(tmp_path / "counted")
    run(counted)
    for step in range(1, counted.effects + 1, 5):
        host = prepare_rename(tmp_path / str(step))
        host.dies_at = step
        with pytest.raises(Killed):
            run(host)
        host = again(host)
        current = host.target(paths.CURRENT)
        assert current in ("/var/lib/falcot-rtc/generations/1", "/var/lib/falcot-rtc/generations/2")
        assert host.exists(f"{current}/xmpp/falcot-rtc.cfg.lua")
        host.run("systemctl", "daemon-reload")
        # A reboot at this instant.
        for name, unit in list(host.system.units.items()):
            if unit.enabled and name in ("coturn.service", *PLAIN):
                assert host.run("systemctl", "restart", name, check=False).returncode == 0, step


def test_the_hold_of_a_killed_first_apply_stays(tmp_path: Path) -> None:
    host = fresh(tmp_path)
    host.dies_at = 30
    with pytest.raises(Killed):
        run(host)
    for unit in STOCK:
        assert host.text(f"{paths.UNITS_RUN}/{unit}.d/{paths.HOLD_DROPIN}") == HOLD


def test_a_dry_run_changes_nothing(host: FakeHost) -> None:
    before = files(host)
    prepared = apply.prepare(host)
    assert "add the account admin@falcot.com" in prepared.lines
    assert "write generation 1" in prepared.lines
    assert files(host) == before
    assert FakeUnit(enabled=True, dropins=(HOLD,)) == host.system.units["coturn.service"]
