# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web phone's API on a real host: log-ins that end in time, calls of people without an account.

What the proxy lets a guest do is tried by a hand-made client, over WebSocket and over TLS.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration import outside
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import check, failures, invocations, units
from tests.integration.people import Person, people
from tests.integration.test_credentials import allocates
from tests.integration.test_sessions import on_host, websocket_task
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)

API = f"https://{DOMAIN}/phone/api"
SERVICE = "falcot-rtc-phone.service"
SETTINGS = "/etc/falcot-rtc/settings.toml"
SHOP = "https://www.falcot.com"
ENTRIES = f"""
[[click_to_call]]
name = "sales"
target = "sales"
title = "Call <sales>"
origins = ["{SHOP}"]
limit = 1000

[[click_to_call]]
name = "few"
target = "sales"
limit = 5
ttl = 30

[[click_to_call]]
name = "over"
target = "sales"
until = 2020-12-31

[[click_to_call]]
name = "usual"
target = "sales"
"""
# Credentials as the service makes them, for any time: argv is the name and the seconds left.
MINT = """
import json, pathlib, sys, time
from falcot_rtc import minted
generations = minted.parse(pathlib.Path("/etc/falcot-rtc/secrets/sip-minted").read_text())
made = minted.for_sip(generations, sys.argv[1], int(time.time()) + int(sys.argv[2]))
print(json.dumps({"username": made.user, "password": made.password}))
"""
TOKEN = """
import pathlib, sys, time
from falcot_rtc.phone_desk import token
from falcot_rtc.phone_desk.house import people
rows = people(pathlib.Path("/var/lib/falcot-rtc/phone/people.jsonl").read_bytes()).rows
secret = pathlib.Path("/etc/falcot-rtc/secrets/phone-token").read_text().strip()
holder = token.Holder(address=sys.argv[1], until=int(time.time()) + int(sys.argv[2]))
print(token.issue(secret, holder, rows[holder.address]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("desk", release, installed, archive) as host:
        host.push(SETTINGS, host.read(SETTINGS) + ENTRIES)
        host.run(["falcot-rtc", "apply"])
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


@pytest.fixture(scope="module")
def sales(host: Host) -> Iterator[Person]:
    """Who is called; `sales` is what is dialled."""
    with people(host, "mary") as (mary,):
        host.run(["falcot-rtc", "user", "set", mary.name, "--alias", "sales"])
        yield mary


def ask(host: Host, path: str, *headers: str, body: Any = None, method: str = "POST") -> Said:
    """What curl is told; the body goes through standard input."""
    options = ["--silent", "--include", "--max-time", "60", "--cacert", outside.trust(host)]
    options += ["--http1.1", "--request", method]
    for header in headers:
        options += ["--header", header]
    text = None
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body)
        options += ["--data-binary", "@-"]
    said = outside.run(host, "curl", *options, f"{API}/{path}", input=text).stdout
    head, _, content = said.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.splitlines()
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return Said(status=int(first.split()[1]), body=json.loads(content or "{}"), headers=fields)


IPV6 = "turn:[2001:db8:1000:2000::19]:3478?transport=udp"
OWN = ("Content-Type: application/json", "Sec-Fetch-Site: same-origin")


def log_in(host: Host, user: str, password: str) -> Said:
    return ask(host, "login", *OWN, body={"user": user, "password": password})


def renew(host: Host, token: str) -> Said:
    return ask(host, "renew", f"Authorization: Bearer {token}")


def call(host: Host, name: str = "sales", origin: str = SHOP) -> Said:
    return ask(host, f"call/{name}", f"Origin: {origin}")


def on_the_host(host: Host, program: str, *argv: str) -> str:
    return host.run(["python3", "-c", program, *argv]).stdout.strip()


def registers(host: Host, who: Person, made: dict[str, Any]) -> Any:
    """What SIP over WebSocket says to minted credentials, by where they say it is."""
    given = made["sip"]
    task = websocket_task(host, who, uri=given["servers"][0], password=given["password"])
    task["authorization_user"] = given["username"]
    program = f"{outside.PLACE}/sip_websocket.py"
    done = outside.run(host, "python3", program, input=json.dumps(task), check=True)
    return json.loads(done.stdout)["register"]


def works(host: Host, who: Person, made: dict[str, Any]) -> bool:
    (ice,) = made["iceServers"]
    named = [url for url in ice["urls"] if "turn-server.falcot.com" in url]
    # The name leads to IPv4 alone, as in the handbook.
    assert [url for url in ice["urls"] if url not in named] == [IPV6]
    assert len(named) == 3
    relays = allocates(host, ice["username"], ice["credential"])
    return relays is True and registers(host, who, made) == [401, 200]


# people with an account


def test_a_log_in_gives_what_sip_and_turn_take(fresh: Host, joe: Person) -> None:
    for name in (joe.name, f" {joe.address.title()} "):
        said = log_in(fresh, name, joe.password)
        assert said.status == 200, said
        assert (said.body["address"], said.body["realm"]) == (joe.address, DOMAIN)
        assert said.body["ttl"] == 3600
        assert said.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in said.headers
        left = int(said.body["sip"]["username"].partition(":")[0]) - time.time()
        assert 3500 < left <= 3600
    assert works(fresh, joe, said.body)


def test_unknown_disabled_and_wrong_are_alike(fresh: Host, joe: Person) -> None:
    with people(fresh, "gone") as (gone,):
        on_host(fresh, "disable", gone)
        said = [
            log_in(fresh, joe.name, "a wrong one 4711"),
            log_in(fresh, f"nobody-{secrets.token_hex(3)}", joe.password),
            log_in(fresh, gone.name, gone.password),
            log_in(fresh, f"{joe.name}@example.net", joe.password),
        ]
    assert {one.status for one in said} == {401}
    assert {json.dumps(one.body) for one in said} == {'{"error": "refused"}'}
    assert len({json.dumps({**one.headers, "date": ""}) for one in said}) == 1
    lines = fresh.journal("-u", SERVICE, "--output=cat").splitlines()
    noted = [line for line in lines if line.startswith("falcot-rtc: login failed from ")]
    assert noted[-4].endswith(f" user {joe.address}")
    assert noted[-1].endswith(f" user {joe.name}@example.net")
    assert "a wrong one 4711" not in fresh.journal()


def test_who_guesses_waits(fresh: Host, joe: Person) -> None:
    said = [log_in(fresh, joe.name, f"guess {n}") for n in range(6)]
    assert [one.status for one in said] == [401] * 5 + [429]
    assert said[-1].body["seconds"] == int(said[-1].headers["retry-after"]) > 0
    assert log_in(fresh, joe.name, joe.password).status == 429


@pytest.mark.parametrize(
    ("headers", "body", "status", "error"),
    [
        (OWN[:1], {"user": "a", "password": "b"}, 403, "foreign"),
        ((OWN[0], "Origin: https://evil.example"), {"user": "a", "password": "b"}, 403, "foreign"),
        ((OWN[0], "Sec-Fetch-Site: cross-site"), {"user": "a", "password": "b"}, 403, "foreign"),
        (OWN, {"user": "a"}, 400, "malformed"),
        (OWN, {"user": "a", "password": 7}, 400, "malformed"),
        (OWN, "[" * 4000, 400, "malformed"),
        (OWN, "x" * 5000, 403, "malformed"),
        (("Sec-Fetch-Site: same-origin",), {"user": "a", "password": "b"}, 400, "malformed"),
    ],
)  # fmt: skip
def test_what_is_no_log_in(
    host: Host, headers: tuple[str, ...], body: Any, status: int, error: str
) -> None:
    said = ask(host, "login", *headers, body=body)
    assert (said.status, said.body) == (status, {"error": error})


def test_other_paths_and_methods(host: Host) -> None:
    assert ask(host, "nothing").status == 404
    assert ask(host, "login", method="GET").status == 405
    assert ask(host, "call/sales/more").status == 404


def test_a_token_ends_with_the_password_the_account_and_its_time(fresh: Host, joe: Person) -> None:
    token = log_in(fresh, joe.name, joe.password).body["token"]
    said = renew(fresh, token)
    assert (said.status, said.body["token"]) == (200, token)
    assert works(fresh, joe, said.body)
    on_host(fresh, "disable", joe)
    assert renew(fresh, token).body == {"error": "refused"}
    on_host(fresh, "enable", joe)
    assert renew(fresh, token).status == 200
    fresh.run(["falcot-rtc", "user", "passwd", joe.name, "--generate"])
    assert renew(fresh, token).status == 401
    name = f"jane-{secrets.token_hex(3)}"
    made = fresh.run(["falcot-rtc", "user", "add", name, "--generate"]).stdout
    jane = Person(name=name, password=made.partition("password: ")[2].strip())
    hers = log_in(fresh, jane.name, jane.password).body["token"]
    assert renew(fresh, hers).status == 200
    on_host(fresh, "delete", jane)
    assert renew(fresh, hers).status == 401
    assert renew(fresh, on_the_host(fresh, TOKEN, joe.address, "60")).status == 200
    assert renew(fresh, on_the_host(fresh, TOKEN, joe.address, "-1")).status == 401
    for junk in ("x", "A" * 80, token[:-4] + "AAAA"):
        assert renew(fresh, junk).status == 401


def test_a_rotation_disturbs_nobody(fresh: Host, joe: Person) -> None:
    first = log_in(fresh, joe.name, joe.password).body
    before = invocations(fresh)
    fresh.run(["falcot-rtc", "credentials", "--rotate"])
    second = renew(fresh, first["token"]).body
    assert (
        second["iceServers"][0]["username"].rpartition(":")[2]
        > (first["iceServers"][0]["username"].rpartition(":")[2])
    )
    assert works(fresh, joe, first) and works(fresh, joe, second)
    assert invocations(fresh) == before


# people without one


class Guest:
    """A hand-made client that has connected."""

    def __init__(self, running: outside.Running) -> None:
        self._running = running

    def ask(self, **order: Any) -> Any:
        self._running.say(json.dumps(order) + "\n")
        line = self._running.line(lambda line: line.startswith("{"))
        return json.loads(line).get("statuses")

    def invite(self, uri: str = f"sip:sales@{DOMAIN}", **more: Any) -> Any:
        return self.ask(method="INVITE", uri=uri, **more)


def program(host: Host, name: str, task: dict[str, Any], ready: str) -> Any:
    @contextmanager
    def started() -> Iterator[outside.Running]:
        argv = ("python3", f"{outside.PLACE}/{name}")
        binds = {outside.PROGRAMS: outside.PLACE}
        with outside.running(host.client_command(argv, own_root=True, binds=binds)) as running:
            running.say(json.dumps(task) + "\n")
            running.line(lambda line: line == json.dumps(ready))
            yield running

    return started()


@contextmanager
def guest(host: Host, made: dict[str, Any], uri: str = "", origin: str = SHOP) -> Iterator[Guest]:
    task = {
        "uri": uri or made["sip"]["servers"][0],
        "ca": outside.trust(host),
        "origin": origin,
        "address": made["address"],
        **{key: made["sip"][key] for key in ("username", "password")},
    }
    with program(host, "sip_guest.py", task, "connected") as running:
        yield Guest(running)


@contextmanager
def phone(host: Host, who: Person, **more: Any) -> Iterator[outside.Running]:
    """Somebody's phone; what comes in is in what it said."""
    task = websocket_task(host, who, stay=True, **more)
    with program(host, "sip_websocket.py", task, "registered") as running:
        yield running


