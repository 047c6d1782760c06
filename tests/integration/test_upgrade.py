# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the previous version to this one, unattended, on hosts that people have edited.

The previous version is taken at both ends of its span in git: as first committed, by
unattended-upgrade(8), and as it last was, by somebody at a terminal. The tests stand in the order
of a host's life.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.integration import earlier as past
from tests.integration.conftest import DOMAIN, PRESEED, STARTS
from tests.integration.earlier import Earlier
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    assert_fine,
    failures,
    invocations,
    listeners,
    own_lines,
    starts,
)
from tests.integration.people import Person
from tests.integration.terminal import Terminal
from tests.lab.host import Host

SETTINGS = "/etc/falcot-rtc/settings.toml"
POLICY_D = "/etc/falcot-rtc/policy.d"
TUNABLES = f"{POLICY_D}/turn.toml"
SHIPPED = "/usr/share/falcot-rtc/policy.d"
CURRENT = "/etc/falcot-rtc/current"
SPARE_IPV6 = "2001:db8:1000:2000::21"
DRIFT = "# by hand, in a hurry\n"
DRIFTED = "sip/kamailio.cfg"
# What is written below local.d, and where it is in force.
OVERLAYS = {
    "coturn/x.conf": "max-allocate-lifetime=1800\n",
    "prosody/x.cfg.lua": 'limits = { c2s = { rate = "50kb/s" } }\n',
    "kamailio/x.cfg": "debug=3\n",
    "apache2/x.conf": "FileETag None\n",
}
ROLES = {"coturn": "turn", "kamailio": "sip", "prosody": "xmpp", "apache2": "web"}
# apache takes the rest of its tree by a reload.
TREES = dict(zip(DAEMONS, ("turn", "sip", "xmpp", "web/envvars"), strict=True))
PEOPLE = tuple(Person(name=name, password=f"{name}'s own password") for name in ("joe", "ann"))
HOLDS = ("find", "/etc/systemd", "/run/systemd", "-name", "*hold*")


