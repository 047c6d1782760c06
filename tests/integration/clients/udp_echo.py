# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends every datagram back and tells who sent it, a JSON line each, until standard input ends.

udp_echo.py ADDRESS@PORT …
"""

import json
import selectors
import socket
import sys


def main(places: list[str]) -> None:
    waiting = selectors.DefaultSelector()
    for place in places:
        address, _, port = place.rpartition("@")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((address, int(port)))
        waiting.register(sock, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    print(json.dumps("ready"), flush=True)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is sys.stdin:
                return
            data, peer = key.fileobj.recvfrom(65536)
            print(json.dumps(peer[0]), flush=True)
            key.fileobj.sendto(data, peer)


if __name__ == "__main__":
    main(sys.argv[1:])