def test_the_permitted_destination_rings(fresh: Host, sales: Person) -> None:
    said = call(fresh)
    made = said.body
    assert said.status == 200
    assert said.headers["access-control-allow-origin"] == SHOP
    assert re.fullmatch(rf"guest-[0-9a-f]{{16}}@{DOMAIN}", made["address"])
    assert (made["target"], made["title"], made["ttl"]) == (
        f"sip:sales@{DOMAIN}", "Call <sales>", 300,
    )  # fmt: skip
    (ice,) = made["iceServers"]
    assert allocates(fresh, ice["username"], ice["credential"]) is True
    # TURN counts what it lends by name: who asks again has none of another person's.
    (again,) = call(fresh).body["iceServers"]
    assert again["username"].split(":")[1] == ice["username"].split(":")[1]
    with phone(fresh, sales) as at_sales, guest(fresh, made) as caller:
        assert caller.invite(ringing=True) == [407, 180]
        at_sales.line(lambda line: line.startswith('"INVITE '))
        assert caller.ask(cancel=True) == [200, 487]
        at_sales.line(lambda line: line.startswith('"CANCEL '))


def test_a_call_is_taken_and_ended_by_either_side(fresh: Host, sales: Person) -> None:
    made = call(fresh).body
    with phone(fresh, sales, answer=True) as at_sales, guest(fresh, made) as caller:
        assert caller.invite() == [407, 200]
        at_sales.line(lambda line: line.startswith('"ACK '))
        # Hold, and digits.
        assert caller.ask(within="INVITE") == [200]
        assert caller.ask(within="INFO") == [200]
        # Its connection breaks; it proves again who it is.
        caller.ask(reconnect=True)
        assert caller.ask(within="INVITE") == [407, 200]
        assert caller.ask(within="BYE") == [200]
        at_sales.line(lambda line: line.startswith('"BYE '))
    another = call(fresh).body
    with phone(fresh, sales, answer=True, hangup=True), guest(fresh, another) as caller:
        assert caller.invite() == [407, 200]
        caller.ask(wait="BYE")


