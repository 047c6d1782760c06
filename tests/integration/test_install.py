# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`apt install falcot-rtc` on bare hosts: refused, preseeded, unanswered, answered wrongly."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

import pytest

from tests.integration.conftest import PASSWORD, PRESEED
from tests.integration.observe import (
    DAEMONS,
    SOCKET,
    SSH,
    STOCK,
    active,
    assert_fine,
    listeners,
    own_lines,
    starts,
    units,
)
from tests.lab.archive import Suite, scan, write_suite
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.release import release as known_release

# What the handbook's backports are needed for, and one that must stay with stable.
LET_THROUGH = {"prosody", "prosody-modules"}
KEPT_BACK = "nftables"
ELSEWHERE = "198.51.100.77"
VERSION_ROW = re.compile(r"^ (?:\*\*\*|   ) (?P<version>\S+) (?P<priority>-?\d+)$")

Terminal = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A host, and what somebody saw on its terminal."""

    host: Host
    seen: Terminal

    @property
    def text(self) -> str:
        return self.seen.stdout + self.seen.stderr


def terminal(host: Host, *argv: str) -> Outcome:
    """Run `argv` as somebody who is asked nothing; any exit code."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    return Outcome(host=host, seen=host.run(argv, check=False, env=quiet))


def add_falcot_archive(host: Host) -> None:
    host.run(["apt", "--yes", "install", "falcot-rtc-archive"])
    host.run(["apt", "update"])


def reconfigure(host: Host, answers: str) -> Outcome:
    host.preseed(answers)
    return terminal(host, "dpkg-reconfigure", "--frontend=noninteractive", "falcot-rtc")


# refused without falcot-rtc-archive, works with it


@pytest.fixture(scope="module")
def refused(bare: Callable[..., Host]) -> Outcome:
    return terminal(bare("install"), "apt", "--yes", "install", "falcot-rtc")


@pytest.fixture(scope="module")
def with_archive(refused: Outcome) -> Host:
    add_falcot_archive(refused.host)
    return refused.host


@pytest.fixture(scope="module")
def preseeded(with_archive: Host) -> Outcome:
    with_archive.preseed(PRESEED)
    return terminal(with_archive, "apt", "--yes", "install", "falcot-rtc")


def status(host: Host, package: str) -> str:
    shown = "--showformat=${db:Status-Abbrev}"
    return host.run(["dpkg-query", "--show", shown, package], check=False).stdout.strip()


def versions(host: Host, package: str) -> dict[str, tuple[int, str]]:
    """Each version that apt knows, with its priority and where the first source lies."""
    lines = host.run(["apt-cache", "policy", package]).stdout.splitlines()
    found = {}
    for number, line in enumerate(lines):
        row = VERSION_ROW.match(line)
        if row is not None:
            found[row["version"]] = (int(row["priority"]), lines[number + 1].strip())
    return found


def candidate(host: Host, package: str) -> str:
    shown = host.run(["apt-cache", "policy", package]).stdout
    return next(line.split()[1] for line in shown.splitlines() if "Candidate:" in line)


def test_is_refused_without_the_archive_package(refused: Outcome) -> None:
    assert refused.seen.returncode == 100
    assert re.search(r"Depends: prosody \(>= 13", refused.text)
    assert status(refused.host, "falcot-rtc") == ""


def test_backports_keep_their_own_priority(with_archive: Host) -> None:
    policy = with_archive.run(["apt-cache", "policy"]).stdout
    backports = f"{with_archive.release}-backports"
    row = next(line for line in policy.splitlines() if f" {backports}/main" in line)
    assert row.split()[0] == "100"


def test_exactly_the_needed_backports_are_let_through(with_archive: Host) -> None:
    backports = f"{with_archive.release}-backports"
    policy = with_archive.run(["apt-cache", "policy"]).stdout
    pinned = policy.partition("Pinned packages:")[2]
    assert {line.split()[0] for line in pinned.splitlines() if "->" in line} == LET_THROUGH
    for package in LET_THROUGH:
        found = versions(with_archive, package)
        taken = {v: priority for v, (priority, source) in found.items() if backports in source}
        assert len(taken) == 1
        assert all(priority >= 500 for priority in taken.values())
        assert candidate(with_archive, package) in taken