@pytest.fixture(scope="module", params=[pytest.param("first", marks=pytest.mark.slow), "last"])
def earlier(
    request: pytest.FixtureRequest, release: str, tmp_path_factory: pytest.TempPathFactory
) -> Earlier:
    return past.earlier(release, request.param, tmp_path_factory.mktemp(request.param))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an upgrade has to respect."""

    settings: str
    tunables: str
    invocations: dict[str, tuple[str, ...]]
    inputs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    earlier: Earlier
    host: Host
    before: State
    text: str


def state(host: Host) -> State:
    return State(
        settings=host.read(SETTINGS),
        tunables=host.read(TUNABLES),
        invocations=invocations(host),
        inputs={unit: inputs(host, unit) for unit in DAEMONS},
    )


def inputs(host: Host, unit: str) -> str:
    """What was rendered for the unit, as digests."""
    dropin = f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf"
    return host.shell(
        f"cd {CURRENT}/; find {TREES[unit]} -type f -exec sha256sum {{}} + | sort; cat {dropin}"
    ).stdout


def install(host: Host) -> None:
    host.preseed(PRESEED)
    host.apt("install", "falcot-rtc")


def edit(host: Host) -> None:
    """What administrators do: settings, a tunable, overlays; and something they should not."""
    settings = host.read(SETTINGS).replace("2001:db8:1000:2000::19", SPARE_IPV6)
    settings = settings.replace("version = 1\n", "version = 1 # ours\nremark = 'call Joe'\n")
    host.push(SETTINGS, settings + "\n# the end, 'quoted'\n")
    tunables = host.read(TUNABLES)
    host.push(TUNABLES, tunables.replace("#total-quota = 4000", "total-quota = 3000"))
    for name, text in OVERLAYS.items():
        host.push(f"/etc/falcot-rtc/local.d/{name}", text)
    host.run(["falcot-rtc", "apply"])
    host.push(f"{CURRENT}/{DRIFTED}", host.read(f"{CURRENT}/{DRIFTED}") + DRIFT)


def upgrade(host: Host, end: str) -> str:
    """What was shown; where somebody is there to be asked, about everything that there is."""
    if end == "first":
        done = past.unattended(host)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
    command = "DEBIAN_FRONTEND=readline DEBIAN_PRIORITY=low apt-get --yes --with-new-pkgs upgrade"
    with Terminal(host=host, name="upgrade", command=command) as seen:
        # The one question that the previous version did not have.
        seen.expect("Run each service on port 443 too?", within=180)
        seen.type("no")
        return seen.ends(within=180)


@pytest.fixture(scope="module")
def upgraded(earlier: Earlier) -> Iterator[Upgraded]:
    with ExitStack() as running:
        host = running.enter_context(earlier.booted("site", install))
        edit(host)
        host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
        past.add_people(host, PEOPLE)
        before = state(host)
        host.run(["rm", "--force", STARTS])
        text = upgrade(host, earlier.end)
        yield Upgraded(earlier=earlier, host=host, before=before, text=text)


def test_everything_is_upgraded_and_configured(upgraded: Upgraded) -> None:
    wanted = f"ii {past.present(upgraded.earlier.release)}"
    assert set(past.installed(upgraded.host).values()) == {wanted}, upgraded.text
    assert upgraded.host.run(["dpkg", "--audit"]).stdout == ""
    assert upgraded.host.run(HOLDS).stdout == ""


def test_dpkg_names_the_edited_tunables_and_nothing_else(upgraded: Upgraded) -> None:
    verified = upgraded.host.run(["dpkg", "--verify"], check=False).stdout
    assert verified == f"??5?????? c {TUNABLES}\n"


def test_edits_are_kept(upgraded: Upgraded) -> None:
    host, before = upgraded.host, upgraded.before
    assert host.read(SETTINGS) == before.settings
    assert "remark = 'call Joe'" in before.settings
    assert host.read(TUNABLES) == before.tunables
    for name, text in OVERLAYS.items():
        assert host.read(f"/etc/falcot-rtc/local.d/{name}") == text


def test_tunables_that_nobody_edited_are_this_versions(upgraded: Upgraded) -> None:
    host = upgraded.host
    names = host.run(["ls", SHIPPED]).stdout.split()
    assert "sip.toml" in names
    assert host.run(["ls", POLICY_D]).stdout.split() == names
    for name in set(names) - {"turn.toml"}:
        assert host.read(f"{POLICY_D}/{name}") == host.read(f"{SHIPPED}/{name}")


def test_edits_are_in_force(upgraded: Upgraded) -> None:
    host = upgraded.host
    assert "total-quota=3000" in host.read(f"{CURRENT}/turn/turnserver.conf").splitlines()
    for name, text in OVERLAYS.items():
        role = ROLES[name.partition("/")[0]]
        found = host.run(["grep", "-rlF", text.strip(), f"{CURRENT}/{role}/"], check=False).stdout
        assert found, name
    # debconf was told another one, which settings.toml overrules.
    assert "2001:db8:1000:2000::19" not in {address for _, address, _ in listeners(host)}
    assert SPARE_IPV6 in {address for _, address, _ in listeners(host)}
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"


def test_only_what_has_new_inputs_was_restarted_and_once(upgraded: Upgraded) -> None:
    host, before = upgraded.host, upgraded.before
    restarted = [unit for unit, _ in starts(host)]
    changed = {unit for unit in DAEMONS if inputs(host, unit) != before.inputs[unit]}
    assert sorted(restarted) == sorted(changed)
    # That one has lost its edit.
    assert "kamailio.service" in changed
    after = invocations(host)
    for unit in {*DAEMONS, SOCKET} - changed:
        assert after[unit] == before.invocations[unit]


def test_the_edit_of_a_generated_file_is_kept_aside(upgraded: Upgraded) -> None:
    host = upgraded.host
    assert DRIFT not in host.read(f"{CURRENT}/{DRIFTED}")
    search = ["grep", "--recursive", "--files-with-matches", "--fixed-strings", DRIFT.strip()]
    found = host.run([*search, "/var/lib/falcot-rtc"]).stdout
    assert DRIFTED in found
    if upgraded.earlier.end == "last":
        assert "/var/lib/falcot-rtc/edited/" in found
        assert DRIFTED in upgraded.text


def test_people_log_in_everywhere(upgraded: Upgraded) -> None:
    host = upgraded.host
    ticket = json.loads(host.run(["falcot-rtc", "check", "--ticket"]).stdout)
    ticket["accounts"] = [{"user": one.name, "password": one.password} for one in PEOPLE]
    host.push("/run/ticket", json.dumps(ticket), mode=0o600)
    done = host.run(["falcot-rtc", "check", "--with", "/run/ticket", "--json"], check=False)
    results = {row["id"]: row for row in json.loads(done.stdout)}
    assert failures(results) == {}
    for kind in ("turn.relay-longterm.", "sip.register.", "xmpp.login."):
        assert [one for one in results if one.startswith(kind)]


def test_everything_works_at_once_and_after_a_reboot(upgraded: Upgraded) -> None:
    assert_fine(upgraded.host)
    upgraded.host.reboot()
    assert_fine(upgraded.host)


# back


def undisturbed(host: Host, before: dict[str, tuple[str, ...]]) -> None:
    assert set(past.installed(host).values()) == {f"ii {past.present(host.release)}"}
    assert host.run(["dpkg", "--audit"]).stdout == ""
    assert invocations(host) == before


def test_apt_refuses_the_older_version_before_anything_changes(upgraded: Upgraded) -> None:
    host, old = upgraded.host, upgraded.earlier.version
    before = invocations(host)
    for names in (past.PACKAGES, past.PACKAGES[:2]):
        wanted = [f"{name}={old}" for name in names]
        refused = host.apt("install", "--allow-downgrades", *wanted, check=False)
        assert refused.returncode == 100
        (line,) = own_lines(refused.stderr)
        assert past.present(host.release) in line and old in line
        assert "hint: stay with" in line and "purge" in line
        assert "Unpacking" not in refused.stdout
        undisturbed(host, before)


def test_dpkg_refuses_an_older_version_with_such_scripts(upgraded: Upgraded) -> None:
    """dpkg asks the older one's own prerm, too, and that of 1.0-1 knew nothing of this."""
    host, before = upgraded.host, invocations(upgraded.host)
    host.shell(
        "cd /srv; apt-get download -q falcot-rtc; dpkg-deb --raw-extract falcot-rtc_*.deb older;"
        " sed -i 's/^Version: .*/Version: 1.0.9-1/' older/DEBIAN/control; rm falcot-rtc_*.deb;"
        " dpkg-deb --build older older.deb"
    )
    refused = host.run(["dpkg", "--install", "/srv/older.deb"], check=False)
    assert refused.returncode == 1
    (line,) = own_lines(refused.stderr)
    assert past.present(host.release) in line and "1.0.9-1" in line
    undisturbed(host, before)


