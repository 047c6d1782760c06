# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone in the browser of people whose network has one family of addresses: calls among them,
and between an office without IPv6 and a mobile network without IPv4 (RFC 8656)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.integration import phone as phones
from tests.integration import test_webrtc
from tests.integration.conftest import DOMAIN, booted
from tests.integration.observe import until
from tests.integration.people import people
from tests.integration.phone import PICTURED, REGISTERED, User
from tests.integration.test_web_phone import DUMP, RELAYED
from tests.lab.command import run
from tests.lab.host import Host
from tests.lab.network import CLIENT_IPV4, CLIENT_IPV6, HOST_IPV4, RESOLVERS

modules = test_webrtc.modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A network behind the client's, which routes for it: gateway, its one host, the resolver."""

    version: int
    gateway: str
    address: str
    length: int
    resolver: str


FOUR = Family(
    version=4, gateway="192.0.2.1", address="192.0.2.2", length=24, resolver=CLIENT_IPV4[0]
)
# Where the host of that network is after it moved.
ELSEWHERE = "192.0.2.3"
SIX = Family(
    version=6,
    gateway="2001:db8:4000::1",
    address="2001:db8:4000::2",
    length=64,
    resolver=CLIENT_IPV6[0],
)


def tune(namespace: str, setting: str) -> None:
    run(["ip", "netns", "exec", namespace, "sysctl", "--quiet", "--write", setting])


@contextmanager
def behind(host: Host, family: Family) -> Iterator[str]:
    """The name of a network namespace with that family alone, a router away from the host.

    An address that changes while Chromium looks makes it drop what it was loading.
    """
    client = host.running.network.client
    name, near, far = f"{client}-{family.version}", f"to{family.version}", "eth0"
    resolver = RESOLVERS / name / "resolv.conf"
    run(["ip", "netns", "add", name])
    try:
        resolver.parent.mkdir(parents=True)
        resolver.write_text(f"nameserver {family.resolver}\n", encoding="utf-8")
        without = "disable_ipv6=1" if family is FOUR else "accept_dad=0"
        for scope in ("all", "default"):
            # Before the interface exists.
            tune(name, f"net.ipv6.conf.{scope}.{without}")
        pair = ("type", "veth", "peer", "name", far, "netns", name)
        run(["ip", "-n", client, "link", "add", near, *pair])
        for place, device, address in ((client, near, family.gateway), (name, far, family.address)):
            given = (f"{address}/{family.length}", "dev", device)
            # Usable at once: nobody else is on that wire.
            quiet = ("nodad",) if family.version == 6 else ()
            run(["ip", "-n", place, "address", "add", *given, *quiet])
            run(["ip", "-n", place, "link", "set", device, "up"])
        run(["ip", "-n", name, "link", "set", "lo", "up"])
        route = ("route", "add", "default", "via", family.gateway)
        run(["ip", "-n", name, f"-{family.version}", *route])
        tune(client, f"net.ipv{family.version}.conf.all.forwarding=1")
        yield name
    finally:
        run(["ip", "netns", "delete", name])
        resolver.unlink(missing_ok=True)
        resolver.parent.rmdir()


@pytest.fixture(scope="module")
def host(release: str, installed: tuple[Path, ...], archive: Path) -> Iterator[Host]:
    with booted("families", release, installed, archive) as host:
        yield host


@pytest.fixture(scope="module")
def users(
    host: Host, modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, tuple[User, User]]]:
    """Two people signed in, by the family of their network."""
    made: dict[int, tuple[User, User]] = {}
    with ExitStack() as stack:
        for family in (FOUR, SIX):
            namespace = stack.enter_context(behind(host, family))
            work = tmp_path_factory.mktemp(f"ipv{family.version}")
            browser = phones.browser(host, modules, work, namespace=namespace)
            opened = stack.enter_context(browser)
            two = stack.enter_context(people(host, "joe", "ann"))
            made[family.version] = tuple(  # type: ignore[assignment]
                opened.open(one.name).sign_in(one) for one in two
            )
        yield made


