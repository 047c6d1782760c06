# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP messages as bytes, and the header fields that a user agent reads; RFC 3261 sections 7, 20."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from falcot_rtc.probes.errors import ProtocolError

VERSION = "SIP/2.0"
MARK = b"\r\n\r\n"
HEAD_LIMIT = 65536
COMPACT = {
    "i": "Call-ID",
    "m": "Contact",
    "e": "Content-Encoding",
    "l": "Content-Length",
    "c": "Content-Type",
    "f": "From",
    "s": "Subject",
    "k": "Supported",
    "t": "To",
    "v": "Via",
}
TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    uri: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int
    reason: str
    headers: Headers
    body: bytes = b""


Message = Request | Response


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAddress:
    """`parameters` are those of the header field, not of the URI; their names in lower case."""

    uri: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str | None:
        return next((value for key, value in self.parameters if key == name), None)


def find(message: Message, name: str) -> str:
    """The first field of that name, "" if there is none."""
    return next((value for key, value in message.headers if _same(key, name)), "")


def find_all(message: Message, name: str) -> tuple[str, ...]:
    """All values of a field that is a list, whether on one line or on several."""
    fields = (value for key, value in message.headers if _same(key, name))
    return tuple(item for value in fields for item in split_list(value))


def require(message: Message, name: str) -> str:
    value = find(message, name)
    if not value:
        raise ProtocolError(f"SIP message without {name}")
    return value


def sequence(message: Message) -> tuple[int, str]:
    """Number and method of CSeq."""
    number, _, method = require(message, "CSeq").partition(" ")
    # isdecimal() is true for other scripts' digits, which RFC 3261 does not know.
    if not (number.isascii() and number.isdecimal() and len(number) < 11 and method.strip()):
        raise ProtocolError(f"SIP CSeq {find(message, 'CSeq')!r} is malformed")
    return int(number), method.strip()


def encode(message: Message) -> bytes:
    """The bytes on the wire; Content-Length is added here and nowhere else."""
    if isinstance(message, Request):
        start = f"{message.method} {message.uri} {VERSION}"
    else:
        start = f"{VERSION} {message.status} {message.reason}"
    lines = [start, *(f"{name}: {value}" for name, value in message.headers)]
    lines.append(f"Content-Length: {len(message.body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("line break in a SIP header")
    return "\r\n".join(lines).encode() + MARK + message.body


def decode(data: bytes) -> Message:
    """The one message in `data`; ProtocolError unless its length is exactly as it says."""
    head, mark, body = data.partition(MARK)
    if not mark:
        raise ProtocolError(f"SIP message without end of headers: {data[:40]!r}")
    try:
        lines = head.decode().split("\r\n")
    except UnicodeDecodeError as error:
        raise ProtocolError("SIP headers are not UTF-8") from error
    headers = _headers(lines[1:])
    if content_length(head + mark) not in (None, len(body)):
        raise ProtocolError(f"SIP body of {len(body)} bytes differs from Content-Length")
    kept = tuple(item for item in headers if not _same(item[0], "Content-Length"))
    parts = lines[0].split(" ", 2)
    if len(parts) == 3 and parts[0] == VERSION and re.fullmatch(r"[1-6][0-9]{2}", parts[1]):
        return Response(status=int(parts[1]), reason=parts[2], headers=kept, body=body)
    if len(parts) == 3 and parts[2] == VERSION and TOKEN.fullmatch(parts[0]) and parts[1]:
        return Request(method=parts[0], uri=parts[1], headers=kept, body=body)
    raise ProtocolError(f"not a SIP start line: {lines[0][:80]!r}")


def content_length(head: bytes) -> int | None:
    """The body's length as `head`, which ends in an empty line, has it."""
    lines = head.removesuffix(MARK).decode("utf-8", "replace").split("\r\n")[1:]
    values = {value for name, value in _headers(lines) if _same(name, "Content-Length")}
    if not values:
        return None
    if len(values) > 1 or not re.fullmatch(r"[0-9]{1,9}", value := values.pop()):
        raise ProtocolError("SIP Content-Length is not one number")
    return int(value)


def split_list(value: str) -> tuple[str, ...]:
    """The items of a comma-separated field; commas in quotes and angle brackets do not count."""
    items, start, quoted, escaped, angle = [], 0, False, False, False
    for index, char in enumerate(value):
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"' and not angle:
            quoted = not quoted
        elif char in "<>" and not quoted:
            angle = char == "<"
        elif char == "," and not quoted and not angle:
            items.append(value[start:index].strip())
            start = index + 1
    items.append(value[start:].strip())
    return tuple(item for item in items if item)


def parse_address(value: str) -> NameAddress:
    """One item of From, To, Contact, Route or Record-Route; a display name is dropped."""
    match = re.fullmatch(
        r'\s*(?:"(?:[^"\\]|\\.)*"|[^<>"]*?)\s*<\s*([^<>\s]+)\s*>(.*)', value, re.DOTALL
    )
    if match:
        uri, rest = match.groups()
    else:
        # Without brackets, what follows a semicolon belongs to the field (section 20.10).
        uri, mark, rest = value.partition(";")
        uri, rest = uri.strip(), mark + rest
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+", uri):
        raise ProtocolError(f"SIP address {value[:80]!r} is malformed")
    return NameAddress(uri=uri, parameters=tuple(_parameters(rest, value)))


def _parameters(text: str, whole: str) -> Iterable[tuple[str, str]]:
    pattern = re.compile(r'\s*;\s*([^\s;="<>,]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;"<>,]+))?')
    position = 0
    while position < len(text.rstrip()):
        match = pattern.match(text, position)
        if match is None:
            raise ProtocolError(f"SIP address {whole[:80]!r} has malformed parameters")
        yield match.group(1).lower(), match.group(2) or ""
        position = match.end()


def _headers(lines: list[str]) -> Headers:
    found: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, mark, value = line.partition(":")
        name = name.rstrip(" \t")
        if not mark or not TOKEN.fullmatch(name):
            raise ProtocolError(f"not a SIP header: {line[:80]!r}")
        found.append((COMPACT.get(name.lower(), name), value.strip()))
    return tuple(found)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
