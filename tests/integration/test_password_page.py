# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""People change their password in a browser; guesses, junk and kills, by way of the web server."""

from __future__ import annotations

import json
import re
import secrets
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.integration import outside, test_webrtc
from tests.integration.conftest import booted
from tests.integration.observe import assert_fine, units, until
from tests.integration.people import Person, chosen, people
from tests.integration.test_reconfigure import reconfigure
from tests.integration.test_rename import check_as
from tests.lab.cache import REPOSITORY
from tests.lab.command import run
from tests.lab.host import Host

BROWSER = Path(__file__).with_name("browser")
ORIGIN = "https://falcot.com"
PAGE, ACTION = f"{ORIGIN}/password/", f"{ORIGIN}/password/change"
SOCKET, SERVICE = "falcot-rtc-password.socket", "falcot-rtc-password.service"
ARTEFACTS = REPOSITORY / "artefacts"
PASSED = "Your password is changed"
REFUSED = "The name or the old password is wrong. Nothing was changed."
LIMITED = re.compile(r"There were too many wrong passwords\. Please try again in \d+ seconds\.")

modules = test_webrtc.modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    status: int
    text: str
    seconds: float
    body: str


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("password", release, installed, archive) as host:
        yield host


@pytest.fixture
def fresh(host: Host) -> Host:
    """The host, with nobody's wrong passwords remembered."""
    host.run(["systemctl", "stop", SERVICE])
    return host


@pytest.fixture
def joe(fresh: Host) -> Iterator[Person]:
    with people(fresh, "joe") as (joe,):
        yield joe


def curl(host: Host, *options: str, input: str | None = None) -> Said:
    form = "\n%{http_code} %{time_total}"
    trust = ("--cacert", outside.trust(host), "--write-out", form)
    command = ("curl", "--silent", "--max-time", "100", *trust, *options)
    said = outside.run(host, *command, input=input).stdout
    body, _, numbers = said.rpartition("\n")
    status, seconds = numbers.split()
    found = re.search(r'(?s)role="alert"[^>]*>(.*?)</p>|role="status".*?<h2>(.*?)</h2>', body)
    text = unescape(found[1] or found[2]) if found else ""
    return Said(status=int(status), text=text, seconds=float(seconds), body=body)


def post(host: Host, user: str, old: str, new: str, *options: str, again: str = "") -> Said:
    """What a browser sends of the form; the passwords go through standard input."""
    fields = {"user": user, "old": old, "new": new, "again": again or new, "language": "en"}
    rows = [
        f"data-urlencode = {json.dumps(f'{name}={text}', ensure_ascii=False)}\n"
        for name, text in fields.items()
    ]
    config = "".join(rows) + 'header = "Sec-Fetch-Site: same-origin"\n'
    return curl(host, "--config", "-", *options, ACTION, input=config)


def changed(person: Person, password: str) -> Person:
    return replace(person, password=password)


def refused_everywhere(host: Host, person: Person) -> None:
    """No service takes the password."""
    with people(host, "other") as (other,):
        failed = check_as(host, (person, other))
    for kind in ("turn.relay-longterm.", "sip.register.", "xmpp.login."):
        assert any(name.startswith(kind) for name in failed), (kind, failed)


def accepted_everywhere(host: Host, person: Person) -> None:
    with people(host, "other") as (other,):
        assert check_as(host, (person, other)) == {}


# browsers


