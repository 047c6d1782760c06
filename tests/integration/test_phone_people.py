# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone in the browser as people use it: their devices, their keyboard, their sites' wishes."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration import phone as phones
from tests.integration import test_webrtc
from tests.integration.conftest import booted
from tests.integration.people import Person, people
from tests.integration.phone import PICTURED, REGISTERED, Browser, User
from tests.lab.cache import REPOSITORY
from tests.lab.command import run
from tests.lab.host import Host

modules = test_webrtc.modules

# Three cameras, and three microphones anyway.
DEVICES = ("--use-fake-device-for-media-stream=device-count=3", phones.FAKES[1])
NOTIFIED = ["camera", "microphone", "notifications"]
NUMBER = "4711"


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("phone-people", release, installed, archive) as host:
        yield host


@pytest.fixture(scope="module")
def browser(
    host: Host, modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    work = tmp_path_factory.mktemp("people")
    with phones.browser(host, modules, work, DEVICES) as browser:
        yield browser


@pytest.fixture(scope="module")
def everybody(host: Host) -> Iterator[tuple[Person, ...]]:
    with people(host, "joe", "ann") as everybody:
        host.run(["falcot-rtc", "user", "set", everybody[1].name, "--extension", NUMBER])
        yield everybody


Opened = Callable[..., User]


@pytest.fixture
def window(browser: Browser) -> Iterator[Opened]:
    """Opens the phone, or another page, in a window that is closed at the end."""
    opened: list[User] = []

    def open_window(name: str, **given: Any) -> User:
        user = browser.open(name, **given)
        opened.append(user)
        return user

    yield open_window
    for user in opened:
        if user.name in browser.names:
            user.close()


def sent_by(user: User, kind: str) -> str:
    """Labels of what a call sends of that kind."""
    senders = "window.connections.at(-1).getSenders()"
    track = f"{senders}.map((one) => one.track).find((one) => one?.kind === '{kind}')"
    return str(user.do("evaluate", code=f"{track}.label"))


def tries(user: User, *labels: str) -> None:
    """The trial goes on with those devices."""
    stream = "document.querySelector('.preview').srcObject"
    tried = f"{stream}?.getTracks().map((one) => one.label)"
    wanted = json.dumps(json.dumps(labels, separators=(",", ":")))
    user.do("holds", condition=f"JSON.stringify({tried}) === {wanted}")


def shows_frames(user: User, video: str) -> None:
    """It decodes one picture after another."""
    counted = f"document.querySelector('{video}')?.getVideoPlaybackQuality().totalVideoFrames"
    user.do("holds", condition=f"{counted} > 0")
    seen = user.do("evaluate", code=counted)
    user.do("holds", condition=f"{counted} > {seen + 3}")


def test_devices_are_tried_chosen_and_changed_within_a_call(
    everybody: tuple[Person, ...], window: Opened
) -> None:
    """The fake microphone beeps and falls silent, so its meter has to go up and down."""
    one, two = everybody
    joe = window("joe").sign_in(one)
    ann = window("ann").sign_in(two)
    joe.click("#nav-settings")
    joe.click("#test-devices")
    level = "document.querySelector('#level').value"
    joe.do("holds", condition=f"{level} > 0.3")
    joe.do("holds", condition=f"{level} < 0.1")
    shows_frames(joe, ".preview")
    joe.do("choose", element="#device-camera", label="fake_device_2")
    joe.do("choose", element="#device-microphone", label="Fake Audio Input 2")
    joe.do("choose", element="#device-speaker", label="Fake Audio Output 1")
    tries(joe, "Fake Audio Input 2", "fake_device_2")
    joe.do("holds", condition=f"{level} > 0.3")
    joe.picture("people-devices")
    assert joe.sound() == []
    tracks = "window.tracks = document.querySelector('.preview').srcObject.getTracks()"
    joe.do("evaluate", code=f"void ({tracks})")
    joe.click("#test-devices")
    # The light of the camera goes out.
    joe.do("holds", condition="window.tracks.every((one) => one.readyState === 'ended')")

    joe.do("reload")
    joe.wait(REGISTERED)
    joe.click("#nav-settings")
    for kind, label in {
        "camera": "fake_device_2",
        "microphone": "Fake Audio Input 2",
        "speaker": "Fake Audio Output 1",
    }.items():
        shown = f"document.querySelector('#device-{kind}').selectedOptions[0].label"
        joe.do("holds", condition=f"{shown} === '{label}'")

    joe.call(two.name)
    ann.click(".answer-video")
    for user in (joe, ann):
        user.wait(PICTURED)
    assert (sent_by(joe, "video"), sent_by(joe, "audio")) == ("fake_device_2", "Fake Audio Input 2")
    sink = "one.deviceId === document.querySelector('.remote').sinkId"
    plays = f"navigator.mediaDevices.enumerateDevices().then((all) => all.find((one) => {sink})"
    joe.do("holds", condition=f"{plays}?.label === 'Fake Audio Output 1')")
    joe.click("#nav-settings")
    # The second one's pictures are of a kind that is never sent.
    joe.do("choose", element="#device-camera", label="fake_device_0")
    joe.do("choose", element="#device-microphone", label="Fake Audio Input 1")
    for kind, label in (("video", "fake_device_0"), ("audio", "Fake Audio Input 1")):
        sender = "window.connections.at(-1).getSenders().map((one) => one.track?.label)"
        joe.do("holds", condition=f"{sender}.includes('{label}')")
        assert sent_by(joe, kind) == label
    seen = ann.do("stats")
    more = {"frames": seen["frames"] + 5, "audio": seen["audio"] + 1000}
    ann.do("media", least={**more, "energy": seen["energy"] + 0.001})
    shows_frames(joe, ".self")
    shows_frames(ann, ".remote")

    ann.click(".quality")
    ann.wait("dd:text-matches('^↓ [1-9][0-9]* ↑ [1-9][0-9]* kbit/s$')")
    ann.wait("dd:text-matches('^[1-9][0-9]*\u00d7[1-9][0-9]*$')")
    ann.wait("dd:text-is('Good')")
    ann.wait("dd:text-is('0.0 %')")
    ann.picture("people-quality")
    joe.hang_up()
    ann.wait(".stage", "detached")

    # What was chosen is not plugged in any more.
    key = "falcot-rtc-phone:preferences"
    lost = json.dumps(json.dumps({"microphone": "gone", "camera": "gone", "speaker": "gone"}))
    joe.do("evaluate", code=f"localStorage.setItem('{key}', {lost})")
    joe.do("reload")
    joe.wait(REGISTERED)
    joe.click("#nav-settings")
    joe.click("#test-devices")
    tries(joe, "Fake Default Audio Input", "fake_device_0")
    for user in (joe, ann):
        assert user.do("trouble") == []


def shown(user: User, title: str, body: str, state: str) -> None:
    """The desktop was given that notification."""
    wanted = json.dumps([title, body, state])
    rows = "window.shown.map(({title, body, state}) => JSON.stringify([title, body, state]))"
    user.do("holds", condition=f"{rows}.includes(JSON.stringify({wanted}))")


def test_a_call_is_heard_and_seen_by_who_looks_elsewhere(
    everybody: tuple[Person, ...], window: Opened
) -> None:
    one, two = everybody
    joe = window("joe").sign_in(one)
    ann = window("ann", permissions=NOTIFIED).sign_in(two)
    ann.click("#nav-settings")
    ann.do("check", element="#notify", on=True)
    joe.click("#nav-settings")
    joe.fill("#own-name", "Joe Doe")
    joe.do("press", key="Tab", element="#own-name")
    ann.do("cover", on=True)
    ann.do("holds", condition="document.hidden")

    joe.call(two.name, video=False)
    shown(ann, "Incoming call", "Joe Doe", "shown")
    ann.do("holds", condition="window.peak() > 0.05")
    assert "Joe Doe is calling" in ann.do("evaluate", code="document.title")
    joe.do("holds", condition="window.peak() > 0.01")
    joe.hang_up()
    shown(ann, "Incoming call", "Joe Doe", "closed")
    shown(ann, "Missed", "Joe Doe", "shown")
    ann.do("holds", condition="window.peak() === 0")

    joe.call(two.name, video=False)
    ringing = (
        "window.shown.find(({title, state}) => title === 'Incoming call' && state === 'shown')"
    )
    ann.do("holds", condition=f"Boolean({ringing})")
    ann.do("evaluate", code=f"{ringing}.note.dispatchEvent(new Event('click'))")
    ann.do("cover", on=False)
    ann.do("holds", condition="!document.hidden")
    ann.click(".answer")
    for user in (joe, ann):
        user.talking()
        user.do("holds", condition="window.peak() === 0")
    joe.hang_up()
    ann.wait(".stage", "detached")

    ann.do("cover", on=True)
    ann.do("holds", condition="document.hidden")
    joe.click("#nav-messages")
    joe.click("#new-message")
    joe.fill("#write-to", two.name)
    joe.do("press", key="Enter", element="#write-to")
    joe.fill("#message", "Lunch?")
    joe.do("press", key="Enter", element="#message")
    shown(ann, "Joe Doe", "Lunch?", "shown")
    ann.do("evaluate", code="window.shown.at(-1).note.dispatchEvent(new Event('click'))")
    ann.wait(".line p:text-is('Lunch?')")

    joe.click("#nav-settings")
    joe.click("#notify")
    joe.wait(".notice.bad:has-text('does not permit notifications')")
    assert joe.do("evaluate", code="document.querySelector('#notify').checked") is False


def test_names_addresses_and_numbers_are_dialled_and_remembered(
    everybody: tuple[Person, ...], window: Opened
) -> None:
    """Contacts and past calls stay in the browser, each account's apart, until they are deleted."""
    one, two = everybody
    joe = window("joe").sign_in(one)
    ann = window("ann").sign_in(two)
    joe.click("#nav-contacts")
    joe.click("#new-contact")
    joe.fill("#contact-name", "Ann Smith")
    joe.fill("#contact-address", two.name)
    joe.do("press", key="Enter", element="#contact-address")
    joe.wait(".contact strong:text-is('Ann Smith')")
    joe.click(".contact .star")
    joe.wait(".tile strong:text-is('Ann Smith')")
    joe.picture("people-contacts")
    assert joe.sound() == []

    ways = {
        "ann smith": "Ann Smith",
        "Ann Sm": "Ann Smith",
        two.name.upper(): "Ann Smith",
        two.address: "Ann Smith",
        f"sip:{two.address};x=y": "Ann Smith",
        NUMBER: NUMBER,
        f"tel:{NUMBER}": NUMBER,
    }
    for text, called in ways.items():
        joe.call(text, video=False)
        ann.click(".decline")
        joe.wait(f".notice.bad:has-text('{called} declined the call')")
        joe.click(".notice .icon-button")
        joe.wait(".stage", "detached")
    joe.click("#nav-dial")
    joe.fill("#wanted", "smi")
    joe.click(".suggestions .row")
    ann.click(".answer")
    joe.talking()
    joe.wait(".stage h2:text-is('Ann Smith')")
    joe.hang_up()

    joe.do("reload")
    joe.wait(REGISTERED)
    joe.wait(".tile strong:text-is('Ann Smith')")
    joe.click("#nav-history")
    assert joe.do("count", element=".past") == len(ways) + 1
    assert "Outgoing" in joe.text(".past >> nth=0")
    joe.picture("people-history")

    sign_out(joe)
    joe.sign_in(two)
    joe.click("#nav-history")
    assert joe.do("count", element=".past") == 0
    joe.click("#nav-contacts")
    assert joe.do("count", element=".contact") == 0
    sign_out(joe)
    joe.sign_in(one)
    joe.wait(".tile strong:text-is('Ann Smith')")
    joe.click("#nav-settings")
    joe.click("text=Delete everything that this browser keeps")
    joe.wait("#user")
    kept = "Object.keys(localStorage).filter((name) => name.includes('@'))"
    assert [name for name in joe.do("evaluate", code=kept) if one.address in name] == []
    joe.sign_in(one)
    joe.click("#nav-history")
    assert joe.do("count", element=".past") == 0


def sign_out(user: User) -> None:
    user.click("#nav-settings")
    user.click("#sign-out")
    user.wait("#user")


def tab_to(user: User, element: str, *, back: bool = False) -> None:
    """Presses Tab until that has the focus; on the way, the focus is always seen."""
    met: list[str] = []
    for _ in range(60):
        seen = user.do("focus")
        if user.do("evaluate", code=f"document.activeElement.matches('{element}')"):
            return
        met.append(seen["name"])
        user.do("press", key="Shift+Tab" if back else "Tab")
        seen = user.do("focus")
        assert seen["page"] or (seen["ringed"] and seen["within"]), seen
    raise AssertionError(f"{element}: not among {met}")


def press(user: User, key: str) -> None:
    user.do("press", key=key)


def test_everything_by_keyboard_alone(everybody: tuple[Person, ...], window: Opened) -> None:
    """No mouse: signing in, a contact, a call with keys, a transfer begun and left, hanging up."""
    one, two = everybody
    joe, ann = window("joe"), window("ann")
    for user, person in ((joe, one), (ann, two)):
        assert user.do("focus")["id"] == "user"
        user.do("type", text=person.name)
        press(user, "Tab")
        user.do("type", text=person.password)
        press(user, "Enter")
        user.wait(REGISTERED)
        assert user.do("focus")["id"] == "wanted"

    tab_to(joe, "#nav-contacts", back=True)
    press(joe, "Enter")
    tab_to(joe, "#new-contact")
    press(joe, "Space")
    joe.do("type", text="Ann Smith")
    press(joe, "Tab")
    joe.do("type", text=two.name)
    press(joe, "Enter")
    joe.wait(".contact")
    assert joe.do("focus")["id"] == "new-contact"
    tab_to(joe, ".contact .star")
    press(joe, "Enter")
    joe.wait(".contact .star.on")
    # Where one was, though the row was made anew.
    assert "star" in joe.do("focus")["classes"]
    joe.picture("people-focus")

    tab_to(joe, "#nav-dial", back=True)
    press(joe, "Enter")
    assert joe.do("focus")["id"] == "wanted"
    joe.do("type", text="Ann Smith")
    # Who writes is not disturbed by a call; who does not is led to it.
    tab_to(ann, "#nav-dial", back=True)
    press(joe, "Enter")
    ann.wait(".ringing")
    assert "ringing" in ann.do("focus")["classes"]
    tab_to(ann, ".answer")
    ann.picture("people-answer-focus")
    press(ann, "Enter")
    for user in (joe, ann):
        user.talking()
        assert "stage" in user.do("focus")["classes"]
    tab_to(joe, "#control-keypad")
    press(joe, "Enter")
    joe.do("type", text="12#")
    joe.wait(".pressed:text-is('12#')")
    press(joe, "Escape")
    joe.wait(".sheet", "detached")
    assert joe.do("focus")["id"] == "control-keypad"
    tab_to(joe, "#control-mute", back=True)
    press(joe, "Space")
    joe.wait("#control-mute[aria-pressed=true]")
    tab_to(joe, "#control-hold")
    press(joe, "Enter")
    ann.wait("text=put you on hold")
    press(joe, "Enter")
    ann.wait(".stage-state:empty", "attached")
    tab_to(joe, "#control-transfer")
    press(joe, "Enter")
    assert joe.do("focus")["id"] == "transfer-to"
    # Digits of a number are no keys of the call.
    joe.do("type", text="47")
    press(joe, "Escape")
    assert joe.do("focus")["id"] == "control-transfer"
    tab_to(joe, "#hang-up")
    press(joe, "Enter")
    for user in (joe, ann):
        user.wait(".stage", "detached")
    assert joe.do("focus")["id"] == "wanted"
    assert ann.do("focus")["id"] == "nav-dial"

    # Round the whole page, and out of it again: nothing keeps the focus.
    for view in ("messages", "history", "settings"):
        tab_to(joe, f"#nav-{view}", back=True)
        press(joe, "Enter")
        press(joe, "Tab")
        tab_to(joe, f"#nav-{view}")
    tab_to(joe, "#sign-out")
    press(joe, "Enter")
    joe.wait("#user")
    assert joe.do("focus")["id"] == "user"


LINKS = "https://www.example.net/"
LINKED = f"""\
<!DOCTYPE html><html lang="en"><title>Somebody</title>
<p><a id="tel" href="tel:+{NUMBER}">Call</a>
<a id="sip" href="sip:{{name}}@falcot.com">Visit</a></p>
"""


def test_it_becomes_an_app_and_takes_links_of_other_pages(
    everybody: tuple[Person, ...], window: Opened
) -> None:
    one, two = everybody
    pages = {LINKS: LINKED.format(name=two.name)}
    joe = window("joe", own=True, pages=pages).sign_in(one)
    found = joe.do("install")
    assert found["errors"] == found["faults"] == []
    assert found["url"] == "https://falcot.com/phone/manifest.webmanifest"
    assert found["installed"] == 0

    joe.do("consent")
    joe.click("#nav-settings")
    joe.click("text=Open telephone links with this phone")
    for link, shown_as in (("#tel", f"+{NUMBER}"), ("#sip", two.name)):
        joe.do("go", address=LINKS)
        joe.click(link)
        joe.wait(REGISTERED)
        assert joe.do("address").startswith("https://falcot.com/phone/?call=")
        joe.do("holds", condition=f"document.querySelector('#wanted').value === '{shown_as}'")
    # A link never calls by itself.
    assert joe.do("count", element=".stage") == 0
    ann = window("ann").sign_in(two)
    joe.do("press", key="Enter", element="#wanted")
    ann.wait(".answer")
    joe.hang_up()


TUNED = "/etc/falcot-rtc/policy.d/web-phone.toml"
LOCAL = "/etc/falcot-rtc/local.d/web-phone"
SQUARE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 40" width="{width}"
><rect width="{width}" height="40" rx="8" fill="{fill}"/></svg>
"""
COLOURS = ":root { --brand: light-dark(#7a1f5c, #e59ccb); --brand-ink: light-dark(#fff, #2a0a1f); }"
STAYS_OUT = """(() => {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(
    `${event.effectiveDirective} ${event.blockedURI}`));
  const script = document.createElement('script');
  script.textContent = 'window.intruded = true';
  document.body.append(script);
  const image = document.createElement('img');
  image.src = 'https://example.net/pixel';
  document.body.append(image);
})()"""


@pytest.fixture
def tuned(host: Host) -> Iterator[Callable[..., None]]:
    """Sets tunables of the phone and files of its brand, as an administrator does."""
    text = host.read(TUNED)

    def tune(lines: str = "", **files: str) -> None:
        host.push(TUNED, f"{text}\n{lines}")
        for name, content in files.items():
            host.push(f"{LOCAL}/{name.replace('_', '.')}", content)
        host.run(["falcot-rtc", "apply"])

    yield tune
    host.run(["rm", "-rf", LOCAL])
    tune()


def test_it_bears_the_brand_of_the_site_and_lets_nothing_else_in(
    everybody: tuple[Person, ...], window: Opened, tuned: Callable[..., None]
) -> None:
    tuned(
        'title = "Falcot <Phone>"\nhelp-link = "/help"\nlanguage = "de"\nlanguage-choice = false\n',
        brand_css=COLOURS,
        logo_svg=SQUARE.format(width=120, fill="#7a1f5c"),
        icon_svg=SQUARE.format(width=40, fill="#7a1f5c"),
    )
    joe = window("joe")
    assert joe.text(".brand-name") == "Falcot <Phone>"
    assert joe.text("h1") == "Ihr Telefon bei Falcot <Phone>"
    assert joe.do("count", element="#language") == 0
    assert joe.do("value", element=".door-links a >> nth=1", name="href") == "/help"
    joe.do("holds", condition="document.querySelector('.brand img').naturalWidth === 120")
    colour = "getComputedStyle(document.querySelector('.button.primary')).backgroundColor"
    assert joe.do("evaluate", code=colour) == "rgb(122, 31, 92)"
    joe.picture("people-brand")
    assert joe.sound() == []
    assert joe.do("trouble") == []

    joe.do("evaluate", code=STAYS_OUT)
    joe.do("holds", condition="window.violations.length === 2")
    assert joe.do("evaluate", code="window.violations.sort()") == [
        "img-src https://example.net/pixel",
        "script-src-elem inline",
    ]
    assert joe.do("evaluate", code="window.intruded ?? null") is None
    joe.sign_in(everybody[0])
    for view in ("contacts", "messages", "history", "settings", "dial"):
        joe.click(f"#nav-{view}")
    joe.picture("people-brand-inside")
    assert joe.do("fits")["cut"] == []
    asked = {urlsplit(address).netloc for address in joe.do("asked")}
    assert asked - {"example.net"} == {"falcot.com", "sip-proxy.falcot.com:8443"}
    icon = "fetch('icon.svg').then((answer) => answer.text())"
    assert "#7a1f5c" in joe.do("evaluate", code=icon)

    night = window("night", scheme="dark", width=390, height=844)
    assert night.do("evaluate", code=colour) == "rgb(229, 156, 203)"
    night.picture("people-brand-night")
    assert night.sound() == []
    found = window("app", own=True).do("install")
    assert found["errors"] == []
    assert found["name"] == "Falcot <Phone>"


def test_wishes_that_jscommunicator_knew_count_here(
    everybody: tuple[Person, ...], window: Opened, tuned: Callable[..., None]
) -> None:
    """What docs/web-phone.md says of the options, seen and heard, or read on the wire."""
    one, two = everybody
    tuned(
        f"""\