def test_credentials_are_for_one_call(fresh: Host, sales: Person) -> None:
    """Or who is refused more of them would go on ringing with those he has."""
    made = call(fresh).body
    with phone(fresh, sales) as at_sales, guest(fresh, made) as caller:
        assert caller.invite(ringing=True) == [407, 180]
        assert caller.ask(cancel=True) == [200, 487]
        at_sales.line(lambda line: line.startswith('"CANCEL '))
        assert caller.invite() == [407, 403]
    with guest(fresh, made) as caller:
        assert caller.invite() == [407, 403]
    with phone(fresh, sales), guest(fresh, call(fresh).body) as caller:
        assert caller.invite(ringing=True) == [407, 180]
        assert caller.ask(cancel=True) == [200, 487]


def test_nothing_that_a_phone_would_believe_or_obey_arrives(fresh: Host, sales: Person) -> None:
    made = call(fresh).body
    told = (
        "Alert-Info: <http://x>;info=alert-autoanswer", "Call-Info : <sip:x>;answer-after=0",
        "Answer-Mode\t: Auto", "Replaces: 1;to-tag=2;from-tag=3", "b: <sip:boss@falcot.com>",
        "Referred-By: <sip:boss@falcot.com>", "Remote-Party-ID : <sip:boss@falcot.com>",
        "P-Asserted-Identity: <sip:boss@falcot.com>", "d: no-fork", "Subject: hello",
    )  # fmt: skip
    with phone(fresh, sales, whole=True) as at_sales, guest(fresh, made) as caller:
        named = f'"The boss" <sip:{made["address"]}>'
        assert caller.invite(headers=told, ringing=True, **{"from": named}) == [407, 180]
        heard = json.loads(at_sales.line(lambda line: line.startswith('"INVITE ')))
        assert caller.ask(cancel=True) == [200, 487]
    arrived = dict(line.split(":", 1) for line in heard.split("\r\n")[1:] if line)
    assert arrived["Subject"].strip() == "hello"
    assert arrived["From"].strip().startswith(f"<sip:{made['address']}>;tag=")
    names = {name.strip() for name in arrived}
    assert not names & {one.partition(":")[0].strip() for one in told[:-1]}


