# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare JsSIP page, made when it is measured, and served beside the phone; in no package.

JsSIP and the bundler are those of the phone's own lock file, the options are build.mjs's.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.integration import outside
from tests.integration.people import DOMAIN, Person
from tests.lab.cache import REPOSITORY, cache, digest, ensure
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.web_phone import SOURCE

HERE = Path(__file__).parent
SITE = f"https://{DOMAIN}/phone"
FILES = "/usr/share/falcot-rtc-web-phone"
ADDRESS = f"{SITE}/bare/page.html"
CLOCK = (HERE / "clock.js").read_text(encoding="utf-8")
OPTIONS = ("--bundle", "--minify", "--charset=utf8", "--format=iife", "--legal-comments=none")
TARGET = "--target=chrome109,firefox115,safari16"


def bundle() -> Path:
    """page.js with JsSIP in it."""
    described = [REPOSITORY / SOURCE / name for name in (".npmrc", "package.json")]
    described.append(REPOSITORY / SOURCE / "package-lock.json")
    page = HERE / "page.js"

    def make(partial: Path) -> None:
        for path in (*described, page):
            shutil.copy(path, partial)
        # The caller's way to the registry (proxy, authorities) is the one that works here.
        run(["npm", "ci", "--ignore-scripts"], cwd=partial, env=os.environ)
        esbuild = partial / "node_modules" / ".bin" / "esbuild"
        run([esbuild, *OPTIONS, TARGET, "--outfile=bundle.js", page.name], cwd=partial)

    texts = [path.read_text(encoding="utf-8") for path in (*described, page)]
    return ensure(cache() / "bare-phone" / digest(OPTIONS, TARGET, texts), make) / "bundle.js"


def serve(host: Host, people: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the page beside the phone's files, with what it knows of `people` in advance."""
    place = f"{FILES}/bare"
    host.push(f"{place}/page.html", (HERE / "page.html").read_bytes())
    host.push(f"{place}/page.js", bundle().read_bytes())
    host.push(f"{place}/people.js", f"window.PEOPLE = {json.dumps(people)};\n")


def login(host: Host, person: Person) -> dict[str, Any]:
    """What the phone's service gives that person for SIP and TURN."""
    options = ["--silent", "--fail", "--cacert", outside.trust(host), "--data-binary", "@-"]
    for header in ("Content-Type: application/json", "Sec-Fetch-Site: same-origin"):
        options += ["--header", header]
    wish = json.dumps({"user": person.name, "password": person.password})
    said = outside.run(host, "curl", *options, f"{SITE}/api/login", input=wish, check=True).stdout
    made: dict[str, Any] = json.loads(said)
    return made
