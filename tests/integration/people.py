# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""People of falcot.com for the time of a test, made and removed by the library on the host."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.integration import outside
from tests.lab import demo
from tests.lab.command import run
from tests.lab.host import Host

DOMAIN = demo.DOMAIN
CHANGE = """
import json, sys
from falcot_rtc import apply
from falcot_rtc.accounts import sync
from falcot_rtc.host import Host

host = Host()
verb, passwords = json.load(sys.stdin)
with host.lock():
    site, _ = apply.read_site(host)
    domain, realm = site.settings.domain, site.settings.realm
    with sync.open_store(host) as store:
        for name, password in passwords.items():
            if verb == "add":
                store.add(name, domain, realm=realm, password=password, kind=sync.kind(site))
            else:
                store.delete(name, domain)
    sync.project(host, site)
"""


# No two of them are neighbours: cracklib calls a password systematic that has too many of those,
# "a long enough one" with a random number sometimes among them.
LETTERS = "bdfhkmpr2479"


def chosen() -> str:
    """Somebody's new password, one that pwscore accepts."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(7)) for _ in range(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    password: str

    @property
    def address(self) -> str:
        return f"{self.name}@{DOMAIN}"


@contextmanager
def people(host: Host, *names: str) -> Iterator[tuple[Person, ...]]:
    """New accounts that nobody else uses, their names starting with `names`; gone at the end."""
    made = tuple(
        Person(name=f"{name}-{secrets.token_hex(3)}", password=secrets.token_urlsafe(12))
        for name in names
    )
    _change(host, "add", made)
    try:
        yield made
    finally:
        _change(host, "delete", made)


def _change(host: Host, verb: str, made: tuple[Person, ...]) -> None:
    passwords = {person.name: person.password for person in made}
    host.run(["python3", "-c", CHANGE], input=json.dumps([verb, passwords]))


def check_as(host: Host, two: tuple[Person, ...]) -> dict[str, str]:
    """What the checks find from the client, with these people's passwords for the checks' own."""
    command = demo.client_check(host, "--json")
    ticket = outside.root(host) / demo.TICKET.strip("/")
    content = json.loads(ticket.read_text(encoding="utf-8"))
    content["accounts"] = [{"user": one.name, "password": one.password} for one in two]
    ticket.write_text(json.dumps(content), encoding="utf-8")
    results = json.loads(run(command, check=False).stdout)
    assert len(results) > 50
    return {row["id"]: row["detail"] for row in results if row["status"] == "fail"}
