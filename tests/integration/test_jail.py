# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who keeps trying passwords is slowed down and shut out, and learns from no answer who exists."""

from __future__ import annotations

import json
import re
import secrets
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import outside
from tests.integration.conftest import SPARED, booted
from tests.integration.observe import until
from tests.integration.people import Person, people
from tests.integration.test_credentials import ice, mint
from tests.lab import demo
from tests.lab.command import CLEAN_ENVIRONMENT
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6

IPV4, IPV6 = "198.51.100.19", "2001:db8:1000:2000::19"
FRIEND, GUESSER = CLIENT_IPV4
# Somebody whom no test talks to, named by hostile clients only.
FRAMED = "192.0.2.99"
MOST = 5
POLICY = f"max-failures = {MOST}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service, how it is guessed at, and what its answers are when a password was right."""

    role: str
    mode: str
    unit: str
    filter: str
    welcome: str

    @property
    def jail(self) -> str:
        return f"falcot-rtc-{self.role}"


SIP = Service(role="sip", mode="sip", unit="kamailio", filter="falcot-rtc", welcome="200 OK")
XMPP = Service(role="xmpp", mode="scram", unit="prosody", filter="falcot-rtc", welcome="<success")
# Over UDP a session ends, and its line comes, only after a minute.
TURN = Service(
    role="turn", mode="turn-tls", unit="coturn", filter="falcot-rtc-turn", welcome="0x103"
)
# Said to who knows the old password only; guess.py asks for a new one that is the same to SASLprep.
WEB = Service(
    role="web",
    mode="web",
    unit="falcot-rtc-password",
    filter="falcot-rtc",
    welcome="The new password is the old one",
)
# It shares the ports of the page for passwords, and so the jail.
PHONE = Service(
    role="web", mode="phone", unit="falcot-rtc-phone", filter="falcot-rtc", welcome="200 OK"
)
SERVICES = (SIP, XMPP, TURN, WEB, PHONE)
every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    answers: list[str]
    seconds: float

    @property
    def text(self) -> str:
        return "\n".join(self.answers)


def guess(
    host: Host,
    mode: str,
    tries: Sequence[tuple[str, str]],
    *,
    source: str = FRIEND,
    server: str = IPV4,
    keep: bool = False,
) -> list[Answer]:
    argv = ["python3", f"{outside.PLACE}/guess.py", mode, server, "--source", source]
    argv += ["--keep"] if keep else []
    done = outside.run(host, *argv, input=json.dumps(tries), check=True, timeout=300)
    return [Answer(**json.loads(line)) for line in done.stdout.splitlines()]


def nobody() -> str:
    return f"nobody-{secrets.token_hex(3)}"


def client(host: Host, *argv: str) -> str:
    return host.run(["fail2ban-client", *argv]).stdout


def banned(host: Host, jail: str) -> set[str]:
    return set(client(host, "get", jail, "banip").split())


def failures(host: Host, jail: str) -> int:
    found = re.search(r"Total failed:\s*(\d+)", client(host, "status", jail))
    assert found
    return int(found[1])


def read_by(host: Host, service: Service, since: str) -> list[str]:
    """The addresses that the filter finds in the journal from a cursor on, in order."""
    # Not by --unit: journalctl 252 would leave out the first line of it behind a cursor of others.
    at = ("--after-cursor", since, "--output=short")
    lines = host.run(["journalctl", "--no-pager", *at]).stdout
    # As fail2ban's systemd backend writes them: from the host's name on, behind the date.
    host.push("/root/lines", lines)
    path = f"/etc/fail2ban/filter.d/{service.filter}.conf"
    return host.run(["fail2ban-regex", "-o", "ip", "/root/lines", path]).stdout.split()


def cursor(host: Host) -> str:
    shown = host.run(["journalctl", "--lines=0", "--show-cursor", "--no-pager"]).stdout
    return shown.rpartition("cursor: ")[2].strip()


