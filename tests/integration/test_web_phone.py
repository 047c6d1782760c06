# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone in the browser, as installed: people call, write, hold, transfer and share."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration import baresip, outside, test_webrtc
from tests.integration import phone as phones
from tests.integration.conftest import booted
from tests.integration.observe import connected, until
from tests.integration.people import Person, people
from tests.integration.phone import ASKING, HEARD, PICTURED, REGISTERED, SCREEN, Browser, User
from tests.integration.test_credentials import allocates
from tests.integration.test_sip_clients import registered
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, HOST_IPV4, HOST_IPV6

pytestmark = pytest.mark.parametrize(
    "release", ["trixie", pytest.param("bookworm", marks=pytest.mark.slow)], indirect=True
)
modules = test_webrtc.modules

PLACES = {*HOST_IPV4, *HOST_IPV6}
SETTINGS = "/etc/falcot-rtc/settings.toml"
TUNED = "/etc/falcot-rtc/policy.d/phone.toml"
DESK = ("falcot-rtc-phone.socket", "falcot-rtc-phone.service")
GERMAN_PHONE: dict[str, Any] = {"width": 390, "height": 844, "scheme": "dark", "locale": "de-DE"}
AUTO = ";answermode=auto"
SHOP = "https://www.falcot.com"
SALES = f"""
[[click_to_call]]
name = "sales"
target = "sales"
title = "Call sales"
origins = ["{SHOP}"]
"""
VISITED = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src https://falcot.com; frame-src https://falcot.com">
<title>A shop</title>
</head>
<body><main><h1>Flying carpets</h1><p>Questions?</p>{snippet}</main></body>
</html>
"""
# What the snippet opens in the page, itself of the site.
FRAME = "falcot-call iframe"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("phone", release, installed, archive) as host:
        host.push(SETTINGS, host.read(SETTINGS) + SALES)
        host.run(["falcot-rtc", "apply"])
        yield host


@pytest.fixture(scope="module")
def browser(
    host: Host, modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    with phones.browser(host, modules, tmp_path_factory.mktemp("phone")) as browser:
        yield browser


@pytest.fixture(scope="module")
def everybody(host: Host) -> Iterator[tuple[Person, ...]]:
    with people(host, "joe", "ann", "bob") as everybody:
        yield everybody


Opened = Callable[..., User]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Opened]:
    """Opens the phone for a person and signs them in; all pages are closed at the end."""
    opened: list[User] = []

    def sign_in(person: Person, **given: Any) -> User:
        user = browser.open(person.name, **given)
        opened.append(user)
        return user.sign_in(person)

    yield sign_in
    for user in opened:
        if user.name in browser.names:
            user.close()


def assert_relayed(
    user: User, protocol: str = "udp", sides: tuple[str, ...] = ("local", "remote")
) -> None:
    seen = user.do("media", least={"audio": 1000, "video": 1000, "frames": 3})
    for side in sides:
        assert seen[side]["candidateType"] == "relay"
        assert seen[side]["address"] in PLACES
    assert seen["local"]["relayProtocol"] == protocol
    more = {"audio": seen["audio"] + 1000, "video": seen["video"] + 1000}
    user.do("media", least={**more, "frames": seen["frames"] + 3})


def test_a_call_with_everything_in_it(everybody: tuple[Person, ...], phone: Opened) -> None:
    """A desktop in daylight calls a German phone at night, all media through the relay."""
    one, two, _ = everybody
    joe = phone(one)
    ann = phone(two, **GERMAN_PHONE)
    for user, tag in ((joe, "en"), (ann, "de")):
        assert user.do("value", element="html", name="lang") == tag
        for view in ("contacts", "messages", "history", "settings"):
            user.click(f"#nav-{view}")
            user.wait("h1")
            user.picture(f"{tag}-{view}")
            assert user.sound() == [], (tag, view)
        # The settings are in front.
        user.do("check", element="#relay", on=True)
        user.click("#nav-dial")
        user.picture(f"{tag}-dial")
        assert user.sound() == []

    joe.call(two.name)
    ann.wait(".answer-video")
    assert "Videoanruf" in ann.text(".ringing")
    ann.picture("de-ringing")
    assert ann.sound() == []
    joe.picture("en-calling")
    ann.click(".answer-video")
    for user in (joe, ann):
        user.talking()
        user.wait(PICTURED)
        assert_relayed(user)
        user.picture(f"{user.name.partition('-')[0]}-call")
        assert user.sound() == []

    joe.click("#control-keypad")
    joe.do("press", key="4", element=".stage")
    joe.click(".sheet .key >> nth=11")
    assert joe.text(".pressed") == "4#"
    joe.picture("en-keys")
    assert joe.sound() == []
    joe.click(".quality")
    joe.wait("text=by relay (TURN/UDP)")
    joe.picture("en-quality")

    joe.click("#control-mute")
    assert joe.do("value", element="#control-mute", name="aria-pressed") == "true"
    joe.click("#control-hold")
    ann.wait("text=Die andere Seite hält das Gespräch")
    joe.picture("en-hold")
    before = ann.do("stats")
    joe.click("#control-hold")
    ann.wait(".stage-state:empty", "attached")
    # A re-INVITE does not switch the microphone on again.
    muted = "window.connections.at(-1).getSenders().map((s) => s.track?.kind + s.track?.enabled)"
    assert "audiofalse" in joe.do("evaluate", code=muted)
    ann.do("media", least={"frames": before["frames"] + 5})
    joe.click("#control-camera")
    ann.wait(".stage:not(.pictured)")
    joe.click("#control-camera")
    ann.wait(PICTURED)

    joe.hang_up()
    ann.wait(".stage", "detached")
    ann.click("#nav-history")
    assert "Eingehend" in ann.text(".past")
    ann.picture("de-past")
    for user in (joe, ann):
        assert user.do("trouble") == []


def guess(user: User, person: Person) -> str:
    """What the page says to a wrong password."""
    user.tries(person, "not this one")
    user.wait("form [type=submit]:not([aria-disabled])")
    return user.text("#said")


def test_who_may_not_sign_in_reads_why(
    host: Host, browser: Browser, everybody: tuple[Person, ...]
) -> None:
    joe = everybody[0]
    shut = browser.open("shut", **GERMAN_PHONE)
    lit = browser.open("lit")
    try:
        lit.tries(joe, joe.password[::-1])
        lit.wait("#said:text-is('The name or the password is wrong.')")
        lit.picture("en-wrong-password")
        assert lit.sound() == []
        told = [guess(lit, joe) for _ in range(10)]
        assert any(re.fullmatch(r"There were too many .* in \d+ seconds\.", one) for one in told)
        told = [guess(shut, joe)]
        while "zu viele" not in told[-1]:
            told.append(guess(shut, joe))
        shut.picture("de-limited")
        assert shut.sound() == []
        host.run(["systemctl", "stop", *DESK])
        lit.tries(joe, joe.password)
        lit.wait("#said:has-text('not possible right now')")
        lit.picture("en-desk-down")
        # Its memory of failures went with it.
        host.run(["systemctl", "start", DESK[0]])
        lit.sign_in(joe)
    finally:
        host.run(["systemctl", "stop", DESK[1]])
        host.run(["systemctl", "start", DESK[0]])
        shut.close()
        lit.close()


def test_somebody_without_an_account_calls_from_a_page_of_another_site(
    host: Host, browser: Browser, everybody: tuple[Person, ...], phone: Opened
) -> None:
    """Sales rings and talks; a page that the settings do not name can show no such call."""
    host.run(["falcot-rtc", "user", "set", everybody[0].name, "--alias", "sales"])
    snippet = host.run(["falcot-rtc", "click-to-call", "snippet", "sales"]).stdout
    page = VISITED.format(snippet=snippet)
    joe = phone(everybody[0])
    given: dict[str, Any] = {"width": 390, "height": 844}
    visitor = browser.open("visitor", address=f"{SHOP}/", pages={f"{SHOP}/": page}, **given)
    foreign = "https://www.example.net/"
    stranger = browser.open("stranger", address=foreign, pages={foreign: page}, **given)
    try:
        visitor.click("falcot-call button")
        caller = visitor.within(FRAME)
        caller.wait("#guest-call")
        visitor.picture("visitor")
        caller.click("#guest-call")
        joe.wait(".answer")
        assert "Web visitor" in joe.text(".ringing")
        joe.picture("en-visitor-rings")
        joe.click(".answer")
        joe.talking()
        caller.wait("[data-state=talking]")
        for end in (joe, caller):
            heard = end.do("media", least={"audio": 1000})["audio"]
            end.do("media", least={"audio": heard + 1000})
        visitor.picture("visitor-talks")
        joe.click("#control-hold")
        joe.wait("text=On hold")
        joe.click("#control-hold")
        joe.talking()
        caller.click("#hang-up")
        joe.wait(".stage", "detached")
        caller.wait("text=The call has ended")
        visitor.picture("visitor-afterwards")
        # The window's own close hangs up, too.
        caller.click("#guest-call")
        joe.click(".answer")
        joe.talking()
        visitor.click("falcot-call .close")
        joe.wait(".stage", "detached")
        assert visitor.do("trouble") == []

        # The site's own page for that call, at night, in German.
        night = browser.open(
            "night", address="https://falcot.com/phone/call-sales.html", **GERMAN_PHONE
        )
        night.wait("#guest-call")
        night.picture("de-visitor")
        assert night.sound() == []
        night.close()

        stranger.click("falcot-call button")
        stranger.do("complains", of="frame-ancestors")
        stranger.picture("stranger")
        asked = "fetch('https://falcot.com/phone/api/call/sales', {method: 'POST'})"
        tried = f"{asked}.then((r) => r.status, (e) => e.name)"
        assert stranger.do("evaluate", code=tried) == "TypeError"
    finally:
        visitor.close()
        stranger.close()


def test_messages_arrive_or_say_that_they_did_not(
    everybody: tuple[Person, ...], phone: Opened
) -> None:
    one, two, _ = everybody
    joe, ann = phone(one), phone(two)
    joe.click("#nav-messages")
    joe.click("#new-message")
    joe.fill("#write-to", two.name)
    joe.do("press", key="Enter", element="#write-to")
    joe.fill("#message", "Grüße <b>ä</b> 📞")
    joe.do("press", key="Enter", element="#message")
    ann.wait("#nav-messages .badge")
    ann.click("#nav-messages")
    ann.click(".rows .row")
    assert ann.text(".line p") == "Grüße <b>ä</b> 📞"
    ann.fill("#message", "And back")
    ann.click(".send")
    joe.wait(".line:not(.own) p")
    joe.picture("en-conversation")
    assert joe.sound() == []
    ann.close()
    joe.fill("#message", "Still there?")
    joe.click(".send")
    joe.wait(".line.failed")
    assert "Not delivered" in joe.text(".line.failed")
    # What was said survives a reload of the page.
    joe.do("reload")
    joe.wait(REGISTERED)
    joe.click("#nav-messages")
    joe.click(".rows .row")
    assert joe.do("count", element=".line") == 3


def test_files_as_the_web_server_gives_them(host: Host) -> None:
    def head(path: str) -> str:
        options = ("--silent", "--head", "--compressed", "--cacert", outside.trust(host))
        return outside.run(host, "curl", *options, f"https://falcot.com{path}").stdout

    page = head("/phone/").lower()
    script = head("/phone/phone.js").lower()
    assert "script-src 'self';" in page and "unsafe" not in page
    assert "camera=(self)" in page and "cache-control: no-cache" in page
    assert re.search(r"content-type: (text|application)/javascript", script)
    assert "content-encoding: gzip" in script
    assert "application/manifest+json" in head("/phone/manifest.webmanifest").lower()
    for name, ancestors in {"call-sales.html": f"'self' {SHOP}", "call.html": "'self'"}.items():
        assert re.search(rf"frame-ancestors {ancestors}\r?$", head(f"/phone/{name}"), re.MULTILINE)
    assert "location: https://falcot.com/phone/" in head("/phone").lower()
    assert " 404 " in head("/phone/../policy.d/").splitlines()[0]


def test_three_people_and_their_calls(everybody: tuple[Person, ...], phone: Opened) -> None:
    """A shared screen, a question before a transfer, a transfer without one, a second call."""
    joe, ann, bob = (phone(person, scripts=[SCREEN]) for person in everybody)
    joe.call(everybody[1].name)
    ann.click(".answer-video")
    for user in (joe, ann):
        user.wait(PICTURED)
    ann.sees("green")
    joe.click("#control-screen")
    joe.wait("#control-screen[aria-pressed=true]")
    joe.wait(".self.shared")
    ann.sees("blue")
    ann.picture("en-shared-screen")
    joe.picture("en-sharing")
    joe.click("#control-screen")
    joe.wait("#control-screen[aria-pressed=false]")
    ann.sees("green")

    joe.click("#control-transfer")
    joe.fill("#transfer-to", everybody[2].name)
    joe.picture("en-transfer")
    assert joe.sound() == []
    joe.click("#transfer-ask")
    bob.click(".answer")
    bob.talking()
    joe.wait(".join")
    ann.wait("text=put you on hold")
    joe.picture("en-two-calls")
    assert joe.sound() == []
    joe.click(".join")
    joe.wait(".stage", "detached")
    for user, other in ((ann, everybody[2]), (bob, everybody[1])):
        user.wait(f".stage h2:text-is('{other.name}')")
        user.talking()
        user.do("media", least={"audio": 1000})

    bob.click("#control-transfer")
    bob.fill("#transfer-to", everybody[0].name)
    bob.click("#transfer-now")
    joe.click(".answer")
    joe.talking()
    bob.wait(".stage", "detached")
    joe.do("media", least={"audio": 1000})

    bob.call(everybody[0].name, video=False)
    joe.wait("text=Hold and answer")
    joe.picture("en-second-call")
    joe.click(".answer")
    bob.talking()
    joe.wait(".others li")
    joe.wait("text=On hold")
    joe.click("#hang-up")
    bob.wait(".stage", "detached")
    joe.wait(f".stage h2:text-is('{everybody[1].name}')")
    joe.click("#control-hold")
    joe.talking()
    joe.hang_up()
    ann.wait(".stage", "detached")


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        ("turn:turn-server.falcot.com:3478?transport=tcp", "tcp"),
        ("turns:turn-server.falcot.com:5349?transport=tcp", "tls"),
    ],
)
def test_media_by_other_ways_to_the_relay(
    everybody: tuple[Person, ...], phone: Opened, url: str, protocol: str
) -> None:
    joe, ann = (phone(person, urls=[url]).relay_only() for person in everybody[:2])
    joe.call(everybody[1].name)
    ann.click(".answer-video")
    for user in (joe, ann):
        assert_relayed(user, protocol)


def test_no_media_without_the_relay(everybody: tuple[Person, ...], phone: Opened) -> None:
    """Shows that the calls above can fail: only the port differs, where nothing listens."""
    # Over UDP the browser would go on asking for 40 s.
    dead = ["turn:turn-server.falcot.com:3467?transport=tcp"]
    joe = phone(everybody[0], urls=dead).relay_only()
    joe.call(everybody[1].name)
    joe.wait(".stage")
    joe.do("holds", condition="window.connections.at(-1)?.iceGatheringState === 'complete'")
    sdp = "window.connections.at(-1).localDescription.sdp"
    assert "a=candidate" not in joe.do("evaluate", code=sdp)
    assert joe.do("stats") is None


RELAYED = """(() => {
  const pc = window.connections.at(-1);
  const [server] = pc.getConfiguration().iceServers;
  const [, ufrag] = /a=ice-ufrag:(\\S+)/.exec(pc.localDescription.sdp);
  return {username: server.username, credential: server.credential, ufrag};
})()"""


def test_a_call_outlives_its_credentials(
    host: Host, everybody: tuple[Person, ...], phone: Opened
) -> None:
    """They are renewed within the call, which then goes through allocations of the new ones."""
    text = host.read(TUNED)
    host.push(TUNED, f"{text}\ncredentials-seconds = 30\n")
    host.run(["falcot-rtc", "apply"])
    try:
        both = [phone(person).relay_only() for person in everybody[:2]]
        joe, ann = both
        joe.call(everybody[1].name)
        ann.click(".answer-video")
        for user in both:
            assert_relayed(user)
        first = [user.do("evaluate", code=RELAYED) for user in both]
        ports = [user.do("stats")["local"]["port"] for user in both]
        assert all(allocates(host, old["username"], old["credential"]) is True for old in first)
        for user, old in zip(both, first, strict=True):
            ends = int(old["username"].partition(":")[0])
            user.do("holds", condition=f"Date.now() > {ends + 1}000")
            assert allocates(host, old["username"], old["credential"]) is not True
        for user, old, port in zip(both, first, ports, strict=True):
            # If the other's packets come before its place is told, that stays hidden.
            assert_relayed(user, sides=("local",))
            new = user.do("evaluate", code=RELAYED)
            assert new["username"] > old["username"] and new["ufrag"] != old["ufrag"]
            assert user.do("stats")["local"]["port"] != port
            assert allocates(host, new["username"], new["credential"]) is True
        joe.click("#control-hold")
        ann.wait("text=put you on hold")
        joe.hang_up()
        ann.wait(".stage", "detached")
    finally:
        host.push(TUNED, text)
        host.run(["falcot-rtc", "apply"])


def test_a_softphone_and_the_browser_call_each_other(
    host: Host, everybody: tuple[Person, ...], phone: Opened
) -> None:
    """Sound both ways under DTLS-SRTP; keys that are pressed here are digits there (RFC 4733)."""
    one, two, _ = everybody
    with baresip.phone(host, two, port=5557, media=baresip.WEBRTC, more=AUTO) as desk:
        desk.program.line(registered)
        joe = phone(one)
        joe.call(two.name, video=False)
        joe.talking()
        desk.program.line(lambda line: "Call established" in line)
        hears_each_other(joe, desk)
        joe.click("#control-keypad")
        for key in "4#":
            joe.do("press", key=key, element=".stage")
            desk.program.line(lambda line, key=key: f"event: '{key}'" in line)
        joe.hang_up()
        desk.program.line(lambda line: line.startswith("BYE "))

        desk.command(f"/dial sip:{one.address}")
        joe.click(".answer")
        joe.talking()
        hears_each_other(joe, desk)
        desk.command("/hangup")
        joe.wait(".stage", "detached")


def test_a_phone_without_encryption_is_explained(
    host: Host, everybody: tuple[Person, ...], phone: Opened
) -> None:
    one, two, _ = everybody
    told = ".notice.bad:has-text('cannot talk to a browser')"
    with baresip.phone(host, two, port=5558, media=baresip.PLAIN, more=AUTO) as desk:
        desk.program.line(registered)
        joe = phone(one)
        joe.call(two.name, video=False)
        joe.wait(told)
        joe.picture("en-plain-rtp")
        assert joe.sound() == []
        joe.click(".notice button")
        joe.wait(told, "detached")
        desk.command(f"/dial sip:{one.address}")
        joe.click(".answer")
        joe.wait(told)


def hears_each_other(browser: User, desk: baresip.Phone) -> None:
    """A browser's own microphone beeps now and then; baresip's plays a tone."""
    browser.do("media", least={"audio": 1000, "energy": 0.01})
    loud = 500
    assert until(lambda: max(desk.heard(2), default=0), lambda found: found > loud) > loud


def test_trouble_is_told_apart(everybody: tuple[Person, ...], phone: Opened) -> None:
    joe = phone(everybody[0])
    for address, told in {
        everybody[1].name: "cannot be reached right now",
        "nobody-by-this-name": "does not exist here",
        "a b": "is neither a name",
        everybody[0].name: "your own address",
    }.items():
        joe.call(address, video=False)
        joe.wait(f".notice.bad:has-text('{told}')")


def test_devices_that_are_refused_or_missing(
    host: Host, modules: Path, everybody: tuple[Person, ...], phone: Opened, tmp_path: Path
) -> None:
    ann = phone(everybody[1])
    flags = ("--use-fake-device-for-media-stream=device-count=0",)
    with phones.browser(host, modules, tmp_path, flags) as poor:
        joe = poor.open("refused", permissions=[]).sign_in(everybody[0])
        joe.call(everybody[1].name)
        joe.wait(".notice.bad:has-text('Permit it beside the address bar')")
        joe.picture("en-denied")
        assert joe.sound() == []
        joe.close()
        joe = poor.open("no-camera").sign_in(everybody[0])
        joe.call(everybody[1].name)
        joe.wait(".notice:has-text('No camera was found')")
        ann.click(".answer")
        joe.talking()
        joe.hang_up()
        joe.close()


def test_a_certificate_that_nobody_vouches_for_is_told(
    host: Host, modules: Path, everybody: tuple[Person, ...], tmp_path: Path
) -> None:
    """The proxy's name leads to somebody else, as in a hotel's network."""
    stranger = f"{CLIENT_IPV4[0]}:9443"
    key, certificate = (outside.place(host, f"/srv/lab/stranger.{kind}", "") for kind in "kc")
    made = ("-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sip-proxy.falcot.com")
    files = ("-keyout", key, "-out", certificate)
    outside.run(host, "openssl", "req", "-x509", *made, *files, check=True)
    serve = ["openssl", "s_server", "-accept", stranger, "-key", key, "-cert", certificate]
    flags = (*phones.FAKES, f"--host-resolver-rules=MAP sip-proxy.falcot.com {stranger}")
    with (
        outside.running(host.client_command(serve, own_root=True)) as server,
        ExitStack() as ending,
        phones.browser(host, modules, tmp_path, flags) as browser,
    ):
        ending.callback(server.process.terminate)
        server.line(lambda line: line == "ACCEPT")
        joe = browser.open("misled")
        joe.tries(everybody[0], everybody[0].password)
        joe.wait("[data-diagnosis=certificate]")
        server.line(lambda line: "alert" in line and "certificate" in line)
        joe.picture("en-certificate")
        assert joe.sound() == []
        joe.close()


def test_it_comes_back_after_the_proxy_and_the_network_were_away(
    host: Host, everybody: tuple[Person, ...], phone: Opened
) -> None:
    joe, ann = (phone(person) for person in everybody[:2])
    joe.call(everybody[1].name)
    ann.click(".answer-video")
    for user in (joe, ann):
        user.wait(PICTURED)
    # A call survives a restart of the proxy, and either end of it finds the other afterwards.
    host.run(["systemctl", "restart", "kamailio"])
    joe.wait("#link:not([data-state=registered])")
    joe.wait(REGISTERED)
    ann.wait(REGISTERED)
    seen = joe.do("stats")
    joe.do("media", least={"audio": seen["audio"] + 1000, "frames": seen["frames"] + 5})
    ann.click("#control-hold")
    joe.wait("text=put you on hold")
    joe.hang_up()
    ann.wait(".stage", "detached")

    joe.call(everybody[1].name)
    ann.click(".answer-video")
    for user in (joe, ann):
        user.wait(PICTURED)
    # And a network that goes away and comes back.
    wire = ("ip", "-n", host.running.network.client, "link", "set", "eth0")
    run([*wire, "down"])
    try:
        joe.wait("#link[data-state=waiting]")
        joe.wait("[data-diagnosis=offline]")
        joe.picture("en-offline")
        assert joe.sound() == []
    finally:
        run([*wire, "up"])
    for user in (joe, ann):
        user.wait(REGISTERED)
    seen = joe.do("stats")
    joe.do("media", least={"audio": seen["audio"] + 1000, "frames": seen["frames"] + 5})
    ann.hang_up()
    joe.wait(".stage", "detached")

    host.run(["systemctl", "stop", "kamailio"])
    try:
        joe.wait("[data-diagnosis=proxy]")
        joe.picture("en-proxy-down")
        assert joe.sound() == []
    finally:
        host.run(["systemctl", "start", "kamailio"])
    # Whoever leaves while the proxy still admits them stays known there.
    for user in (joe, ann):
        user.wait(REGISTERED)
    joe.wait("[data-diagnosis]", "detached")


RELEASED = "window.given?.getTracks().every(({ readyState }) => readyState === 'ended')"


def test_a_caller_who_gives_up_while_the_browser_asks_leaves_no_call(
    everybody: tuple[Person, ...], phone: Opened
) -> None:
    joe, ann = phone(everybody[0]), phone(everybody[1], scripts=[ASKING])
    joe.call(everybody[1].name, video=False)
    ann.click(".answer")
    joe.hang_up()
    ann.wait(".ringing", "detached")
    ann.do("evaluate", code="permit()")
    ann.do("holds", condition=RELEASED)
    assert ann.do("count", element=".stage") == 0


DUMP = ("kamcmd", "-s", "unix:/run/kamailio/kamailio_ctl", "ul.lookup", "location")


def contact(host: Host, who: Person) -> dict[str, str]:
    """What the proxy knows of the person's one contact; nothing when there is none."""
    shown = host.run([*DUMP, who.address], check=False).stdout
    return dict(re.findall(r"(?m)^\s*(Expires|Received): (.*\S)", shown))