def browse(host: Host, modules: Path, work: Path, **wish: Any) -> list[dict[str, Any]]:
    """What was seen of the page, first as it came and then after each form."""
    database = work / ".pki" / "nssdb"
    if not database.exists():
        database.mkdir(parents=True)
        authority = work / "ca.crt"
        authority.write_text(host.read(outside.PUBLIC_CA), encoding="utf-8")
        run(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"])
        run(["certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", "x", "-i", authority])
        (work / "node_modules").symlink_to(modules)
        driver = (BROWSER / "password.mjs").read_text(encoding="utf-8")
        (work / "password.mjs").write_text(driver, encoding="utf-8")
    ARTEFACTS.mkdir(exist_ok=True)
    done = host.client(
        ["node", work / "password.mjs"],
        input=json.dumps({"origin": ORIGIN, **wish}),
        env={"HOME": str(work), "XDG_RUNTIME_DIR": str(work)},
        timeout=180,
    )
    told = json.loads(done.stdout)
    assert told["trouble"] == []
    for one in told["seen"]:
        assert one["fits"], one
        assert one["small"] == [], one
        assert one["passwords"] == "", one
    return list(told["seen"])


@pytest.mark.parametrize(
    ("language", "width", "scheme", "scripts"),
    [("en-GB", 320, "light", False), ("de-AT", 320, "dark", True),
     ("en-US", 1280, "dark", True), ("de", 1280, "light", False)],
)  # fmt: skip
def test_a_person_with_a_keyboard(
    host: Host, joe: Person, modules: Path, tmp_path: Path,
    language: str, width: int, scheme: str, scripts: bool,
) -> None:  # fmt: skip
    """Tab, typing and Enter alone; a typing error, a wrong password, then the change."""
    tag = language[:2]
    new = chosen()

    def picture(what: str) -> str:
        return str(ARTEFACTS / f"password-{tag}-{width}-{scheme}-{what}.png")

    def form(old: str, again: str, what: str) -> dict[str, str]:
        return {"user": joe.name, "old": old, "new": new, "again": again, "picture": picture(what)}

    seen = browse(
        host, modules, tmp_path,
        language=language, width=width, height=800, scheme=scheme, scripts=scripts,
        picture=picture("form"),
        forms=[
            form(joe.password, new + "x", "different"),
            form("wrong", new, "wrong"),
            form(joe.password, new, "done"),
        ],
    )  # fmt: skip
    first, different, wrong, done = seen
    assert {one["language"] for one in seen} == {tag}
    assert first["url"] == PAGE and first["said"] == "" and first["cursor"] == "user"
    assert (different["cursor"], wrong["cursor"]) == ("old", "old")
    assert (different["wrong"], wrong["wrong"]) == ("again", "old")
    assert different["user"] == wrong["user"] == joe.name
    assert different["title"].startswith({"en": "Error: ", "de": "Fehler: "}[tag])
    if tag == "en":
        assert (wrong["said"], done["said"]) == (REFUSED, PASSED)
    else:
        assert done["said"] == "Ihr Passwort ist geändert"
    assert done["user"] is None
    host.run(["systemctl", "stop", SERVICE])
    assert post(host, joe.address, new, chosen()).text == PASSED


# what follows from a change


def test_the_new_password_counts_everywhere_and_the_old_one_nowhere(
    fresh: Host, joe: Person
) -> None:
    new = changed(joe, chosen())
    assert post(fresh, joe.name, joe.password, new.password).text == PASSED
    accepted_everywhere(fresh, new)
    refused_everywhere(fresh, joe)
    assert_fine(fresh)
    noted = fresh.journal("-t", "falcot-rtc", "--output=cat")
    assert f"new password for {joe.address} (by its owner, from " in noted


def test_the_generated_password_of_the_administrator_goes(fresh: Host) -> None:
    made = fresh.run(["falcot-rtc", "user", "passwd", "admin", "--generate"]).stdout
    old = made.partition("password: ")[2].strip()
    kept = "/etc/falcot-rtc/secrets/admin-password"
    fresh.push(kept, f"{old}\n", mode=0o600)
    assert post(fresh, "admin", old, chosen()).text == PASSED
    assert not fresh.exists(kept)


def test_no_password_is_left_anywhere(fresh: Host, joe: Person) -> None:
    new = chosen()
    assert post(fresh, joe.name, "a wrong one 4711", new).text == REFUSED
    assert post(fresh, joe.name, joe.password, new).text == PASSED
    journal = fresh.journal()
    files = fresh.shell("grep -rlsF -e '" + new + "' /var /etc /run /tmp || true").stdout
    assert files.splitlines() == []
    for secret in ("a wrong one 4711", joe.password, new):
        assert secret not in journal
    (pid,) = units(fresh, [SERVICE], "MainPID")[SERVICE]
    assert new not in fresh.run(["cat", f"/proc/{pid}/cmdline", f"/proc/{pid}/environ"]).stdout
    # prctl(2): not dumpable, so even its own files in /proc are root's.
    limits = fresh.read(f"/proc/{pid}/limits")
    assert re.search(r"Max core file size\s+0\s+0\s", limits)


def test_two_at_once_of_whom_one_wins(fresh: Host, joe: Person) -> None:
    tries = [changed(joe, chosen()) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda n: post(fresh, joe.name, joe.password, n.password), tries))
    assert sorted(one.text for one in said) == [REFUSED, PASSED]
    winner = tries[[one.text for one in said].index(PASSED)]
    accepted_everywhere(fresh, winner)


