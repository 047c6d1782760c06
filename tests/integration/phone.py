# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""People at the site's phone in a real Chromium, one step at a time (browser/phone.mjs)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from falcot_rtc.errors import FalcotError
from tests.integration import outside
from tests.integration.outside import Running
from tests.integration.people import Person
from tests.lab.cache import REPOSITORY, cache, digest, ensure
from tests.lab.command import run
from tests.lab.host import Host

# Chromium plays camera and microphone, and says yes to pages that ask for them or for the screen.
FAKES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
DRIVER = Path(__file__).with_name("browser") / "phone.mjs"
NEEDS = Path(__file__).with_name("webrtc")
ARTEFACTS = REPOSITORY / "artefacts"
REGISTERED = "#link[data-state=registered]"
# The stage of a call whose other end is seen.
PICTURED = ".stage.pictured"
# A browser that asks, until permit() is called.
ASKING = """{
  const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const permitted = new Promise((done) => { window.permit = done; });
  navigator.mediaDevices.getUserMedia = async (wish) => {
    await permitted;
    window.given = await asked(wish);
    return window.given;
  };
}"""
# The proxy's answers to calls, by their status.
HEARD = """{
  window.heard = [];
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (/^CSeq: [0-9]+ INVITE/m.test(data)) window.heard.push(data.split(' ')[1]);
      });
    }
  };
}"""
# A screen that is blue all over: Chromium's own pretended screen shows what its camera does.
SCREEN = """{
  navigator.mediaDevices.getDisplayMedia = async () => {
    const screen = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const pen = screen.getContext('2d');
    // Frames come of what is painted.
    setInterval(() => { pen.fillStyle = '#00f'; pen.fillRect(0, 0, 1280, 720); }, 50);
    return screen.captureStream();
  };
}"""
# Whether the other end's picture is of that colour: "blue" for that screen, "green" for a camera.
COLOURED = """(() => {
  const pen = document.createElement('canvas').getContext('2d');
  pen.drawImage(document.querySelector('.stage video.remote'), 0, 0, 1, 1);
  const [, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return { green: green - blue > 50, blue: blue - green > 50 };
})()"""


@dataclass(slots=True, kw_only=True)
class Browser:
    """One Chromium at the client end of the wire."""

    program: Running
    modules: Path
    names: list[str] = field(default_factory=list)

    def step(self, who: str, do: str, **given: Any) -> Any:
        self.program.say(json.dumps({"who": who, "do": do, **given}) + "\n")
        answer = json.loads(self.program.line(lambda line: line.startswith("{"), 90))
        if "error" in answer:
            raise FalcotError(f"{who}: {do} {given}: {answer['error']}{self._last()}")
        return answer["value"]

    def open(self, name: str, **given: Any) -> User:
        self.step(name, "open", **given)
        self.names.append(name)
        return User(browser=self, name=name)

    def _last(self) -> str:
        """Pictures of everybody's page, for whoever looks at a failure."""
        ARTEFACTS.mkdir(exist_ok=True)
        for name in self.names:
            path = ARTEFACTS / f"phone-failed-{name}.png"
            self.program.say(
                json.dumps({"who": name, "do": "picture", "path": str(path)})
                + "\n"
                + json.dumps({"who": name, "do": "trouble"})
                + "\n"
            )
        answers = range(2 * len(self.names))
        said = [self.program.line(lambda line: line.startswith("{")) for _ in answers]
        return "\n" + "\n".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody in front of the page."""

    browser: Browser
    name: str
    frame: str | None = None

    def do(self, step: str, **given: Any) -> Any:
        return self.browser.step(self.name, step, frame=self.frame, **given)

    def within(self, frame: str) -> User:
        """The same person, at that frame of the page."""
        return replace(self, frame=frame)

    def click(self, element: str) -> None:
        self.do("click", element=element)

    def fill(self, element: str, text: str) -> None:
        self.do("fill", element=element, text=text)

    def wait(self, element: str, state: str = "visible") -> None:
        self.do("wait", element=element, state=state)

    def text(self, element: str) -> str:
        return str(self.do("text", element=element))

    def tries(self, person: Person, password: str) -> None:
        """Fill in the page for signing in."""
        self.do("signIn", user=person.name, password=password)

    def sign_in(self, person: Person) -> User:
        self.tries(person, person.password)
        self.wait(REGISTERED)
        return self

    def relay_only(self, *, on: bool = True) -> User:
        self.click("#nav-settings")
        self.do("check", element="#relay", on=on)
        return self

    def call(self, address: str, *, video: bool = True) -> None:
        self.click("#nav-dial")
        self.fill("#wanted", address)
        self.click("#call-video" if video else "#call-audio")

    def talking(self) -> None:
        self.wait(".stage-time:not(:empty)")

    def sees(self, colour: str) -> None:
        """Waits for a picture of the other end that is `green` or `blue`."""
        self.do("holds", condition=f"{COLOURED}.{colour}")

    def hang_up(self) -> None:
        self.click("#hang-up")
        self.wait(".stage", "detached")

    def picture(self, what: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        self.do("picture", path=str(ARTEFACTS / f"phone-{what}.png"))

    def sound(self) -> list[str]:
        """What axe-core and a ruler have against the page as it is."""
        script = (self.browser.modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        ruled = self.do("fits")
        found: list[str] = self.do("axe", script=script)
        small: list[str] = ruled["small"]
        return found + small + (["wider than the window"] if ruled["wide"] else [])

    def close(self) -> None:
        self.do("close")
        self.browser.names.remove(self.name)


def node_modules() -> Path:
    """What the drivers' lock file names, from npm's registry."""
    described = [NEEDS / name for name in (".npmrc", "package.json", "package-lock.json")]

    def install(partial: Path) -> None:
        for path in described:
            shutil.copy(path, partial)
        # The caller's way to the registry (proxy, authorities) is the one that works here.
        run(["npm", "ci", "--ignore-scripts"], cwd=partial, env=os.environ)

    key = digest([path.read_text(encoding="utf-8") for path in described])
    return ensure(cache() / "webrtc" / key, install) / "node_modules"


@contextmanager
def browser(
    host: Host,
    modules: Path,
    work: Path,
    flags: tuple[str, ...] = FAKES,
    *,
    namespace: str | None = None,
) -> Iterator[Browser]:
    """A Chromium that trusts the site's authority, with a home of its own in `work`; at the
    client's end of the wire, or in a network namespace of its own."""
    database = work / ".pki" / "nssdb"
    database.mkdir(parents=True)
    authority = work / "ca.crt"
    authority.write_text(host.read(outside.PUBLIC_CA), encoding="utf-8")
    nss = ["certutil", "-d", f"sql:{database}"]
    run([*nss, "-N", "--empty-password"])
    run([*nss, "-A", "-t", "C,,", "-n", "site", "-i", authority])
    (work / "node_modules").symlink_to(modules)
    shutil.copy(DRIVER, work)
    program = ("node", str(work / DRIVER.name), *flags)
    command = host.client_command(program)
    if namespace:
        command = ("ip", "netns", "exec", namespace, *program)
    home = {"HOME": str(work), "XDG_RUNTIME_DIR": str(work)}
    with outside.running(command, home) as running:
        yield Browser(program=running, modules=modules)