def test_nothing_else_is_permitted(fresh: Host, sales: Person, joe: Person) -> None:
    """Each is refused before any phone hears of it, over WebSocket as over TLS."""
    made = call(fresh).body
    me, target = f"<sip:{made['address']}>", f"sip:sales@{DOMAIN}"
    other = f"sip:{joe.address}"
    tls = f"tls://sip-proxy.{DOMAIN}:5061"
    with phone(fresh, sales, answer=True) as at_sales, phone(fresh, joe, answer=True) as at_joe:
        for uri in ("", tls):
            with guest(fresh, made, uri) as caller:
                for destination in (
                    other, f"sip:{sales.address}", "sip:1001@falcot.com", "sip:joe@example.net",
                    f"sip:{made['address']}", f"{other};alias=198.51.100.1~1~1",
                    f"sip:sales,{joe.name}@{DOMAIN}", f"sip:sales@sip-proxy.{DOMAIN}",
                ):  # fmt: skip
                    statuses = caller.invite(destination)
                    assert statuses[-1] == 403, (destination, statuses)
                for method in ("MESSAGE", "OPTIONS", "SUBSCRIBE", "REFER", "PUBLISH", "INFO"):
                    for to in (target, other):
                        statuses = caller.ask(method=method, uri=to)
                        assert statuses[-1] in (403, 405), (method, to, statuses)
                register = caller.ask(method="REGISTER", uri=f"sip:{DOMAIN}", to=me)
                assert register == [403]
                for sender in (f"<sip:{joe.address}>", f"<sip:guest-{'0' * 16}@{DOMAIN}>"):
                    statuses = caller.invite(**{"from": sender})
                    assert statuses[0] == 407 and statuses[-1] in (403, 407), statuses
                # Refused, or dropped without a word (kamailio 6).
                for name in ("From", "f"):
                    caller.invite(headers=[f"{name}: <sip:{joe.address}>;tag=x"], unheard=True)
                routed = caller.invite(other, headers=[f"Route: <{other};lr>"])
                assert routed[-1] == 403
                # Another address in its Contact than its own would send the callee there.
                hostile = "Contact: <sip:x@198.51.100.1;alias=198.51.100.1~1~1>"
                assert caller.invite(headers=[hostile]) == [400]
                two = ["Contact: <sip:x@a.invalid>", "Contact: <sip:x@198.51.100.1>"]
                assert caller.invite(headers=two) == [400]
        assert not [line for line in at_sales.said + at_joe.said if "INVITE" in line]