@pytest.mark.parametrize("step", range(6))
def test_a_kill_leaves_the_old_or_the_new_password(fresh: Host, joe: Person, step: int) -> None:
    """SIGKILL at one moment of the change or another; systemd starts it again, which completes."""
    new = changed(joe, chosen())
    post(fresh, joe.name, "wrong", new.password)
    with ThreadPoolExecutor(1) as pool:
        posted = pool.submit(post, fresh, joe.name, joe.password, new.password)
        kill = f"sleep 0.{step + 1:02}5; systemctl kill --signal=KILL {SERVICE} || true"
        fresh.shell(kill)
        said = posted.result()
    assert said.status in (200, 500, 502, 503)
    curl(fresh, ACTION)
    agreed = until(lambda: assertable(fresh), lambda fault: not fault)
    assert agreed == ""
    one = new if post(fresh, joe.name, new.password, chosen()).text == PASSED else joe
    if one is joe:
        assert said.status != 200
        assert post(fresh, joe.name, joe.password, new.password).text == PASSED


def assertable(host: Host) -> str:
    """What `check` says of accounts of which services disagree."""
    done = host.run(["falcot-rtc", "check", "--json"], check=False)
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    return str(rows["host.accounts"]["detail"])


# refusals


def test_unknown_disabled_and_wrong_are_alike(fresh: Host, joe: Person) -> None:
    """Text, status and time; from several addresses, so that nobody has to wait."""
    with people(fresh, "gone") as (gone,):
        fresh.run(["falcot-rtc", "user", "disable", gone.name])
        kinds = {
            "wrong": (joe.name, "wrong password here"),
            "unknown": (f"nobody-{secrets.token_hex(3)}", joe.password),
            "disabled": (gone.name, gone.password),
            "elsewhere": ("joe@example.net", joe.password),
            "checks": ("falcot-rtc-check-000000000000", "wrong password here"),
        }
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(4):
            fresh.run(["systemctl", "restart", SERVICE])
            # Who comes first waits for its start, whoever that is.
            curl(fresh, ACTION)
            for kind, (name, password) in list(kinds.items())[:4]:
                said = post(fresh, name, password, chosen())
                assert (said.status, said.text) == (403, REFUSED), kind
                times[kind].append(said.seconds)
        said = post(fresh, *kinds["checks"], chosen())
        assert (said.status, said.text) == (403, REFUSED)
    medians = [statistics.median(row) for row in times.values() if row]
    assert max(medians) - min(medians) < 0.1, times
    assert min(medians) > 0.4


def test_who_guesses_waits_and_is_logged_for_the_jail(fresh: Host, joe: Person) -> None:
    since = fresh.run(["date", "+%F %T"]).stdout.strip()
    said = [post(fresh, joe.name, f"guess {n}", chosen()) for n in range(12)]
    assert [one.text for one in said[:5]] == [REFUSED] * 5
    late = [one for one in said[5:] if one.status == 429]
    assert late and all(LIMITED.fullmatch(one.text) for one in late)
    # Even the right one, for whom guessed so often; until the wait is over.
    limited = post(fresh, joe.name, joe.password, chosen())
    assert limited.status == 429
    lines = fresh.journal("-u", SERVICE, f"--since={since}", "--output=cat").splitlines()
    failed = [line for line in lines if line.startswith("falcot-rtc: login failed from ")]
    assert len(failed) >= 8
    assert all(line.endswith(f" user {joe.address}") for line in failed)
    # It does not end as long as that counts.
    assert units(fresh, [SERVICE], "ActiveState")[SERVICE] == ("active",)