def media(user: User) -> Any:
    """The selected pair of a call whose sound and picture arrive, and go on doing so."""
    seen = user.do("media", least={"audio": 1000, "video": 1000, "frames": 3})
    more = {"audio": seen["audio"] + 1000, "frames": seen["frames"] + 3}
    return user.do("media", least=more)


def call(caller: User, callee: User) -> tuple[Any, Any]:
    """What both see of a call with sound and picture, which either end then sees the end of."""
    caller.call(callee.name)
    callee.click(".answer-video")
    seen = media(caller), media(callee)
    caller.hang_up()
    callee.wait(".stage", "detached")
    return seen


@pytest.mark.parametrize("family", [FOUR, SIX], ids=["ipv4", "ipv6"])
def test_a_network_of_one_family(users: dict[int, tuple[User, User]], family: Family) -> None:
    """Everything works there: the page, the proxy, calls without the relay and through it."""
    joe, ann = users[family.version]
    for seen in call(joe, ann):
        for side in ("local", "remote"):
            assert seen[side]["address"] == family.address, seen
    for user in (joe, ann):
        user.relay_only()
    try:
        for seen in call(joe, ann):
            for side in ("local", "remote"):
                assert seen[side]["candidateType"] == "relay"
                assert seen[side]["address"] in HOST_IPV4
    finally:
        for user in (joe, ann):
            user.relay_only(on=False)


@pytest.mark.parametrize("order", [(4, 6), (6, 4)], ids=["ipv4-calls-ipv6", "ipv6-calls-ipv4"])
def test_families_that_cannot_reach_each_other_meet_at_the_relay(
    users: dict[int, tuple[User, User]], order: tuple[int, int]
) -> None:
    """Nobody chooses the relay here: the browsers find that it is the only way."""
    caller, callee = (users[version][0] for version in order)
    for seen in call(caller, callee):
        relayed = [side for side in ("local", "remote") if seen[side]["candidateType"] == "relay"]
        assert relayed, seen
        for side in relayed:
            assert seen[side]["address"] in HOST_IPV4
        # coturn relays at IPv4 addresses unless asked for others, also for who came over IPv6.
        assert {ip_address(seen[side]["address"]).version for side in ("local", "remote")} == {4}


def move(host: Host, family: Family, old: str, new: str) -> None:
    """Takes the network's host from one network to another, where it has another address."""
    name = f"{host.running.network.client}-{family.version}"
    inside = ("ip", "-n", name)
    run([*inside, "link", "set", "eth0", "down"])
    run([*inside, "address", "delete", f"{old}/{family.length}", "dev", "eth0"])
    run([*inside, "address", "add", f"{new}/{family.length}", "dev", "eth0"])
    run([*inside, "link", "set", "eth0", "up"])
    run([*inside, "route", "add", "default", "via", family.gateway])


def arrives(host: Host, user: User, address: str) -> None:
    """Waits until media and registration of the person are at that address."""

    def place() -> str:
        seen = user.do("stats")
        return str(seen["local"].get("address")) if seen else ""

    def contact() -> str:
        return host.run([*DUMP, f"{user.name}@{DOMAIN}"], check=False).stdout

    until(place, lambda found: found == address)
    media(user)
    user.wait(REGISTERED)
    until(contact, lambda known: f"sip:{address}:" in known)


def test_a_call_survives_a_change_of_network(
    host: Host, users: dict[int, tuple[User, User]]
) -> None:
    """Both ends, their ways to the proxy and to each other gone, find new ones (ICE restart)."""
    both = joe, ann = users[4]
    joe.call(ann.name)
    ann.click(".answer-video")
    for user in both:
        user.wait(PICTURED)
    before = [media(user) for user in both]
    first = [user.do("evaluate", code=RELAYED)["ufrag"] for user in both]
    assert {seen["local"]["address"] for seen in before} == {FOUR.address}
    move(host, FOUR, FOUR.address, ELSEWHERE)
    for user, ufrag in zip(both, first, strict=True):
        user.do("holds", condition=f"{RELAYED}.ufrag !== '{ufrag}'")
    for user in both:
        arrives(host, user, ELSEWHERE)
    joe.hang_up()
    ann.wait(".stage", "detached")