audio = false
messages = false
keypad = false
key-tones = false
edit-destination = false
default-destination = "{two.name}"
no-answer-seconds = 5
register-at-start = false
registration-choice = true
require-relay = true
extra-headers = ["X-Site: shop"]
"""
    )
    joe = window("joe")
    joe.tries(one, one.password)
    joe.wait("#link[data-state=idle]")
    joe.picture("people-wishes")
    assert joe.sound() == []
    for gone in ("#call-audio", "#nav-messages", ".keypad"):
        assert joe.do("count", element=gone) == 0, gone
    assert joe.do("evaluate", code="document.querySelector('#wanted').readOnly") is True
    assert not [frame for frame in joe.do("sent") if frame.startswith("REGISTER ")]
    ann = window("ann")
    ann.tries(two, two.password)
    ann.click("#take-calls")
    ann.wait(REGISTERED)
    joe.do("press", key="Enter", element="#wanted")
    # Given up after no-answer-seconds, and on the wire with the site's header.
    ann.wait(".answer-video")
    joe.wait(".notice.bad:has-text('did not answer')")
    ann.wait(".ringing", "detached")
    (invite, *_) = [frame for frame in joe.do("sent") if frame.startswith("INVITE ")]
    assert "\r\nX-Site: shop\r\n" in invite
    # The destination is still there, since nobody could write it again.
    joe.click("#call-video")
    ann.click(".answer-video")
    for user in (joe, ann):
        user.wait(PICTURED)
    assert joe.do("count", element="#control-keypad") == 0
    joe.do("press", key="5", element=".stage")
    assert joe.do("evaluate", code="window.peak()") == 0
    joe.hang_up()
    ann.wait(".stage", "detached")

    # Who takes no calls can be called no more, though still connected.
    ann.click("#take-calls")
    ann.wait("#link[data-state=idle]")
    joe.click("#call-video")
    joe.wait(".notice.bad:has-text('cannot be reached right now')")
    joe.close()
    # Nothing listens there, so there is no relay.
    far = window("far", urls=["turn:turn-server.falcot.com:3467?transport=tcp"])
    far.tries(one, one.password)
    far.wait("#link[data-state=idle]")
    far.click("#call-video")
    far.wait(".notice.bad:has-text('The relay of this site cannot be reached')")
    assert not [frame for frame in far.do("sent") if frame.startswith("INVITE ")]


MARK = "\u2026 eo"
SCRIPT = "/usr/share/falcot-rtc-web-phone/phone.js"


def test_one_file_adds_a_language(host: Host, window: Opened, tmp_path: Path) -> None:
    """The sources with one file more, built as they are for the package, served by the host."""
    tree = tmp_path / "web-phone"
    ignored = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(REPOSITORY / "data" / "web-phone", tree, ignore=ignored)
    english = (tree / "src" / "languages" / "en.ts").read_text(encoding="utf-8")
    added = re.sub(r"(\w+: '[^']+)',", lambda text: f"{text[1]} {MARK}',", english)
    added = added.replace(f"language: 'English {MARK}'", "language: 'Esperanto'")
    added = added[: added.index("export type Texts")]
    (tree / "src" / "languages" / "eo.ts").write_text(
        f"import type {{ Texts }} from './en';\n\n{added}export default texts as Texts;\n",
        encoding="utf-8",
    )
    run(["npm", "ci", "--ignore-scripts"], cwd=tree, env=os.environ)
    run(["npm", "test"], cwd=tree)
    run(["node", "build.mjs", tree / "dist"], cwd=tree)
    before = host.read(SCRIPT)
    host.push(SCRIPT, (tree / "dist" / "phone.js").read_text(encoding="utf-8"))
    try:
        joe = window("joe", locale="eo")
        assert joe.do("value", element="html", name="lang") == "eo"
        assert joe.text(".button.primary") == f"Sign in {MARK}"
        languages = "[...document.querySelectorAll('#language option')].map((one) => one.label)"
        assert joe.do("evaluate", code=languages) == ["Deutsch", "English", "Esperanto"]
        joe.do("choose", element="#language", label="Deutsch")
        joe.wait("text=Anmelden")
    finally:
        host.push(SCRIPT, before)