def test_a_call_leads_nowhere_else(fresh: Host, sales: Person, joe: Person) -> None:
    made = call(fresh).body
    with (
        phone(fresh, sales, answer=True) as at_sales,
        phone(fresh, joe, answer=True) as at_joe,
        guest(fresh, made) as caller,
        guest(fresh, made) as second,
    ):
        assert caller.invite() == [407, 200]
        assert second.invite() == [407, 486]
        for method in ("REFER", "MESSAGE", "OPTIONS", "NOTIFY", "SUBSCRIBE"):
            assert caller.ask(within=method, headers=[f"Refer-To: <sip:{joe.address}>"]) == [403]
        # Whatever address it names, the one who answered hears it.
        assert caller.ask(within="INFO", target=f"sip:{joe.address}") == [200]
        at_sales.line(lambda line: line.startswith('"INFO '))
        assert caller.ask(within="INFO", **{"from": f"<sip:{joe.address}>;tag=x"}) == [403]
        assert second.ask(method="INFO", uri=f"sip:{joe.address}", headers=["X: 1"])[-1] in (
            403,
            405,
        )
        assert caller.ask(within="BYE") == [200]
        assert caller.ask(within="INFO")[-1] in (403, 481)
        assert not [line for line in at_joe.said if not line.startswith('"registered')]