def test_an_address_that_a_client_makes_up_is_not_believed(fresh: Host, joe: Person) -> None:
    since = fresh.run(["date", "+%F %T"]).stdout.strip()
    header = ("--header", "X-Forwarded-For: 192.0.2.66", "--header", "Forwarded: for=192.0.2.66")
    assert post(fresh, joe.name, "wrong", chosen(), *header).text == REFUSED
    lines = fresh.journal("-u", SERVICE, f"--since={since}", "--output=cat")
    assert "192.0.2.66" not in lines and "login failed from " in lines


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("short", "", "too easy to guess"),
        ("one two three four", "one two three five", "The two new passwords differ"),
        ("x" * 129, "", "longer than 128 characters"),
        ("a delete \x7f in the middle", "", "some devices can't type"),
    ],
)
def test_new_passwords_that_can_not_be(
    fresh: Host, joe: Person, new: str, again: str, told: str
) -> None:
    said = post(fresh, joe.name, joe.password, new, again=again)
    assert said.status == 422 and told in said.text
    assert post(fresh, joe.name, joe.password, joe.password).text.startswith("The new password is")
    assert post(fresh, joe.name, joe.password, chosen()).text == PASSED


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://falcot.com", ""])
def test_forms_of_other_sites_are_refused(fresh: Host, joe: Person, origin: str) -> None:
    fields = ("--data-urlencode", f"user={joe.name}", "--data", "old=a&new=b&again=b&language=en")
    header = ("--header", f"Origin: {origin}") if origin else ()
    said = curl(fresh, *fields, *header, ACTION)
    assert said.status == 403 and "open this page directly" in said.text
    crossed = ("--header", "Sec-Fetch-Site: cross-site", "--header", f"Origin: {ORIGIN}")
    assert curl(fresh, *fields, *crossed, ACTION).status == 403


def test_hostile_bodies(fresh: Host, joe: Person) -> None:
    """Huge, binary, chunked, slow, many: each gets an answer, and the service goes on."""
    post(fresh, joe.name, "wrong", chosen())
    before = units(fresh, [SERVICE], "MainPID")
    outside.place(fresh, "/srv/lab/huge", b"user=" + b"\0\xff" * 4_000_000)
    outside.place(fresh, "/srv/lab/binary", bytes(range(256)) * 8)
    header = ("--header", f"Origin: {ORIGIN}")
    for version in ("--http1.1", "--http2"):
        for name in ("huge", "binary"):
            said = curl(fresh, version, *header, "--data-binary", f"@/srv/lab/{name}", ACTION)
            assert said.status in (400, 403, 413) and "Nothing was changed" in said.text, name
    chunked = ("--http1.1", "--header", "Transfer-Encoding: chunked", *header)
    assert curl(fresh, *chunked, "--data-binary", "@/srv/lab/huge", ACTION).status in (400, 413)
    slow = ("--http1.1", "--header", "Content-Length: 4000", *header, "--data", "user=joe")
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(curl, fresh, *slow, ACTION) for _ in range(30)]
        started = time.monotonic()
        # They wait for the web server, not for the service.
        assert post(fresh, joe.name, joe.password, chosen()).text == PASSED
        assert time.monotonic() - started < 15
        assert {one.result().status for one in waiting} <= {0, 400, 408}
    assert units(fresh, [SERVICE], "MainPID") == before
    assert units(fresh, [SERVICE], "NRestarts")[SERVICE] == ("0",)


# the page itself


def test_headers_that_protect_readers(host: Host) -> None:
    for options in ((PAGE,), ("--data", "x=y", ACTION)):
        head = curl(host, "--dump-header", "-", "--output", "/dev/null", *options).body.lower()
        assert "cache-control: no-store" in head
        assert "default-src 'none'" in head and "form-action 'self'" in head
        assert "frame-ancestors 'none'" in head and "script-src" not in head
        assert "x-content-type-options: nosniff" in head
        assert "referrer-policy: no-referrer" in head
        assert "set-cookie" not in head
    assert "form-action 'none'" in curl(host, "--head", f"{ORIGIN}/").body


