# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try passwords as somebody does who guesses: SIP (RFC 3261), XMPP (RFC 5802), TURN (RFC 8489),
the page to change them, and the web phone (docs/web-phone-api.md).

    guess.py SERVICE SERVER [--source ADDRESS] [--keep]

SERVICE: sip, scram, plain, turn-udp, turn-tls, web, phone. Input: a JSON list of [user, password].
Each is tried over a connection of its own, or all over one with --keep, and answered by one JSON
line: the answers without what is random in them, and the seconds they took.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import secrets
import socket
import ssl
import struct
import sys
import time
from html import unescape
from urllib.parse import urlencode

DOMAIN = "falcot.com"
PATIENCE = 15.0
PORTS = {
    "sip": 5061,
    "scram": 5223,
    "plain": 5223,
    "turn-udp": 3478,
    "turn-tls": 5349,
    "web": 443,
    "phone": 443,
}
COOKIE = 0x2112A442


class Line:
    """A connection and the seconds that the last answer took."""

    def __init__(self, service, server, source):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        kind = socket.SOCK_DGRAM if service == "turn-udp" else socket.SOCK_STREAM
        plain = socket.socket(family, kind)
        plain.settimeout(PATIENCE)
        if source:
            plain.bind((source, 0))
        plain.connect((server, PORTS[service]))
        self.socket, self.seconds = plain, 0.0
        if service != "turn-udp":
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if PORTS[service] == 5223:
                context.set_alpn_protocols(["xmpp-client"])
            self.socket = context.wrap_socket(plain, server_hostname=DOMAIN)

    def ask(self, data, ends):
        began = time.perf_counter()
        if data:
            self.socket.sendall(data)
        got = b""
        while not ends(got):
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed")
            got += more
        self.seconds = time.perf_counter() - began
        return got


def md5(text):
    return hashlib.md5(text.encode("utf-8", "surrogateescape")).hexdigest()


def register(line, user, call, number, credentials):
    text = (
        f"REGISTER sip:{DOMAIN} SIP/2.0\r\n"
        f"Via: SIP/2.0/TLS guess.invalid;branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:{user}@{DOMAIN}>;tag={call}\r\n"
        f"To: <sip:{user}@{DOMAIN}>\r\nCall-ID: {call}\r\nCSeq: {number} REGISTER\r\n"
        f"Contact: <sip:{call}@guess.invalid;transport=tls>\r\n"
        f"{credentials}Content-Length: 0\r\n\r\n"
    )
    answer = line.ask(text.encode("utf-8", "surrogateescape"), lambda got: b"\r\n\r\n" in got)
    return answer.decode(errors="replace")


def sip(line, user, password):
    call = secrets.token_hex(8)
    challenge = register(line, user, call, 1, "")
    nonce = re.search(r'nonce="([^"]*)"', challenge)
    if nonce is None:
        return [challenge.split("\r\n")[0]]
    uri = f"sip:{DOMAIN}"
    ha1, ha2 = md5(f"{user}:{DOMAIN}:{password}"), md5(f"REGISTER:{uri}")
    cnonce = secrets.token_hex(8)
    digest = md5(f"{ha1}:{nonce[1]}:00000001:{cnonce}:auth:{ha2}")
    if 'qop="auth"' not in challenge:
        digest, cnonce = md5(f"{ha1}:{nonce[1]}:{ha2}"), ""
    more = f', qop=auth, nc=00000001, cnonce="{cnonce}"' if cnonce else ""
    credentials = (
        f'Authorization: Digest username="{user}", realm="{DOMAIN}", nonce="{nonce[1]}", '
        f'uri="{uri}", response="{digest}"{more}\r\n'
    )
    answer = register(line, user, call, 2, credentials)
    for pattern, known in (
        (r'nonce="[^"]*"', "nonce"),
        (r"(branch|tag|rport|received)=[^;\r>]*", r"\1"),
        (r"(Call-ID): .*", r"\1"),
        (re.escape(user), "USER"),
    ):
        answer = re.sub(pattern, known, answer)
    return [answer]


def stream(line):
    opening = (
        f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    )
    line.ask(opening.encode(), lambda got: b"</stream:features>" in got)


def sasl(line, element):
    done = re.compile(rb"<(challenge|success|failure)\b[^>]*?(/>|>.*</\1>)", re.DOTALL)
    return line.ask(element.encode("utf-8", "surrogateescape"), done.search).decode()


def b64(text):
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


NAMESPACE = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"


def plain(line, user, password):
    stream(line)
    message = b64(f"\0{user}\0{password}")
    return [sasl(line, f"<auth {NAMESPACE} mechanism='PLAIN'>{message}</auth>")]


