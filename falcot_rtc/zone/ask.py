# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one authoritative server says about some names (RFC 1035, RFC 2308)."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from falcot_rtc.zone.records import Row, canonical
from falcot_rtc.zone.servers import TIMEOUT, Server

Question = tuple[str, str]
ATTEMPTS = 2
AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`alias` is where a CNAME at the name points; `ttl` is of the records that were asked for."""

    rows: frozenset[Row]
    alias: str = ""
    ttl: int = 0


@dataclass(slots=True, kw_only=True)
class Said:
    """All that a server said. `fault`: why there is nothing more; `unreachable`: without a route;
    `refused`: there is an answer, but not for us to use.
    """

    server: Server
    answers: dict[Question, Answer] = field(default_factory=dict)
    fault: str = ""
    unreachable: bool = False
    refused: bool = False


def ask(server: Server, questions: Iterable[Question]) -> Said:
    """Ask one after another; the first question that gets no good answer is the last."""
    said = Said(server=server)
    for name, kind in questions:
        try:
            response = _exchange(server, name, kind)
        except dns.exception.Timeout:
            said.fault = "it does not answer"
        except OSError as error:
            said.fault = f"it can't be reached: {error.strerror}"
            said.unreachable = error.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL)
        except dns.exception.DNSException as error:
            said.fault = f"it can't be asked: {error}"
        else:
            said.fault = _fault(response)
            said.refused = bool(said.fault)
        if said.fault:
            return said
        said.answers[name, kind] = _answer(response, name, kind)
    return said


def everybody(servers: Iterable[Server], questions: Iterable[Question]) -> list[Said]:
    """The same questions to all servers, at once."""
    listed = list(questions)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda server: ask(server, listed), servers))


def _exchange(server: Server, name: str, kind: str) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    query.flags &= ~dns.flags.RD
    for attempt in range(ATTEMPTS):
        try:
            return dns.query.udp_with_fallback(
                query, server.address, timeout=TIMEOUT, port=server.port
            )[0]
        except dns.exception.Timeout:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("not reached")


def _fault(response: dns.message.Message) -> str:
    code = response.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return f"it answers {dns.rcode.to_text(code)}"
    if not response.flags & dns.flags.AA:
        return "it is not authoritative for the zone"
    return ""


def _answer(response: dns.message.Message, name: str, kind: str) -> Answer:
    rows, alias, ttl = set(), "", 0
    for found in response.answer:
        # Behind an alias its target's records follow, under another name.
        if found.name.to_text().lower() != name.lower():
            continue
        if found.rdtype == dns.rdatatype.CNAME:
            alias = found[0].to_text().lower()
        elif dns.rdatatype.to_text(found.rdtype) == kind:
            ttl = found.ttl
            rows |= {Row(name=name.lower(), type=kind, data=canonical(item)) for item in found}
    return Answer(rows=frozenset(rows), alias=alias, ttl=ttl)
