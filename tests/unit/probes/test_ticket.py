# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falcot_rtc.errors import UsageError
from falcot_rtc.probes.ticket import Credentials, Ticket, dumps, loads
from tests.unit.probes.samples import TARGETS, TICKET


def test_round_trip() -> None:
    text = dumps(TICKET)
    assert loads(text) == TICKET
    assert text.endswith("\n")
    assert dumps(loads(text)) == text
    bare = replace(TICKET, minted=None, endpoints=(), services=())
    assert loads(dumps(bare)) == bare


def test_no_password_in_a_repr() -> None:
    assert "secret" not in repr(TICKET)


def changed(path: tuple[Any, ...], value: object) -> str:
    document = json.loads(dumps(TICKET))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("version",), 2, "version 2"),
        (("version",), True, "ticket.version"),
        (("domain",), "", "ticket.domain"),
        (("realm",), None, "ticket.realm"),
        (("services",), ["smtp"], r"ticket.services\[0\]"),
        (("services",), "turn", "ticket.services"),
        (("ca",), 1, "ticket.ca"),
        (("ca",), "\ud800", "ticket.ca"),
        (("surplus",), 1, "ticket.surplus"),
        (("endpoints", 3), [], r"ticket.endpoints\[3\]"),
        (("endpoints", 3, "port"), 0, r"ticket.endpoints\[3\].port"),
        (("endpoints", 3, "port"), 3478.0, r"ticket.endpoints\[3\].port"),
        (("endpoints", 0, "address"), "falcot.com", r"ticket.endpoints\[0\].address"),
        (("endpoints", 0, "public"), "falcot.com", r"ticket.endpoints\[0\].public"),
        (("endpoints", 0, "family"), "ipv5", r"ticket.endpoints\[0\].family"),
        (("endpoints", 0, "role"), "mail", r"ticket.endpoints\[0\].role"),
        (("endpoints", 0, "protocol"), "sctp", r"ticket.endpoints\[0\].protocol"),
        (("endpoints", 0, "tls"), 0, r"ticket.endpoints\[0\].tls"),
        (("endpoints", 0, "fingerprint"), "AB", r"ticket.endpoints\[0\].fingerprint"),
        (("accounts",), [], "ticket.accounts"),
        (("accounts", 1, "password"), "", r"ticket.accounts\[1\].password"),
        (("accounts", 1, "extra"), "", r"ticket.accounts\[1\].extra"),
        (("minted",), "x", "ticket.minted"),
        (("relay_ports",), [65535, 49152], "ticket.relay_ports"),
        (("relay_ports",), [1], "ticket.relay_ports"),
        (("expires",), -1, "ticket.expires"),
    ],
)
def test_a_bad_field_is_named(path: tuple[Any, ...], value: object, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        loads(changed(path, value))


@pytest.mark.parametrize("name", list(json.loads(dumps(TICKET))))
def test_every_field_is_required(name: str) -> None:
    document = json.loads(dumps(TICKET))
    del document[name]
    with pytest.raises(UsageError, match=rf"ticket\.{name}: missing"):
        loads(json.dumps(document))


def test_a_field_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'ca' appears twice"):
        loads(dumps(TICKET).replace('"ca": ""', '"ca": "", "ca": ""'))


@given(st.text() | st.sampled_from(["[" * 100_000, "null", "[]", "1"]))
def test_junk_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        loads(text)


credentials = st.builds(Credentials, user=st.text(min_size=1), password=st.text(min_size=1))


@given(
    st.builds(
        Ticket,
        domain=st.text(min_size=1),
        realm=st.text(min_size=1),
        services=st.lists(st.sampled_from(("turn", "sip", "xmpp", "web"))).map(tuple),
        ca=st.text(),
        endpoints=st.lists(st.sampled_from(TARGETS)).map(tuple),
        accounts=st.tuples(credentials, credentials),
        minted=st.none() | credentials,
        relay_ports=st.tuples(st.integers(1, 999), st.integers(999, 65535)),
        expires=st.integers(0, 1 << 53),
    )
)
def test_any_ticket_survives(ticket: Ticket) -> None:
    assert loads(dumps(ticket)) == ticket
