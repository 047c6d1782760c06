# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers what nobody asked: the second Via of each response names a socket of this program.

Standard input, one line: {"server", "port", "name", "ca"}. Tells the transports of those responses
that the proxy opened a connection for, and how it answered an OPTIONS that came after them.
"""

import json
import secrets
import socket
import ssl
import sys

PATIENCE = 20
# Over loopback and a lab's network a connection is there at once.
LATE = 2
TRANSPORTS = ("TLS", "TCP", "WSS", "UDP")


def stray(here, transport, at):
    return (
        "SIP/2.0 200 OK",
        f"Via: SIP/2.0/TLS {here};branch=z9hG4bK{secrets.token_hex(8)}",
        f"Via: SIP/2.0/{transport} {at};branch=z9hG4bK{secrets.token_hex(8)}",
        f"From: <sip:eve@elsewhere.example>;tag={secrets.token_hex(4)}",
        f"To: <sip:joe@elsewhere.example>;tag={secrets.token_hex(4)}",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 INVITE",
        "Content-Length: 0",
    )


def options(domain, here):
    return (
        f"OPTIONS sip:{domain} SIP/2.0",
        f"Via: SIP/2.0/TLS {here};branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:eve@elsewhere.example>;tag={secrets.token_hex(4)}",
        f"To: <sip:{domain}>",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    )


def came(listener):
    listener.settimeout(LATE)
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def main():
    task = json.loads(sys.stdin.readline())
    context = ssl.create_default_context(cafile=task["ca"])
    plain = socket.create_connection((task["server"], task["port"]), PATIENCE)
    with context.wrap_socket(plain, server_hostname=task["name"]) as link:
        address, port = link.getsockname()[:2]
        listeners = {one: socket.create_server((address, 0)) for one in TRANSPORTS}
        messages = [
            stray("{}:{}".format(*link.getpeername()[:2]), one, f"{address}:{at.getsockname()[1]}")
            for one, at in listeners.items()
        ]
        messages.append(options(task["name"], f"{address}:{port}"))
        link.sendall("".join("\r\n".join((*one, "", "")) for one in messages).encode())
        status = int(link.makefile("rb").readline().split()[1])
        connected = [one for one, listener in listeners.items() if came(listener)]
    print(json.dumps({"options": status, "connected": connected}))


if __name__ == "__main__":
    main()