@pytest.mark.parametrize("how", ["closed", "crashed"])
def test_a_tab_that_is_gone_is_unreachable_at_once(
    host: Host,
    everybody: tuple[Person, ...],
    phone: Opened,
    how: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The end of the connection is what counts, whether the page could say goodbye or not: the
    first call after it is refused by the proxy, minutes before the registration would expire."""
    one, two, _ = everybody
    joe, ann = phone(one, scripts=[HEARD]), phone(two)
    before = contact(host, two)
    assert int(before["Expires"]) > 120, before
    port = before["Received"].rpartition(":")[2].partition(";")[0]
    assert connected(host, port)
    begun = time.monotonic()
    if how == "closed":
        ann.close()
    else:
        ann.do("crash")
    assert not until(lambda: connected(host, port), lambda there: not there)
    joe.call(two.name, video=False)
    joe.wait(".notice.bad:has-text('cannot be reached right now')")
    assert contact(host, two) == {}
    taken = time.monotonic() - begun
    # The proxy's own word (RFC 3261 section 21.4.18), and no silence that was waited for.
    told = [status for status in joe.do("evaluate", code="heard") if status not in ("100", "407")]
    assert told == ["480"]
    with capsys.disabled():
        print(f"\ntab {how}: {taken:.2f} s until a call to it was refused", end="")