def other_backport(release: str, host: Host) -> None:
    """A newer `KEPT_BACK` in another backports archive that the host knows."""
    root = host.root / "srv" / "more"
    control = root / "package" / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    (root / "pool").mkdir()
    control.write_text(
        f"Package: {KEPT_BACK}\nVersion: 99~bpo\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@falcot.com>\nDescription: newer than stable\n",
        encoding="utf-8",
    )
    run(["dpkg-deb", "--build", root / "package", root / "pool" / "newer.deb"])
    suite = Suite(
        codename=known_release(release).backports,
        suite="stable-backports",
        origin="Debian Backports",
        label="Debian Backports",
        must_be_asked_for=True,
    )
    architecture = run(["dpkg", "--print-architecture"]).stdout.strip()
    write_suite(root, suite, scan(root), architecture, formatdate(usegmt=True))
    sources = host.read("/etc/apt/sources.list.d/debian.sources")
    sources = sources.replace("file:/srv/debian", "file:/srv/more")
    sources = re.sub(r"(?m)^Suites: .*$", f"Suites: {suite.codename}", sources)
    host.push("/etc/apt/sources.list.d/more.sources", sources)
    host.run(["apt", "update"])


def test_nothing_else_of_backports_is_let_through(release: str, with_archive: Host) -> None:
    other_backport(release, with_archive)
    found = versions(with_archive, KEPT_BACK)
    assert found["99~bpo"][0] == 100
    assert candidate(with_archive, KEPT_BACK) != "99~bpo"


# preseeded


def test_preseeded_install_succeeds(preseeded: Outcome) -> None:
    assert preseeded.seen.returncode == 0, preseeded.text
    assert status(preseeded.host, "falcot-rtc") == "ii"
    assert preseeded.host.run(["dpkg", "--audit"]).stdout == ""


def test_every_start_had_our_settings(preseeded: Outcome) -> None:
    recorded = starts(preseeded.host)
    assert {unit for unit, _ in recorded} == set(DAEMONS)
    for unit, dropins in recorded:
        assert f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf" in dropins


def test_stock_apache_neither_ran_nor_will(preseeded: Outcome) -> None:
    assert "apache2.service" not in {unit for unit, _ in starts(preseeded.host)}
    (shown,) = units(preseeded.host, ["apache2.service"], "ActiveState", "UnitFileState").values()
    assert shown == ("inactive", "disabled")


def test_everything_works_and_nothing_else_listens(preseeded: Outcome) -> None:
    assert_fine(preseeded.host)


def test_nothing_else_listens_after_a_restart_of_everything(preseeded: Outcome) -> None:
    preseeded.host.run(["systemctl", "restart", *DAEMONS])
    assert_fine(preseeded.host)


def test_no_file_of_any_package_was_altered(preseeded: Outcome) -> None:
    verified = preseeded.host.run(["dpkg", "--verify"], check=False)
    assert (verified.returncode, verified.stdout) == (0, "")


def test_debconf_has_forgotten_the_password(preseeded: Outcome) -> None:
    host = preseeded.host
    question = "falcot-rtc/admin-password"
    asked = host.run(["debconf-communicate"], input=f"GET {question}\n").stdout
    assert asked == "0 \n"
    assert PASSWORD not in host.read("/var/cache/debconf/passwords.dat")


def containing_password(host: Host, *where: str, password: str = PASSWORD) -> list[str]:
    """The files with the password in clear; it is not in the arguments of the search either."""
    search = ["grep", "--recursive", "--files-with-matches", "--text", "--devices=skip"]
    found = host.run([*search, "--no-messages", "--fixed-strings", "--file=-", *where],
                     input=f"{password}\n", check=False)  # fmt: skip
    return found.stdout.splitlines()


def test_the_search_for_the_password_finds_it(preseeded: Outcome) -> None:
    preseeded.host.push("/root/password", f"it is {PASSWORD}.\n")
    try:
        assert containing_password(preseeded.host, "/root") == ["/root/password"]
    finally:
        preseeded.host.run(["rm", "/root/password"])


def test_the_password_is_readable_nowhere(preseeded: Outcome) -> None:
    host = preseeded.host
    # debconf keeps its database of a moment ago beside the present one, for root alone.
    allowed = {"/var/cache/debconf/passwords.dat-old"}
    places = ("/boot", "/etc", "/home", "/opt", "/root", "/run", "/srv/lab", "/tmp", "/usr", "/var")
    found = containing_password(host, *places)
    assert set(found) <= allowed
    for path in found:
        assert host.run(["stat", "--format=%U %a", path]).stdout == "root 600\n"
    assert PASSWORD not in host.journal()
    processes = host.shell("echo /proc/[0-9]*/environ /proc/[0-9]*/cmdline").stdout.split()
    assert containing_password(host, *processes) == []