def set_version(host: Host, written: str, number: int) -> int:
    """Make `written` of version `number`; the version it was of."""
    if written == "accounts":
        database = ("sqlite3", "/var/lib/falcot-rtc/accounts.sqlite")
        was = host.run([*database, "PRAGMA user_version"]).stdout
        host.run([*database, f"PRAGMA user_version = {number}"])
        return int(was)
    text = host.read(SETTINGS)
    (was,) = re.findall(r"(?m)^version = (\d+) ", text)
    host.push(SETTINGS, text.replace(f"version = {was} ", f"version = {number} ", 1))
    return int(was)


@pytest.mark.parametrize("written", ["settings", "accounts"])
def test_what_a_newer_version_wrote_is_refused(upgraded: Upgraded, written: str) -> None:
    host, before = upgraded.host, invocations(upgraded.host)
    known = set_version(host, written, 99)
    try:
        refused = host.run(["falcot-rtc", "apply"], check=False)
        assert refused.returncode in (1, 2)
        (line,) = own_lines(refused.stderr)
        assert "version" in line and "newer falcot-rtc" in line
        # apt ends well, and the services run on.
        again = host.apt("install", "--reinstall", "falcot-rtc")
        assert any("newer falcot-rtc" in said for said in own_lines(again.stdout + again.stderr))
        undisturbed(host, before)
    finally:
        set_version(host, written, known)
    assert host.run(["falcot-rtc", "plan"]).stdout == "nothing to do\n"
    assert_fine(host)
