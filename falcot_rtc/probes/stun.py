# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""STUN messages as bytes, with TURN's attributes; RFC 8489, RFC 8656 and RFC 5780."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from falcot_rtc.probes.errors import ProtocolError
from falcot_rtc.probes.saslprep import saslprep

MAGIC = 0x2112A442
HEADER = 20
FINGERPRINT_XOR = 0x5354554E
INTEGRITY_SIZE = 20

Address = tuple[str, int]


class Kind(IntEnum):
    """The class of a message, as its two bits."""

    REQUEST = 0
    INDICATION = 1
    SUCCESS = 2
    ERROR = 3


class Method(IntEnum):
    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009


class Attribute(IntEnum):
    MAPPED_ADDRESS = 0x0001
    CHANGE_REQUEST = 0x0003
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    REQUESTED_TRANSPORT = 0x0019
    XOR_MAPPED_ADDRESS = 0x0020
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    RESPONSE_ORIGIN = 0x802B
    OTHER_ADDRESS = 0x802C


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A STUN message without its integrity and fingerprint, which belong to the bytes."""

    method: int
    kind: Kind
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...] = ()

    def find(self, attribute: int) -> bytes | None:
        """The value of the first such attribute: RFC 8489 section 14 ignores later ones."""
        return next((value for kind, value in self.attributes if kind == attribute), None)


def long_term_key(user: str, realm: str, password: str) -> bytes:
    """RFC 8489 section 9.2.2; equal to the HA1 of SIP digest authentication."""
    text = f"{saslprep(user)}:{saslprep(realm)}:{saslprep(password)}"
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def encode(message: Message, *, key: bytes | None = None, fingerprint: bool = True) -> bytes:
    """The bytes of `message`, signed with HMAC-SHA1 when a key is given."""
    body = b"".join(_encode_attribute(kind, value) for kind, value in message.attributes)
    if key is not None:
        head = _header(message, len(body) + 4 + INTEGRITY_SIZE)
        digest = hmac.digest(key, head + body, "sha1")
        body += _encode_attribute(Attribute.MESSAGE_INTEGRITY, digest)
    if fingerprint:
        head = _header(message, len(body) + 8)
        crc = zlib.crc32(head + body) ^ FINGERPRINT_XOR
        body += _encode_attribute(Attribute.FINGERPRINT, struct.pack("!I", crc))
    return _header(message, len(body)) + body


def decode(data: bytes) -> Message:
    """The message in `data`; a wrong length or fingerprint is a ProtocolError."""
    if len(data) < HEADER:
        raise ProtocolError(f"STUN message of {len(data)} bytes is shorter than its header")
    leading, length, magic = struct.unpack_from("!HHI", data)
    if leading & 0xC000 or magic != MAGIC:
        raise ProtocolError(f"not a STUN message: it starts with {data[:8].hex()}")
    if length % 4 or HEADER + length != len(data):
        raise ProtocolError(f"STUN length field says {length}, body has {len(data) - HEADER} bytes")
    kept: list[tuple[int, bytes]] = []
    signed = False
    for offset, kind, value in _attributes(data):
        if kind == Attribute.FINGERPRINT:
            crc = zlib.crc32(_shortened(data, offset, 8)) ^ FINGERPRINT_XOR
            if value != struct.pack("!I", crc):
                raise ProtocolError("STUN fingerprint does not match the message")
        elif kind == Attribute.MESSAGE_INTEGRITY:
            signed = True
        elif not signed:
            # RFC 8489 section 14.5: what follows the integrity is not protected, so ignored.
            kept.append((kind, value))
    return Message(
        method=(leading & 0xF) | (leading & 0xE0) >> 1 | (leading & 0x3E00) >> 2,
        kind=Kind((leading & 0x10) >> 4 | (leading & 0x100) >> 7),
        transaction=data[8:HEADER],
        attributes=tuple(kept),
    )


def is_authentic(data: bytes, key: bytes) -> bool:
    """Whether decodable `data` carries a MESSAGE-INTEGRITY made with `key`."""
    for offset, kind, value in _attributes(data):
        if kind == Attribute.MESSAGE_INTEGRITY:
            signed = _shortened(data, offset, 4 + INTEGRITY_SIZE)
            return hmac.compare_digest(hmac.digest(key, signed, "sha1"), value)
    return False


def encode_xor_address(address: Address, transaction: bytes) -> bytes:
    host = ipaddress.ip_address(address[0])
    mask = struct.pack("!I", MAGIC) + transaction
    packed = bytes(a ^ b for a, b in zip(host.packed, mask, strict=False))
    family = 1 if host.version == 4 else 2
    return struct.pack("!BBH", 0, family, address[1] ^ (MAGIC >> 16)) + packed


def decode_xor_address(value: bytes, transaction: bytes) -> Address:
    host, port = decode_address(value)
    mask = struct.pack("!I", MAGIC) + transaction
    packed = ipaddress.ip_address(host).packed
    plain = bytes(a ^ b for a, b in zip(packed, mask, strict=False))
    return str(ipaddress.ip_address(plain)), port ^ (MAGIC >> 16)


def decode_address(value: bytes) -> Address:
    """The plain form, as MAPPED-ADDRESS, RESPONSE-ORIGIN and OTHER-ADDRESS have it."""
    size = {1: 4, 2: 16}.get(value[1] if len(value) > 1 else 0)
    if size is None or len(value) != 4 + size:
        raise ProtocolError(f"STUN address attribute {value.hex()} is neither IPv4 nor IPv6")
    return str(ipaddress.ip_address(value[4:])), int.from_bytes(value[2:4])


def encode_error(code: int, reason: str) -> bytes:
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def decode_error(value: bytes) -> tuple[int, str]:
    """Code and reason phrase of an ERROR-CODE attribute."""
    if len(value) < 4 or not 3 <= value[2] & 7 <= 6 or value[3] > 99:
        raise ProtocolError(f"STUN error code {value.hex()} is not between 300 and 699")
    return (value[2] & 7) * 100 + value[3], value[4:].decode("utf-8", "replace")


def _header(message: Message, length: int) -> bytes:
    method, kind = message.method, message.kind
    leading = (method & 0xF) | (method & 0x70) << 1 | (method & 0xF80) << 2
    leading |= (kind & 1) << 4 | (kind & 2) << 7
    return struct.pack("!HHI", leading, length, MAGIC) + message.transaction


def _encode_attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(data: bytes) -> list[tuple[int, int, bytes]]:
    """Offset, type and value of each attribute, in order."""
    found = []
    offset = HEADER
    while offset < len(data):
        if offset + 4 > len(data):
            raise ProtocolError("STUN attribute header is cut short")
        kind, length = struct.unpack_from("!HH", data, offset)
        if offset + 4 + length > len(data):
            raise ProtocolError(f"STUN attribute {kind:#06x} of {length} bytes is cut short")
        found.append((offset, kind, data[offset + 4 : offset + 4 + length]))
        offset += 4 + length + -length % 4
    return found


def _shortened(data: bytes, offset: int, extra: int) -> bytes:
    """Bytes before `offset`, the length field as if the message ended `extra` bytes later."""
    return data[:2] + struct.pack("!H", offset - HEADER + extra) + data[4:offset]
