# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of a person in prosody, and their end, by our module there (data/xmpp/mod_falcot_rtc).

prosody's control socket speaks XML streams like XMPP's own (RFC 6120 section 4).
"""

from __future__ import annotations

import socket
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from falcot_rtc.accounts.live.session import Kind, Session
from falcot_rtc.accounts.live.unit import silent
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.xml_stream import StreamParser

SOCKET = "/var/lib/prosody/prosody.sock"
UNIT = "prosody.service"
NAMESPACE = "urn:falcot-rtc:live"
TIMEOUT = 10.0

_OPEN = (
    "<?xml version='1.0'?><stream:stream xmlns='xmpp:prosody.im/admin' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
_CLOSE = "</stream:stream>"


def seen(host: Host, address: str) -> tuple[Session, ...]:
    """Connected clients, and those whose stream waits to be resumed (XEP-0198)."""
    answer = _ask(host, "seen", address)
    return () if answer is None else streams(answer)


def last_seen(host: Host, address: str) -> int | None:
    """When the person last logged in or left, in Unix seconds; None if never, or nobody knows."""
    answer = _ask(host, "seen", address)
    activity = None if answer is None else answer.find(f"{{{NAMESPACE}}}activity")
    return None if activity is None else int(activity.attrib["time"])


def end(host: Host, address: str) -> int:
    """Close every stream with the error not-authorized; how many there were."""
    answer = _ask(host, "end", address)
    return 0 if answer is None else int(answer.attrib["count"])


def contact(host: Host, owner: str, old: str, new: str) -> int | None:
    """Let the contact list of `owner` know `old` as `new`, live: 1 if it named `old`, else 0.

    None where prosody does not run, and holds no list in memory.
    """
    return _count(_ask(host, "contact", owner, old=old, new=new))


def member(host: Host, room: str, old: str, new: str) -> int | None:
    """The same for a room's owners, administrators, members and outcasts (XEP-0045 section 5.2)."""
    return _count(_ask(host, "member", room, old=old, new=new))


def _count(answer: Element | None) -> int | None:
    return None if answer is None else int(answer.attrib["count"])


def streams(answer: Element) -> tuple[Session, ...]:
    """What the module tells of the streams of one address."""
    found = []
    for stream in answer.iterfind(f"{{{NAMESPACE}}}stream"):
        value = stream.attrib
        client = f"({value['client']})" if "client" in value else ""
        how = "TLS" if value["secure"] == "1" else "TCP"
        if value["waiting"] == "1":
            how = "gone, may resume"
        found.append(
            Session(
                service="xmpp",
                kind=Kind.STREAM,
                device=f"{value.get('resource', '')} {client}".strip(),
                where=f"{value.get('address', '')} {how}".strip(),
                since=int(value["since"]) if "since" in value else None,
                expires=None,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since or 0, one.device)))


def _ask(host: Host, verb: str, address: str, **more: str) -> Element | None:
    """The module's answer; None where prosody does not run."""
    try:
        return ask(host.at(SOCKET), verb, address, **more)
    except OSError as error:
        silent(host, UNIT, error)
        return None


def ask(path: Path, verb: str, address: str, **more: str) -> Element:
    """One question on the control socket; OSError if nobody is there."""
    words = "".join(f" {key}={quoteattr(text)}" for key, text in {"jid": address, **more}.items())
    question = f"<{verb} xmlns='{NAMESPACE}'{words}/>"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(TIMEOUT)
        channel.connect(str(path))
        channel.sendall(f"{_OPEN}{question}".encode())
        parser = StreamParser()
        while data := channel.recv(65536):
            try:
                parser.feed(data)
            except ProtocolError as error:
                raise _fault(str(error)) from error
            for answer in parser.stanzas:
                if answer.tag != f"{{{NAMESPACE}}}{verb}":
                    raise _fault("".join(answer.itertext()) or answer.tag)
                channel.sendall(_CLOSE.encode())
                return answer
    raise _fault("it closed the connection")


def _fault(said: str) -> FalcotError:
    return FalcotError(
        f"prosody: its control socket: {said}",
        hint="falcot-rtc apply enables the module falcot_rtc; see journalctl -u prosody.service",
    )