# without usable answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A host without usable answers: what is said about it has `hint`, what it lacks `answers`."""

    outcome: Outcome
    hint: str
    answers: str


@pytest.fixture(scope="module")
def unanswered(bare: Callable[..., Host]) -> Held:
    host = bare("unanswered")
    add_falcot_archive(host)
    installed = terminal(host, "apt", "--yes", "install", "falcot-rtc")
    return Held(outcome=installed, hint="no domain", answers=PRESEED)


@pytest.fixture(scope="module")
def unusable(bare: Callable[..., Host]) -> Held:
    """Preseeded with an IPv4 address that this host does not have."""
    host = bare("unusable")
    add_falcot_archive(host)
    (right,) = re.findall(r".*falcot-rtc/ipv4 string .*\n", PRESEED)
    host.preseed(PRESEED.replace(right, f"falcot-rtc falcot-rtc/ipv4 string {ELSEWHERE}\n"))
    installed = terminal(host, "apt", "--yes", "install", "falcot-rtc")
    return Held(outcome=installed, hint=ELSEWHERE, answers=right)


@pytest.fixture(scope="module", params=["unanswered", "unusable"])
def held(request: pytest.FixtureRequest) -> Held:
    found: Held = request.getfixturevalue(request.param)
    return found


def assert_held(host: Host) -> None:
    assert active(host, (*STOCK, *DAEMONS, SOCKET)) == set()
    assert listeners(host) <= SSH
    assert starts(host) == []


def test_install_succeeds_all_the_same(held: Held) -> None:
    assert held.outcome.seen.returncode == 0, held.outcome.text
    assert status(held.outcome.host, "falcot-rtc") == "ii"
    assert held.outcome.host.run(["dpkg", "--audit"]).stdout == ""


def test_one_line_says_what_to_do(held: Held) -> None:
    (line,) = own_lines(held.outcome.text)
    assert held.hint in line
    assert "dpkg-reconfigure falcot-rtc" in line
    assert line.count("falcot-rtc:") == 1


def test_no_service_runs_or_can_be_started(held: Held) -> None:
    assert_held(held.outcome.host)
    for unit in STOCK:
        held.outcome.host.run(["systemctl", "start", unit], check=False)
    assert_held(held.outcome.host)


def test_check_fails_with_a_hint(held: Held) -> None:
    done = held.outcome.host.run(["falcot-rtc", "check"], check=False)
    assert done.returncode == 1
    (line,) = own_lines(done.stderr)
    assert "(hint: " in line
    assert "dpkg-reconfigure falcot-rtc" in line


def test_the_hold_outlives_a_reboot(held: Held) -> None:
    held.outcome.host.reboot()
    assert_held(held.outcome.host)


def test_reconfigure_without_a_better_answer_keeps_the_hold(held: Held) -> None:
    again = reconfigure(held.outcome.host, "")
    assert again.seen.returncode == 0
    (line,) = own_lines(again.text)
    assert held.hint in line
    assert_held(held.outcome.host)


def test_reconfigure_with_answers_starts_everything(held: Held) -> None:
    host = held.outcome.host
    done = reconfigure(host, held.answers)
    assert done.seen.returncode == 0, done.text
    assert active(host, (*DAEMONS, SOCKET)) == {*DAEMONS, SOCKET}
    assert_fine(host)
    for unit, dropins in starts(host):
        assert f"/etc/systemd/system/{unit}.d/50-falcot-rtc.conf" in dropins
    assert host.run(["find", "/etc/systemd", "/run/systemd", "-name", "*hold*"]).stdout == ""


def test_the_answered_password_is_the_accounts(held: Held) -> None:
    """Answered at once or later, no other one was generated in between."""
    host = held.outcome.host
    assert not host.exists("/etc/falcot-rtc/secrets/admin-password")
    database = "/var/lib/falcot-rtc/sip/subscribers.sqlite"
    query = "SELECT ha1 FROM subscriber WHERE username = 'admin' AND domain = 'falcot.com'"
    ha1 = hashlib.md5(f"admin:falcot.com:{PASSWORD}".encode()).hexdigest()
    assert host.run(["sqlite3", database, query]).stdout.strip() == ha1
    assert PASSWORD not in host.read("/var/cache/debconf/passwords.dat")
