# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from falcot_rtc.probes import digest
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, Unexpected
from falcot_rtc.probes.sip import UserAgent
from falcot_rtc.probes.sip_message import Headers, Request, Response, find, sequence
from falcot_rtc.probes.sip_transport import Transport
from tests.unit.probes.agents import agent_and_far_end

CHALLENGE = 'Digest realm="falcot.com", nonce="n", qop="auth"'
PASSWORD = "first secret"


def soon() -> Deadline:
    return Deadline.after(5)


def reply(request: Request, status: int, *more: tuple[str, str]) -> Response:
    copied = ("Via", "From", "To", "Call-ID", "CSeq")
    headers: Headers = tuple(item for item in request.headers if item[0] in copied)
    return Response(status=status, reason="Reason", headers=(*headers, *more))


def next_request(far: Transport) -> Request:
    received: tuple[object, ...] = ()
    while not received:
        received = far.receive(soon(), "a request")
    (request,) = received
    assert isinstance(request, Request)
    return request


def registrar(far: Transport, *answers: Callable[[Request], Response]) -> list[Request]:
    """Answer as many requests; the requests."""
    seen = []
    for answer in answers:
        seen.append(next_request(far))
        far.send(answer(seen[-1]), soon())
    return seen


def challenge(request: Request) -> Response:
    return reply(request, 401, ("WWW-Authenticate", CHALLENGE))


def bound(request: Request) -> Response:
    return reply(request, 200, ("Contact", f"{find(request, 'Contact')}"))


def unbound(request: Request) -> Response:
    return reply(request, 200)


def expected_response(request: Request, count: int, user: str) -> str:
    header = find(request, "Authorization")
    cnonce = header.partition('cnonce="')[2].partition('"')[0]
    return digest.response(
        digest.parse_challenge(CHALLENGE),
        user=user,
        password=PASSWORD,
        method="REGISTER",
        uri="sip:falcot.com",
        cnonce=cnonce,
        count=count,
    )


def test_registering_and_unregistering_with_one_challenge() -> None:
    with agent_and_far_end() as (agent, far), ThreadPoolExecutor(1) as pool:
        served = pool.submit(registrar, far, challenge, bound, unbound)
        agent.register(soon())
        agent.register(soon(), expires=0)
        first, second, third = served.result(5)
    assert not find(first, "Authorization")
    assert find(first, "Call-ID") == find(second, "Call-ID")
    assert (sequence(first)[0], sequence(second)[0]) == (1, 2)
    assert find(first, "Via") != find(second, "Via")
    for count, request in ((1, second), (2, third)):
        response = expected_response(request, count, agent.user)
        assert f'response="{response}"' in find(request, "Authorization")
    assert find(second, "Contact").endswith(";expires=120")
    assert find(third, "Contact").endswith(";expires=0")


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ((challenge, challenge), "expected 200 OK; got 401"),
        ((lambda request: reply(request, 503),), "expected 200 OK; got 503"),
        ((unbound,), "expected it among the bindings; got no bindings"),
    ],
)
def test_registrations_that_fail(
    answers: tuple[Callable[[Request], Response], ...], complaint: str
) -> None:
    with agent_and_far_end() as (agent, far), ThreadPoolExecutor(1) as pool:
        served = pool.submit(registrar, far, *answers)
        with pytest.raises(Unexpected, match=complaint):
            agent.register(soon())
        served.result(5)


def test_an_agent_without_credentials_takes_the_challenge_for_the_answer() -> None:
    with agent_and_far_end() as (_, far), agent_and_far_end() as (other, other_far):
        stranger = UserAgent(other.transport, "falcot.com")
        with ThreadPoolExecutor(1) as pool:
            served = pool.submit(registrar, other_far, challenge)
            request = stranger.draft("REGISTER", "sip:falcot.com", to="<sip:a@falcot.com>")
            assert stranger.perform(request, soon()).status == 401
            served.result(5)
        far.close()


def test_a_refused_invite_is_acknowledged_in_its_transaction() -> None:
    with agent_and_far_end() as (agent, far), ThreadPoolExecutor(1) as pool:
        request = agent.draft("INVITE", "sip:b@falcot.com", to="<sip:b@falcot.com>")
        busy = lambda r: reply(r, 486)  # noqa: E731
        served = pool.submit(registrar, far, busy)
        assert agent.perform(request, soon()).status == 486
        served.result(5)
        acknowledgement = next_request(far)
    assert acknowledgement.method == "ACK"
    assert find(acknowledgement, "Via") == find(request, "Via")
    assert find(acknowledgement, "CSeq") == "1 ACK"


def test_other_peoples_requests_are_answered_on_the_way() -> None:
    with agent_and_far_end() as (agent, far):
        remote = UserAgent(far, "falcot.com")
        ping = remote.draft("OPTIONS", agent.uri, to=f"<{agent.uri}>")
        call = remote.draft("INVITE", agent.uri, to=f"<{agent.uri}>")
        for request, status in ((ping, 200), (call, 486)):
            remote.send(request, soon())
            agent.receive(soon(), "a request")
            (answer,) = far.receive(soon(), "an answer")
            assert isinstance(answer, Response)
            assert answer.status == status
            assert "tag=" in find(answer, "To")
        assert [request.method for request in agent.requests] == ["INVITE"]


def test_an_answer_to_another_request_does_not_count() -> None:
    with agent_and_far_end() as (agent, far):
        request = agent.draft("OPTIONS", "sip:falcot.com", to="<sip:falcot.com>")
        stranger = agent.draft("OPTIONS", "sip:falcot.com", to="<sip:falcot.com>")
        far.send(reply(stranger, 200), soon())
        with pytest.raises(NoAnswer, match=r"SIP OPTIONS sip:falcot\.com from"):
            agent.perform(request, Deadline.after(0.1))