def test_credentials_end(fresh: Host, sales: Person) -> None:
    made = call(fresh).body
    name = f"{made['address']}:sales"

    def minted(name: str, seconds: int) -> dict[str, Any]:
        sip = json.loads(on_the_host(fresh, MINT, name, str(seconds)))
        return {**made, "sip": {**made["sip"], **sip}}

    with phone(fresh, sales, answer=True):
        # Too old, for longer than anything lives, for a call that there is not, for none at all.
        for late in (minted(name, -1), minted(name, 10**6)):
            with guest(fresh, late) as caller:
                assert caller.invite() == [407, 407]
        for strange in (f"{made['address']}:nothing", made["address"], f"{made['address']}:few,"):
            with guest(fresh, minted(strange, 60)) as caller:
                assert caller.invite() == [407, 403]
        forged = {**made["sip"], "username": made["sip"]["username"].replace(":sales", ":few")}
        with guest(fresh, {**made, "sip": forged}) as caller:
            assert caller.invite()[-1] == 407
        with guest(fresh, minted(name, 60)) as caller:
            assert caller.invite() == [407, 200]
            assert caller.ask(within="BYE") == [200]


def test_only_listed_pages_may_ask(fresh: Host) -> None:
    for origin in ("https://evil.example", "null", SHOP.replace("https", "http")):
        said = call(fresh, origin=origin)
        assert (said.status, said.body) == (403, {"error": "foreign"})
        assert "access-control-allow-origin" not in said.headers
    assert call(fresh, origin=f"https://{DOMAIN}").status == 200
    assert call(fresh, "few").status == 403
    said = ask(fresh, "call/sales", f"Origin: {SHOP}", method="OPTIONS")
    assert (said.status, said.headers["access-control-allow-origin"]) == (204, SHOP)
    for name in ("over", "nothing"):
        assert call(fresh, name).body == {"error": "unknown"}
    # They open the WebSocket too, and no other page does.
    made = call(fresh).body
    with guest(fresh, made, origin=SHOP):
        pass
    task = {"uri": made["sip"]["servers"][0], "ca": outside.trust(fresh)}
    task |= {"origin": "https://evil.example"}
    argv = ("python3", f"{outside.PLACE}/sip_guest.py")
    assert "refused" in outside.run(fresh, *argv, input=json.dumps(task) + "\n").stdout


def begin(host: Host, name: str, source: str, times: int) -> list[str]:
    """The answers to so many calls at once from that address of the client."""
    options = ("--silent", "--cacert", outside.trust(host), "--request", "POST", "--parallel")
    options += ("--header", f"Origin: https://{DOMAIN}", "--interface", source)
    wrote = ("--write-out", "%{http_code}\n", "--output", "/dev/null")
    url = f"{API}/call/{name}?[1-{times}]"
    told = outside.run(host, "curl", *options, *wrote, url).stdout.split()
    assert len(told) == times
    return told


@pytest.mark.parametrize(("name", "limit"), [("few", 5), ("usual", 10)])
def test_the_hundredth_call_in_a_minute_is_refused(fresh: Host, name: str, limit: int) -> None:
    """An entry that says no limit has one of ten."""
    caller = CLIENT_IPV4[0]
    told = begin(fresh, name, caller, 100)
    assert set(told) == {"200", "429"}
    # That many at once, and as many again within a minute.
    assert limit <= told.count("200") <= 2 * limit
    # Whoever else calls notices nothing of it.
    for other in (CLIENT_IPV4[1], CLIENT_IPV6[0]):
        assert begin(fresh, name, other, 1) == ["200"]
    # Nor do other entries.
    assert begin(fresh, "sales", caller, 1) == ["200"]