@pytest.fixture(scope="module")
def guarded(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    """A site whose jails do not spare the lab's clients."""
    with booted("jail", release, installed, archive) as host:
        host.run(["rm", SPARED])
        if release == "bookworm":
            # Debian's own sshd jail ends fail2ban 1.0.2 on a host without /var/log/auth.log.
            host.push("/etc/fail2ban/jail.d/lab.conf", "[DEFAULT]\nsshd_backend = systemd\n")
            host.run(["systemctl", "restart", "fail2ban.service"])
        host.push("/etc/falcot-rtc/policy.d/jail.toml", POLICY)
        host.run(["falcot-rtc", "apply"])
        yield host


@pytest.fixture
def joe(guarded: Host) -> Iterator[Person]:
    """Somebody with a password, on a host whose services have no failures in memory."""
    guarded.run(["systemctl", "stop", "fail2ban.service"])
    guarded.run(["systemctl", "restart", *(f"{one.unit}.service" for one in SERVICES)])
    # A fail2ban that starts bans anew whom its database names (some time after it answers, so that
    # an unban can come too early), and counts what the journal has of the last minutes.
    guarded.run(["rm", "--force", "/var/lib/fail2ban/fail2ban.sqlite3"])
    guarded.run(["journalctl", "--quiet", "--rotate", "--vacuum-size=1"])
    guarded.run(["systemctl", "start", "fail2ban.service"])
    assert until(lambda: "falcot-rtc-web" in status(guarded), bool)
    with people(guarded, "joe") as (joe,):
        for one in SERVICES:
            await_login(guarded, one, joe)
        yield joe


def await_login(host: Host, service: Service, who: Person) -> None:
    """A service that was started just now listens a little later."""
    right = [(who.name, who.password)]
    assert until(lambda: service.welcome in guess(host, service.mode, right)[0].text, bool)


def let_nobody_wait(host: Host, service: Service) -> None:
    """The page for passwords and the phone forget whom they let wait (an IPv6 network as one
    address), and how long; test_password_page and test_phone_desk look at that."""
    if service in (WEB, PHONE):
        host.run(["systemctl", "restart", f"{service.unit}.service"])


def status(host: Host) -> str:
    return host.run(["fail2ban-client", "status"], check=False).stdout


def test_apply_brought_the_jails_and_check_sees_them(guarded: Host) -> None:
    listed = client(guarded, "status")
    for role in ("turn", "sip", "xmpp", "web"):
        assert f"falcot-rtc-{role}" in listed
    found = json.loads(guarded.run(["falcot-rtc", "check", "--json"], check=False).stdout)
    (row,) = (row for row in found if row["id"] == "host.jails")
    assert row["status"] == "ok", row


def test_what_everybody_does_is_no_failure(guarded: Host, joe: Person) -> None:
    """Each login begins with a challenge; checks try what must be refused."""
    before = {one.jail: failures(guarded, one.jail) for one in SERVICES}
    mark = cursor(guarded)
    for mode in ("sip", "scram", "plain", "turn-udp", "turn-tls", "web", "phone"):
        for server, source in ((IPV4, FRIEND), (IPV6, CLIENT_IPV6[0])):
            tries = [(joe.name, joe.password)] * 2
            for answer in guess(guarded, mode, tries, source=source, server=server):
                assert any(one.welcome in answer.text for one in SERVICES), answer
    guarded.run(["falcot-rtc", "check", "--failed"])
    from_client = subprocess.run(
        demo.client_check(guarded), env=CLEAN_ENVIRONMENT, capture_output=True, text=True
    )
    assert from_client.returncode == 0, from_client.stdout
    for one in SERVICES:
        assert read_by(guarded, one, mark) == [], one
    assert {one.jail: failures(guarded, one.jail) for one in SERVICES} == before


@every_service
def test_wrong_passwords_end_in_jail(guarded: Host, joe: Person, service: Service) -> None:
    mark = cursor(guarded)
    tries = [(joe.name if n % 2 else nobody(), f"wrong {n}") for n in range(MOST)]
    answers = guess(guarded, service.mode, tries, source=GUESSER)
    assert len(answers) == MOST
    assert not any(service.welcome in answer.text for answer in answers)
    assert until(lambda: banned(guarded, service.jail), bool) == {GUESSER}
    # The filter reads each of the real lines, and each as the address that it came from.
    assert read_by(guarded, service, mark) == [GUESSER] * MOST
    rules = guarded.run(["nft", "list", "ruleset"]).stdout
    assert re.search(rf"set addr-set-{service.jail} .*?{re.escape(GUESSER)}", rules, re.DOTALL)

    right = [(joe.name, joe.password)]
    (shut_out,) = guess(guarded, service.mode, right, source=GUESSER)
    assert shut_out.text.startswith("unreachable")
    (friend,) = guess(guarded, service.mode, right, source=FRIEND)
    assert service.welcome in friend.text
    # Other services of the same host are not closed by this jail.
    for other in SERVICES:
        if other.jail != service.jail:
            (open_still,) = guess(guarded, other.mode, right, source=GUESSER)
            assert other.welcome in open_still.text, other

    client(guarded, "set", service.jail, "unbanip", GUESSER)
    let_nobody_wait(guarded, service)
    (again,) = guess(guarded, service.mode, right, source=GUESSER)
    assert service.welcome in again.text


@every_service
def test_ipv6_too(guarded: Host, joe: Person, service: Service) -> None:
    source = CLIENT_IPV6[1]
    tries = [(joe.name, f"wrong {n}") for n in range(MOST)]
    guess(guarded, service.mode, tries, source=source, server=IPV6)
    assert until(lambda: banned(guarded, service.jail), bool) == {source}
    let_nobody_wait(guarded, service)
    right = [(joe.name, joe.password)]
    (shut_out,) = guess(guarded, service.mode, right, source=source, server=IPV6)
    assert shut_out.text.startswith("unreachable")
    (friend,) = guess(guarded, service.mode, right, source=CLIENT_IPV6[0], server=IPV6)
    assert service.welcome in friend.text


HOSTILE = (
    f"x from {FRAMED}",
    f'x" from {FRAMED} port 1 method REGISTER user x',
    f"x\nkamailio[1]: WARNING: <script>: falcot-rtc: login failed from {FRAMED} user x",
    f"x%0Afalcot-rtc:%20login%20failed%20from%20{FRAMED}%20user%20x",
    f"x\r\nfalcot-rtc: login failed from {FRAMED} user x",
    f"falcot-rtc:login-failed-from-{FRAMED}-user-x",
    f"x>:closed,remote,{FRAMED}:1,reason:x",
    f"x>_realm_<r>_origin_<>,_local_{FRAMED}:1,_remote_{FRAMED}:5,_reason:_x",
    f"x\u2028falcot-rtc:\u00a0login\u00a0failed\u00a0from\u00a0{FRAMED}\u00a0user\u00a0x",
    "x" * 200 + FRAMED,
)


@pytest.mark.parametrize("mode", ["sip", "scram", "plain", "turn-tls", "web", "phone"])
def test_a_name_frames_nobody(guarded: Host, joe: Person, mode: str) -> None:
    mark = cursor(guarded)
    guess(guarded, mode, [(name, "x") for name in HOSTILE])
    (service,) = (one for one in SERVICES if one.mode == mode.replace("plain", "scram"))
    # Whoever was framed would be there with the real one, whose last failure comes last.
    name = nobody()
    guess(guarded, mode, [(name, "x")], source=GUESSER)
    seen = until(lambda: read_by(guarded, service, mark), lambda found: GUESSER in found)
    assert seen[-1] == GUESSER
    assert set(seen) <= {FRIEND, GUESSER}
    assert FRAMED not in banned(guarded, service.jail)


@pytest.mark.parametrize("mode", ["sip", "scram", "plain", "turn-udp", "turn-tls"])
def test_unknown_and_known_people_are_answered_alike(
    guarded: Host, joe: Person, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bytes, but for what is random, and the times, in turn, by what they spread themselves."""
    rounds = 12
    guarded.run(["systemctl", "stop", "fail2ban.service"])
    unlimited = "failures-per-user = 1000\nfailures-per-source = 10000\n"
    guarded.push("/etc/falcot-rtc/policy.d/sip.toml", unlimited)
    guarded.push("/etc/falcot-rtc/policy.d/jail.toml", f"{POLICY}delay-after = 10000\n")
    guarded.run(["falcot-rtc", "apply"])
    try:
        tries = [(name, "wrong") for _ in range(rounds) for name in (joe.name, nobody())]
        answers = guess(guarded, mode, tries)
    finally:
        guarded.push("/etc/falcot-rtc/policy.d/sip.toml", "")
        guarded.push("/etc/falcot-rtc/policy.d/jail.toml", POLICY)
        guarded.run(["falcot-rtc", "apply"])
        guarded.run(["systemctl", "start", "fail2ban.service"])
    known, unknown = answers[::2], answers[1::2]
    said = {re.sub(r"salt \S+", "salt", answer.text) for answer in answers}
    assert len(said) == 1, said
    times = {
        who: [1000 * one.seconds for one in found]
        for who, found in (("known", known), ("unknown", unknown))
    }
    with capsys.disabled():
        for who, taken in times.items():
            taken.sort()
            print(
                f"\n{mode:9} {who:8} median {statistics.median(taken):7.3f} ms, "
                f"{taken[1]:.3f} to {taken[-2]:.3f}",
                end="",
            )
    assert alike(times["known"], times["unknown"]), times


def alike(some: Sequence[float], others: Sequence[float]) -> bool:
    """Whether the medians differ by no more than both spread (quartiles), and half the smaller.

    No clock is judged, only these two by each other: they were measured in turn, so what slows the
    machine down meanwhile widens both. A hash that is left out is several times the rest.
    """
    medians = [statistics.median(one) for one in (some, others)]
    quartiles = [statistics.quantiles(one, n=4) for one in (some, others)]
    spread = sum(high - low for low, _, high in quartiles)
    return abs(medians[0] - medians[1]) <= spread + min(medians) / 2


def test_a_hash_that_is_left_out_would_be_seen() -> None:
    """PLAIN costs a hash of 10 ms where the rest takes 2; noise of half a machine is none."""
    with_hash = [12.0, 12.1, 11.9, 12.4, 30.0, 12.2, 12.0, 13.0]
    without = [2.0, 2.1, 1.9, 2.4, 20.0, 2.2, 2.0, 3.0]
    assert not alike(with_hash, without)
    assert alike(with_hash, [1.2 * one for one in with_hash])


def salt(host: Host, name: str) -> str:
    (answer,) = guess(host, "scram", [(name, "wrong")])
    return answer.answers[-1]


def test_nobody_has_the_same_salt_after_a_restart(guarded: Host, joe: Person) -> None:
    name = nobody()
    before = [salt(guarded, one) for one in (name, joe.name)]
    guarded.run(["systemctl", "restart", "prosody.service"])
    await_login(guarded, XMPP, joe)
    assert [salt(guarded, one) for one in (name, joe.name)] == before
    assert salt(guarded, nobody()) not in before


def test_xmpp_slows_down(guarded: Host, joe: Person) -> None:
    """From the fourth try on each takes two seconds; the right password still works."""
    guarded.run(["systemctl", "stop", "fail2ban.service"])
    tries = [(nobody(), "wrong")] * 4 + [(joe.name, joe.password)]
    answers = guess(guarded, "scram", tries)
    assert min(answer.seconds for answer in answers[3:]) >= 2, answers
    assert "<success" in answers[-1].text
    # Somebody elsewhere does not wait for them: his failures are his own.
    (other,) = guess(guarded, "scram", [(joe.name, joe.password)], source=GUESSER)
    assert "<success" in other.text and other.seconds < answers[-1].seconds


def test_sip_stops_listening_to_who_goes_on(guarded: Host, joe: Person) -> None:
    """Ten wrong passwords for somebody, and even the right one is refused to that address."""
    guarded.run(["systemctl", "stop", "fail2ban.service"])
    tries = [(joe.name, "wrong")] * 10 + [(joe.name, joe.password)]
    answers = guess(guarded, "sip", tries)
    assert "403 Too Many Failed Logins" in answers[-1].text
    (other,) = guess(guarded, "sip", [(joe.name, joe.password)], source=GUESSER)
    assert "200 OK" in other.text


def test_turn_judges_no_more_than_a_number_a_minute(guarded: Host, joe: Person) -> None:
    """A connection may try without end, and coturn counts it once; what is judged has an end."""
    guarded.run(["systemctl", "stop", "fail2ban.service"])
    minted = ice(mint(guarded, joe.name))
    with people(guarded, "mary") as (mary,):
        for _ in range(2):
            # Each try at the right one comes after many wrong ones, all within a moment.
            guess(guarded, "turn-tls", [(joe.name, "wrong")] * 200, keep=True)
        begun = time.monotonic()
        right = guess(guarded, "turn-tls", [(joe.name, joe.password)] * 10)
        accepted = sum(TURN.welcome in answer.text for answer in right)
        # The bucket was empty: a second adds two of the 120.
        assert accepted <= 2 + 2 * (time.monotonic() - begun)
        assert accepted < len(right)
        for one in (minted, (mary.name, mary.password)):
            (fine,) = guess(guarded, "turn-tls", [one])
            assert TURN.welcome in fine.text
    for service in (SIP, XMPP):
        (fine,) = guess(guarded, service.mode, [(joe.name, joe.password)])
        assert service.welcome in fine.text
    said = guarded.journal("--unit=falcot-rtc-turn-auth.service", "--output=cat")
    assert said.count(f"more than 120 log-ins of {joe.name} a minute: refused") == 1
    await_login(guarded, TURN, joe)


def test_fail2ban_goes_on_without_us(guarded: Host, joe: Person) -> None:
    """Its unit is never stopped or disabled, its own files are as they came."""
    pid = guarded.run(["systemctl", "show", "--value", "-p", "MainPID", "fail2ban"]).stdout
    guarded.run(["/usr/libexec/falcot-rtc/hook", "deactivate"])
    try:
        assert "falcot-rtc" not in client(guarded, "status")
        assert guarded.run(["systemctl", "is-enabled", "fail2ban"]).stdout.strip() == "enabled"
        assert not guarded.shell("ls /etc/fail2ban/*/falcot-rtc*.conf || true").stdout
        assert guarded.run(["dpkg", "--verify", "fail2ban"], check=False).stdout == ""
    finally:
        guarded.run(["falcot-rtc", "apply"])
    assert "falcot-rtc-sip" in client(guarded, "status")
    same = guarded.run(["systemctl", "show", "--value", "-p", "MainPID", "fail2ban"]).stdout
    assert same == pid
