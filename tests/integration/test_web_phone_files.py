# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What anybody can fetch from the site's web server: no secret, and what old pages build upon."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from falcot_rtc import paths
from falcot_rtc.policies import web_phone
from falcot_rtc.policies.common import CURRENT
from tests.integration import outside, test_webrtc
from tests.integration import phone as phones
from tests.integration.people import DOMAIN, people
from tests.integration.phone import REGISTERED, Browser
from tests.integration.test_web_phone import contact
from tests.lab.command import run
from tests.lab.host import Host

modules = test_webrtc.modules

# Below which address of the web server the files of a folder are; what is rendered for the site
# stands in the place of what the package brings.
TREES = {
    "/": f"{CURRENT}/web/html",
    "/phone/": web_phone.STATIC,
    "/phone/.": web_phone.RENDERED,
}
CERTIFICATES = ("*.crt", "fullchain.pem")
LEFT = "/phone/left-behind.js"
# A page of the site's own that once embedded JSCommunicator.
EMBEDDING = Path(__file__).with_name("browser") / "embedding.js"
EMBEDDED = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Staff</title></head>
<body>
<p id="link">Who are you?</p>
<form>
<input id="name"> <input id="user"> <input id="password" type="password"> <button>Log in</button>
</form>
<p><input id="wanted"> <button id="call">Call</button> <button id="hang-up">Hang up</button></p>
<script src="https://falcot.com/phone/config.js"></script>
<script>{script}</script>
</body>
</html>
"""


@pytest.fixture
def browser(site: Host, modules: Path, tmp_path: Path) -> Iterator[Browser]:
    with phones.browser(site, modules, tmp_path) as browser:
        yield browser


def served(host: Host) -> dict[str, bytes]:
    """The files of those folders as the web server gives them, by their addresses' paths."""
    found = set()
    for address, folder in TREES.items():
        listed = host.run(["find", "-L", folder, "-type", "f", "-printf", "%P\\n"]).stdout
        found |= {f"{address.rstrip('.')}{name}" for name in listed.splitlines()}
    numbered = dict(enumerate(sorted(found)))
    place = outside.root(host) / "srv" / f"served-{secrets.token_hex(3)}"
    place.mkdir()
    options = [f'cacert = "{outside.trust(host)}"', "fail", "silent", "show-error"]
    for number, path in numbered.items():
        options.append(f'url = "https://{DOMAIN}{path}"')
        options.append(f'output = "/srv/{place.name}/{number}"')
    outside.run(host, "curl", "--config", "-", input="\n".join(options), check=True)
    return {path: (place / str(number)).read_bytes() for number, path in numbered.items()}


def kept(host: Host) -> set[str]:
    """The words of what the host keeps to itself: passwords, minters' secrets, private keys."""
    others = [part for name in CERTIFICATES for part in ("!", "-name", name)]
    find = ["find", "-L", paths.SECRETS, paths.CA, paths.TLS, "-type", "f", *others]
    lines = host.run([*find, "-exec", "cat", "{}", "+"]).stdout.splitlines()
    words = {word for line in lines if not line.startswith("-----") for word in line.split()}
    # Digits alone are the time at which a secret was made.
    return {word for word in words if len(word) >= 8 and not word.isdigit()}


def test_no_file_that_a_browser_can_fetch_has_a_secret_that_lasts(site: Host) -> None:
    words = kept(site)
    names = site.run(["ls", paths.SECRETS]).stdout.split()
    assert len(words) > len(names) > 3

    def telling() -> tuple[set[str], set[str]]:
        files = served(site)
        return set(files), {
            path for path, data in files.items() if any(word.encode() in data for word in words)
        }

    found, told = telling()
    assert {"/index.html.en", "/phone/config.js", "/phone/phone.js", "/phone/brand.css"} <= found
    assert told == set()
    # Each secret would be noticed.
    place = f"{web_phone.STATIC}/{LEFT.rpartition('/')[2]}"
    try:
        for name in names:
            site.push(place, f'let turn = "{site.read(f"{paths.SECRETS}/{name}").split()[-1]}";\n')
            assert telling()[1] == {LEFT}, name
    finally:
        site.run(["rm", "--force", place])


@pytest.fixture
def embedding(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    work = tmp_path_factory.mktemp("embedding")
    shutil.copy(EMBEDDING, work)
    (work / "node_modules").symlink_to(modules)
    esbuild = modules / ".bin" / "esbuild"
    made = run([esbuild, "--bundle", "--minify", "--log-level=warning", EMBEDDING.name], cwd=work)
    return EMBEDDED.format(script=made.stdout)


def test_pages_that_embedded_jscommunicator_keep_working(
    site: Host, browser: Browser, embedding: str
) -> None:
    """config.js as installed is all that such a page knows of the site; who calls types it in."""
    address = f"https://{DOMAIN}/staff/"
    with people(site, "joe", "ann") as (one, two):
        joe = browser.open("joe").sign_in(one)
        page = browser.open("embedding", address=address, pages={address: embedding})
        page.fill("#name", "Ann of the portal")
        page.tries(two, two.password[::-1])
        page.wait("#link[data-state=refused]")
        assert contact(site, two) == {}
        page.tries(two, two.password)
        page.wait(REGISTERED)
        assert contact(site, two)
        page.fill("#wanted", one.name)
        page.click("#call")
        joe.wait(".answer")
        assert "Ann of the portal" in joe.text(".ringing")
        joe.click(".answer")
        page.wait("#link[data-state=talking]")
        for end in (joe, page):
            end.do("media", least={"audio": 1000})
        page.click("#hang-up")
        joe.wait(".stage", "detached")
        assert f"https://{DOMAIN}/phone/config.js" in page.do("asked")
        for user in (joe, page):
            user.close()
