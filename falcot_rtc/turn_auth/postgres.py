# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of PostgreSQL's protocol 3.0, as far as libpq needs it for simple queries.

PostgreSQL documentation, chapter "Frontend/Backend Protocol". Pure: bytes in, values out.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

# coturn 4.6.1 builds a statement in 1024 bytes; start-up parameters are shorter still.
MAX_LENGTH = 4096

_PROTOCOL = 196608
_ENCRYPTION = {80877103: "SSL", 80877104: "GSSAPI"}
_TEXT_OID = 25


class ProtocolError(ValueError):
    """What the peer sent is not the protocol; the connection is of no further use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a client; `size` is what it took on the wire."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup(Message):
    """The first message, with parameters such as user and database."""

    parameters: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionRequest(Message):
    """The question whether TLS or GSSAPI is to be had; it may precede a start-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Message):
    """A simple query: one string of SQL."""

    sql: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate(Message):
    """The client is about to close the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported(Message):
    """A well-formed message of the extended protocol, copying, or the like."""


def parse(data: bytes) -> Message:
    """The message at the start of `data`; ProtocolError if there is no whole one.

    A start-up message has no type byte; its length, below 16 MiB, begins with a zero byte. So a
    message can be told without knowing what went before on the connection.
    """
    if len(data) < 5:
        raise ProtocolError(f"{len(data)} bytes are no message")
    head = 0 if data[0] == 0 else 1
    length = int.from_bytes(data[head : head + 4], "big")
    size = head + length
    if not 4 <= length <= MAX_LENGTH or size > len(data):
        raise ProtocolError(f"a message of {length} bytes is too short, too long or not whole")
    body = data[head + 4 : size]
    if head == 0:
        return _startup(size, body)
    match data[:1]:
        case b"Q":
            if not body.endswith(b"\0") or b"\0" in body[:-1]:
                raise ProtocolError("a query is not one terminated string")
            return Query(size=size, sql=body[:-1])
        case b"X":
            return Terminate(size=size)
        case _:
            return Unsupported(size=size)


def _startup(size: int, body: bytes) -> Message:
    code = int.from_bytes(body[:4], "big")
    if code in _ENCRYPTION:
        return EncryptionRequest(size=size)
    if code >> 16 != _PROTOCOL >> 16:
        raise ProtocolError(f"protocol {code >> 16}.{code & 0xFFFF} is not 3.x")
    words = body[4:].rstrip(b"\0").split(b"\0") if body[4:].rstrip(b"\0") else []
    if len(words) % 2:
        words.append(b"")
    return Startup(size=size, parameters=tuple(zip(words[::2], words[1::2], strict=True)))


def refuse_encryption() -> bytes:
    """The answer to an EncryptionRequest: go on in clear text, this socket is a local one."""
    return b"N"


def welcome() -> bytes:
    """The answer to a start-up: admitted (the socket's mode decides who connects), ready."""
    parameters = ((b"server_version", b"15.0"), (b"client_encoding", b"UTF8"))
    return (
        _message(b"R", struct.pack("!i", 0))
        + b"".join(_message(b"S", name + b"\0" + value + b"\0") for name, value in parameters)
        + _ready()
    )


def rows(column: str, values: Sequence[str]) -> bytes:
    """The answer to a query: rows of one text column."""
    name = column.encode() + b"\0"
    description = struct.pack("!h", 1) + name + struct.pack("!ihihih", 0, 0, _TEXT_OID, -1, -1, 0)
    data = [value.encode() for value in values]
    return (
        _message(b"T", description)
        + b"".join(_message(b"D", struct.pack("!hi", 1, len(value)) + value) for value in data)
        + _message(b"C", b"SELECT %d\0" % len(data))
        + _ready()
    )


def failure(sqlstate: str, text: str) -> bytes:
    """The answer to a query that was not carried out; `sqlstate` is five characters."""
    fields = (("S", "ERROR"), ("V", "ERROR"), ("C", sqlstate), ("M", text))
    body = b"".join(code.encode() + value.encode() + b"\0" for code, value in fields)
    return _message(b"E", body + b"\0") + _ready()


def _ready() -> bytes:
    return _message(b"Z", b"I")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", 4 + len(body)) + body
