# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy of another domain that calls somebody of ours over TLS (RFC 3261), and hangs up at once.

Standard input, one line: {"server", "port", "name", "ca", "callee"}. Tells the first status of the
INVITE above 100, and after a provisional one the final one.
"""

import json
import secrets
import socket
import ssl
import sys

CALLER = "sip:eve@elsewhere.example"
SDP = (
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=audio 4000 RTP/SAVP 0",
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}",
)


def request(method, callee, here, branch, call, body=""):
    kind = ("Content-Type: application/sdp",) if body else ()
    lines = (
        f"{method} {callee} SIP/2.0",
        f"Via: SIP/2.0/TLS {here};branch={branch}",
        "Max-Forwards: 70",
        f"From: <{CALLER}>;tag={call}",
        f"To: <{callee}>",
        f"Call-ID: {call}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:eve@{here};transport=tls>",
        *kind,
        f"Content-Length: {len(body)}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def statuses(stream):
    """Of each response to an INVITE; the bodies of provisional ones are of no interest."""
    for line in stream:
        if line.startswith(b"SIP/2.0 "):
            status = int(line.split()[1])
        elif line.lower().startswith(b"cseq:") and line.split()[-1] == b"INVITE":
            yield status


def main():
    task = json.loads(sys.stdin.readline())
    context = ssl.create_default_context(cafile=task["ca"])
    plain = socket.create_connection((task["server"], task["port"]), 20)
    with context.wrap_socket(plain, server_hostname=task["name"]) as link:
        here = "{}:{}".format(*link.getsockname()[:2])
        branch, call = f"z9hG4bK{secrets.token_hex(8)}", secrets.token_hex(8)
        link.sendall(request("INVITE", task["callee"], here, branch, call, "\r\n".join((*SDP, ""))))
        told = []
        for status in statuses(link.makefile("rb")):
            if status > 100:
                told.append(status)
                if status >= 200:
                    break
                if len(told) == 1:
                    link.sendall(request("CANCEL", task["callee"], here, branch, call))
        print(json.dumps([told[0], told[-1]]))


if __name__ == "__main__":
    main()