def scram(line, user, password):
    """The first answer is [length of the salt, iterations]; its salt is there for comparison."""
    stream(line)
    nonce = secrets.token_hex(12)
    name = user.replace("=", "=3D").replace(",", "=2C")
    bare = f"n={name},r={nonce}"
    first = f"<auth {NAMESPACE} mechanism='SCRAM-SHA-1'>{b64('n,,' + bare)}</auth>"
    answer = sasl(line, first)
    challenge = re.search(r"<challenge[^>]*>([^<]*)<", answer)
    if challenge is None:
        return [answer]
    early = line.seconds
    said = base64.b64decode(challenge[1]).decode()
    values = dict(part.split("=", 1) for part in said.split(","))
    salt, count = base64.b64decode(values["s"]), int(values["i"])
    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, count)
    key = hmac.digest(salted, b"Client Key", "sha1")
    without = f"c=biws,r={values['r']}"
    whole = f"{bare},{said},{without}".encode("utf-8", "surrogateescape")
    mask = hmac.digest(hashlib.sha1(key).digest(), whole, "sha1")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask, strict=True))).decode()
    final = f"<response {NAMESPACE}>{b64(f'{without},p={proof}')}</response>"
    shape = re.sub(rb"[0-9a-f]", b"x", salt).decode(errors="replace")
    answers = [shape, str(count), sasl(line, final), f"salt {values['s']}"]
    line.seconds += early
    return answers


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def stun(line, attributes, key=None):
    transaction = secrets.token_bytes(12)
    size = len(attributes) + (24 if key else 0)
    message = struct.pack("!HHI", 0x0003, size, COOKIE) + transaction + attributes
    if key:
        message += attribute(0x0008, hmac.digest(key, message, "sha1"))

    def whole(got):
        return len(got) >= 20 and len(got) >= 20 + struct.unpack("!H", got[2:4])[0]

    answer, found, at = line.ask(message, whole), {}, 20
    while at + 4 <= len(answer):
        kind, length = struct.unpack("!HH", answer[at : at + 4])
        found[kind] = answer[at + 4 : at + 4 + length]
        at += 4 + length + (-length % 4)
    return struct.unpack("!H", answer[:2])[0], found, len(answer)


def turn(line, user, password):
    transport = attribute(0x0019, b"\x11\0\0\0")
    _, asked, _ = stun(line, transport)
    name = user.encode("utf-8", "surrogateescape")
    realm, nonce = asked[0x0014], asked[0x0015]
    key = hashlib.md5(name + b":" + realm + b":" + password.encode()).digest()
    shown = transport + attribute(0x0006, name) + attribute(0x0014, realm)
    kind, found, size = stun(line, shown + attribute(0x0015, nonce), key)
    known = {hex(k): v.hex() for k, v in found.items() if k not in (0x0015, 0x8028, 0x0016, 0x0020)}
    return [hex(kind), str(size), json.dumps(known, sort_keys=True)]


def web(line, user, password):
    """Nothing is changed by it: SASLprep (RFC 4013) drops the soft hyphen of the new password."""
    new = f"{password}\N{SOFT HYPHEN}"
    fields = {"user": user, "old": password, "new": new, "again": new, "language": "en"}
    body = urlencode(fields)
    head = (
        f"POST /password/change HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    answer = line.ask((head + body).encode(), lambda got: b"</html>" in got).decode()
    said = re.search(r'(?s)role="alert"[^>]*>(.*?)</p>', answer)
    return [answer.partition("\r\n")[0], unescape(said[1]) if said else ""]


def phone(line, user, password):
    body = json.dumps({"user": user, "password": password})
    head = (
        f"POST /phone/api/login HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    answer = line.ask((head + body).encode(), lambda got: got.rstrip().endswith(b"}")).decode()
    said = json.loads(answer.partition("\r\n\r\n")[2])
    return [answer.partition("\r\n")[0], str(said.get("error", ""))]


TRIES = {
    "sip": sip,
    "scram": scram,
    "plain": plain,
    "turn-udp": turn,
    "turn-tls": turn,
    "web": web,
    "phone": phone,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=sorted(TRIES))
    parser.add_argument("server")
    parser.add_argument("--source", default="")
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    line = None
    for user, password in json.load(sys.stdin):
        seconds = 0.0
        try:
            line = line or Line(asked.service, asked.server, asked.source)
            try:
                answers = TRIES[asked.service](line, user, password)
                seconds = line.seconds
            finally:
                if not asked.keep:
                    line.socket.close()
                    line = None
        except OSError as error:
            answers = [f"unreachable: {type(error).__name__}"]
        print(json.dumps({"answers": answers, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