def test_clear_text_is_never_asked_for_a_password(host: Host) -> None:
    said = curl(host, "--data", "user=joe", ACTION.replace("https", "http"))
    assert said.status == 301 and "<form" not in said.body


def test_other_ways_to_the_page(host: Host) -> None:
    assert 'href="/password/"' in curl(host, f"{ORIGIN}/").body
    for path in ("/.well-known/change-password", "/password/change", "/password"):
        said = curl(host, "--location", f"{ORIGIN}{path}")
        assert said.status == 200 and 'autocomplete="new-password"' in said.body, path


def test_nobody_else_on_the_host_may_speak_to_the_service(host: Host) -> None:
    place = "/run/falcot-rtc/password.sock"
    assert host.run(["stat", "-c", "%U:%G %a", place]).stdout.strip() == "root:www-data 660"
    connect = f"import socket; socket.socket(socket.AF_UNIX).connect({place!r})"
    for user, fine in (("nobody", False), ("prosody", False), ("www-data", True)):
        done = host.run(["runuser", "-u", user, "--", "python3", "-c", connect], check=False)
        assert (done.returncode == 0) is fine, user


def test_it_is_locked_up(host: Host) -> None:
    shown = host.run(["systemd-analyze", "security", "--no-pager", SERVICE]).stdout
    level = re.search(r"Overall exposure level .*: ([0-9.]+) ", shown)
    assert level is not None and float(level[1]) <= 1.5
    curl(host, ACTION)
    (pid,) = units(host, [SERVICE], "MainPID")[SERVICE]
    for path in ("/etc/falcot-rtc/ca/ca.key", "/var/lib/falcot-rtc/tls"):
        inside = host.run(["nsenter", "-t", pid, "-m", "ls", path], check=False)
        assert inside.returncode != 0 or not inside.stdout, path
    for path in ("/etc", "/usr", "/var/lib/falcot-rtc/generations", "/run/lock"):
        done = host.run(["nsenter", "-t", pid, "-m", "touch", f"{path}/probe"], check=False)
        assert "Read-only file system" in done.stderr, path
    devices = host.read(f"/proc/{pid}/net/dev")
    assert re.findall(r"(\w+):", devices) == ["lo"]


def test_without_its_service_it_says_so(fresh: Host, joe: Person) -> None:
    fresh.run(["systemctl", "stop", SOCKET])
    try:
        said = post(fresh, joe.name, joe.password, chosen(), "--header", "Accept-Language: de")
        assert said.status == 503 and "Es wurde nichts geändert" in said.text
    finally:
        fresh.run(["systemctl", "start", SOCKET])
    assert post(fresh, joe.name, joe.password, chosen()).text == PASSED


def test_a_busy_host_says_so_and_changes_nothing(fresh: Host, joe: Person) -> None:
    hold = "flock /run/lock/falcot-rtc.lock sh -c 'echo held; exec cat'"
    with outside.running(fresh.command(["sh", "-c", hold])) as holder:
        holder.line(lambda line: line == "held")
        said = post(fresh, joe.name, joe.password, chosen())
        assert said.status == 503 and "Nothing was changed" in said.text
    assert post(fresh, joe.name, joe.password, chosen()).text == PASSED


def test_a_host_without_the_web_has_none_of_it(host: Host) -> None:
    reconfigure(host, services="turn, sip, xmpp")
    assert units(host, [SOCKET, SERVICE], "ActiveState") == dict.fromkeys(
        (SOCKET, SERVICE), ("inactive",)
    )
    assert units(host, [SOCKET], "UnitFileState")[SOCKET] == ("disabled",)
    assert not host.exists("/run/falcot-rtc/password.sock")
    reconfigure(host, services="turn, sip, xmpp, web")
    assert_fine(host)
    assert curl(host, PAGE).status == 200