def test_an_entry_that_was_removed_stops_at_once(fresh: Host, sales: Person) -> None:
    made, later = call(fresh).body, call(fresh).body
    before = invocations(fresh)
    text = fresh.read(SETTINGS)
    try:
        fresh.push(SETTINGS, text.replace('"sales"\ntitle', '"nobody"\ntitle'))
        fresh.run(["falcot-rtc", "apply"])
        with phone(fresh, sales, answer=True), guest(fresh, made) as caller:
            assert caller.invite() == [407, 403]
            assert caller.invite(f"sip:nobody@{DOMAIN}")[-1] == 480
        fresh.push(SETTINGS, text.partition("\n[[click_to_call]]")[0])
        fresh.run(["falcot-rtc", "apply"])
        assert call(fresh).status == 404
        with guest(fresh, later, origin=f"https://{DOMAIN}") as caller:
            assert caller.invite()[-1] == 403
    finally:
        fresh.push(SETTINGS, text)
        fresh.run(["falcot-rtc", "apply"])
    assert invocations(fresh) == before
    assert call(fresh).status == 200


# the service


def test_it_reads_what_it_needs_and_writes_nothing(fresh: Host, joe: Person) -> None:
    assert log_in(fresh, joe.name, joe.password).status == 200
    found = units(fresh, [SERVICE], "MainPID", "User")
    (pid, user) = found[SERVICE]
    assert user == "_falcot-rtc-phone"
    inside = ["nsenter", f"--target={pid}", "--mount", "setpriv", f"--reuid={user}"]
    inside += [f"--regid={user}", "--clear-groups"]
    for path in ("accounts.sqlite", "sip/subscribers.sqlite", "turn/users.jsonl"):
        assert fresh.run([*inside, "cat", f"/var/lib/falcot-rtc/{path}"], check=False).returncode
    for place in ("/var/lib/falcot-rtc/phone", "/tmp", "/run", "/etc", "/var/cache"):
        done = fresh.run([*inside, "touch", f"{place}/x"], check=False)
        assert done.returncode or place == "/tmp", place
    said = fresh.run(["systemd-analyze", "security", "--no-pager", SERVICE], check=False).stdout
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said)[1])  # type: ignore[index]
    assert exposure < 1.5


def test_checks_notice_that_it_is_gone(fresh: Host) -> None:
    _, results = check(fresh)
    assert failures(results) == {}
    assert results["web.phone.ipv4"]["status"] == "ok"
    stopped = ["falcot-rtc-phone.socket", SERVICE]
    try:
        fresh.run(["systemctl", "stop", *stopped])
        assert log_in(fresh, "joe", "x").body == {"error": "busy"}
        _, results = check(fresh)
        assert "web.phone.ipv4" in failures(results)
    finally:
        fresh.run(["systemctl", "start", stopped[0]])


def test_the_command_lists_them_and_prints_the_snippet(host: Host, sales: Person) -> None:
    rows = json.loads(host.run(["falcot-rtc", "click-to-call", "list", "--json"]).stdout)
    assert [(row["name"], row["target"], row["rings"]) for row in rows] == [
        ("sales", f"sales@{DOMAIN}", sales.address),
        ("few", f"sales@{DOMAIN}", sales.address),
        ("over", f"sales@{DOMAIN}", sales.address),
        ("usual", f"sales@{DOMAIN}", sales.address),
    ]
    assert [row["ended"] for row in rows] == [False, False, True, False]
    assert host.run(["falcot-rtc", "click-to-call", "snippet", "sales"]).stdout == (
        f'<script src="https://{DOMAIN}/phone/call.js" async></script>\n'
        '<falcot-call name="sales">Call &lt;sales&gt;</falcot-call>\n'
    )
