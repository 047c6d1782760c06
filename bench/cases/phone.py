# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's phone in a real Chromium, against a bare JsSIP page that the same host serves.

The bare page has its log-in in a file, and a person who has signed in before has a token: what the
phone does with it is part of its time. The other end of each call is a bare page of its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import bare
from bench.benchmark import Benchmark, Sample
from bench.lab import Lab
from falcot_rtc.errors import FalcotError
from tests.integration import phone as phones
from tests.integration.people import DOMAIN, Person, people
from tests.integration.phone import PICTURED, REGISTERED, Browser, User

# Code that runs often is compiled again and again at first, and that is kept.
FIRST, CALLS = 50, 100
PATIENCE = 120.0
KINDS = ("RTCPeerConnection", "MediaStream", "RTCRtpTransceiver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A browser, and people of whom the last answers each call."""

    browser: Browser
    signed_in: Person
    bare: Person
    other: Person

    def open_bare(self, who: Person, name: str) -> User:
        address = f"{bare.ADDRESS}#{who.name}"
        user = self.browser.open(name, address=address, scripts=[bare.CLOCK])
        user.wait(REGISTERED)
        return user

    def sign_in(self, name: str, **given: Any) -> User:
        """Somebody whose browser keeps a token from now on."""
        user = self.browser.open(name, **given)
        user.do("check", element="#stay", on=True)
        return user.sign_in(self.signed_in)


def desk(lab: Lab, stack: ExitStack) -> Desk:
    host = lab.site
    host.serve({DOMAIN: host.run(["falcot-rtc", "dns", "show"]).stdout})
    joe, ann, bob = stack.enter_context(people(host, "joe", "ann", "bob"))
    known = {one.name: {**bare.login(host, one), "answers": one is bob} for one in (ann, bob)}
    bare.serve(host, known)
    work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    browser = stack.enter_context(phones.browser(host, phones.node_modules(), work))
    return Desk(browser=browser, signed_in=joe, bare=ann, other=bob)


def in_turn(
    subject: Callable[[], float], reference: Callable[[], float], rounds: int
) -> Iterator[Sample]:
    """Either goes first every other time; the first round warms up."""
    for turn in range(rounds + 1):
        first = {} if turn % 2 else {"subject": subject()}
        second = {"reference": reference()}
        seconds = {**first, **second, **({"subject": subject()} if turn % 2 else {})}
        if turn:
            yield Sample(**seconds)


def loads(lab: Lab, rounds: int) -> Iterator[Sample]:
    """Each time in a browser profile of its own, with nothing in its cache."""
    with ExitStack() as stack:
        at = desk(lab, stack)
        at.sign_in("known")

        def loaded(user: User) -> float:
            user.wait(REGISTERED)
            milliseconds = float(user.do("evaluate", code="clock.registered"))
            user.close()
            return milliseconds / 1000

        def subject() -> float:
            return loaded(at.browser.open("subject", like="known", scripts=[bare.CLOCK]))

        def reference() -> float:
            return loaded(at.open_bare(at.bare, "reference"))

        yield from in_turn(subject, reference, rounds)


def pictured(user: User) -> float:
    """The seconds from the last click to the first picture of the other end."""
    user.do("holds", condition="clock.pictured")
    return float(user.do("evaluate", code="(clock.pictured - clock.clicked) / 1000"))


def calls(lab: Lab, rounds: int) -> Iterator[Sample]:
    with ExitStack() as stack:
        at = desk(lab, stack)
        other = at.open_bare(at.other, "other")
        subject = at.sign_in("subject", scripts=[bare.CLOCK])
        reference = at.open_bare(at.bare, "reference")

        def called(user: User) -> float:
            user.fill("#wanted", at.other.address)
            user.click("#call-video")
            seconds = pictured(user)
            user.click("#hang-up")
            over(other)
            return seconds

        yield from in_turn(lambda: called(subject), lambda: called(reference), rounds)


def answers(lab: Lab, rounds: int) -> Iterator[Sample]:
    with ExitStack() as stack:
        at = desk(lab, stack)
        other = at.open_bare(at.other, "other")
        subject = at.sign_in("subject", scripts=[bare.CLOCK])
        reference = at.open_bare(at.bare, "reference")

        def answered(user: User, who: Person) -> float:
            other.fill("#wanted", who.address)
            other.click("#call-video")
            # Nobody answers before the page has begun to ring.
            user.do("holds", condition="clock.rang && performance.now() - clock.rang > 500")
            user.click(".answer-video")
            seconds = pictured(user)
            user.click("#hang-up")
            over(other)
            return seconds

        yield from in_turn(
            lambda: answered(subject, at.signed_in), lambda: answered(reference, at.bare), rounds
        )


def over(other: User) -> None:
    """The other end saw the end of the call."""
    other.do("holds", condition="!document.querySelector('.remote').srcObject")


def settled(user: User) -> dict[str, int]:
    """What the page holds once the last call is forgotten; transactions last 32 s (RFC 6026)."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found: dict[str, int] = user.do("memory", kinds=KINDS)
        if not found["RTCPeerConnection"]:
            return found
        if time.monotonic() > deadline:
            raise FalcotError(f"connections of calls that are over stay: {found}")
        time.sleep(1)


def memory(lab: Lab, rounds: int) -> Iterator[Sample]:
    """MiB, where others have seconds."""
    with ExitStack() as stack:
        at = desk(lab, stack)
        other = at.open_bare(at.other, "other")
        user = at.sign_in("subject", remembers=False)

        def held(first: int, last: int) -> dict[str, int]:
            for number in range(first, last):
                if number % 2:
                    other.fill("#wanted", at.signed_in.address)
                    other.click("#call-video")
                    user.click(".answer-video")
                elif number:
                    # Not typed: of what is typed, the browser itself keeps nodes (to be undone).
                    user.click("#nav-history")
                    user.click(".past .icon-button")
                else:
                    user.call(at.other.address)
                user.wait(PICTURED)
                user.hang_up()
                over(other)
            user.click("#nav-dial")
            return settled(user)

        done = 0
        for _ in range(rounds):
            few = held(done, done + FIRST)
            done += FIRST + CALLS
            many = held(done - CALLS, done)
            left = {name: many[name] - few[name] for name in few if name != "bytes"}
            if any(left[name] > 0 for name in left):
                raise FalcotError(f"{CALLS} calls left behind: {left}, of {many}")
            yield Sample(reference=few["bytes"] / 2**20, subject=many["bytes"] / 2**20)


LOAD = Benchmark(
    name="phone-load",
    subject="the phone's page, until registered",
    reference="a bare JsSIP page",
    aim=1.1,
    rounds=20,
    measure=loads,
)
CALL = Benchmark(
    name="phone-call",
    subject="the phone, from call to the first picture",
    reference="a bare JsSIP page",
    aim=1.1,
    rounds=20,
    measure=calls,
)
ANSWER = Benchmark(
    name="phone-answer",
    subject="the phone, from answer to the first picture",
    reference="a bare JsSIP page",
    aim=1.1,
    rounds=20,
    measure=answers,
)
MEMORY = Benchmark(
    name="phone-memory",
    subject=f"the phone's page after {CALLS} more calls: memory",
    reference=f"after {FIRST}",
    aim=1.05,
    rounds=1,
    measure=memory,
)
