# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server on loopback: answers from zone texts, over UDP and TCP, authoritative or not."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.node
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

ADDRESS = "127.0.0.1"


class Zones:
    def __init__(self, texts: dict[str, str], *, authoritative: bool = True) -> None:
        self.zones = [dns.zone.from_text(t, origin=o, relativize=False) for o, t in texts.items()]
        self.authoritative = authoritative
        self.asked = 0

    def answer(self, packet: bytes) -> bytes:
        self.asked += 1
        query = dns.message.from_wire(packet)
        response = dns.message.make_response(query, recursion_available=True)
        (question,) = query.question
        inside = [z for z in self.zones if question.name.is_subdomain(z.origin)]
        if not inside:
            response.set_rcode(dns.rcode.NXDOMAIN)
            return response.to_wire()
        zone = max(inside, key=lambda z: len(z.origin.labels))
        if self.authoritative:
            response.flags |= dns.flags.AA
        node = zone.nodes.get(question.name)
        if node is None and not any(n.is_subdomain(question.name) for n in zone.nodes):
            node = zone.nodes.get(dns.name.Name([b"*", *zone.origin.labels]))
            if node is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
        for data in node or ():
            if data.rdtype in (question.rdtype, dns.rdatatype.CNAME):
                found = dns.rrset.RRset(question.name, dns.rdataclass.IN, data.rdtype)
                found.update(data)
                response.answer.append(found)
        return response.to_wire()


@contextlib.contextmanager
def serving(zones: Zones) -> Iterator[int]:
    """The port on which they are served until the block ends."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, replying = self.request
            replying.sendto(zones.answer(packet), self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            said = zones.answer(self.rfile.read(length))
            self.wfile.write(struct.pack("!H", len(said)) + said)

    with socketserver.ThreadingTCPServer((ADDRESS, 0), Stream) as tcp:
        port = tcp.server_address[1]
        with socketserver.UDPServer((ADDRESS, port), Datagram) as udp:
            threads = [threading.Thread(target=one.serve_forever) for one in (tcp, udp)]
            for thread in threads:
                thread.start()
            try:
                yield port
            finally:
                for one in (tcp, udp):
                    one.shutdown()
                for thread in threads:
                    thread.join()
