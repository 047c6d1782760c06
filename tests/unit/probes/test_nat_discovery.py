# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from falcot_rtc.probes import nat_discovery, stun
from falcot_rtc.probes.connection import Deadline
from falcot_rtc.probes.errors import NoAnswer, Unexpected
from falcot_rtc.probes.nat_discovery import discover
from falcot_rtc.probes.stun import Address, Attribute, Kind, Message
from tests.unit.probes.loopback import closed_port

HOSTS = ("127.0.0.1", "127.0.0.2")


def encode_address(address: Address) -> bytes:
    return b"\0\1" + address[1].to_bytes(2) + socket.inet_aton(address[0])


@contextmanager
def server(*, other: bool = True, changes: bool = True, honest: bool = True) -> Iterator[Address]:
    """A STUN server on both ports of two loopback addresses; RFC 5780 section 6."""
    with ExitStack() as stack:
        sockets: dict[Address, socket.socket] = {}
        first = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        first.bind((HOSTS[0], 0))
        second = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        second.bind((HOSTS[0], 0))
        ports = (first.getsockname()[1], second.getsockname()[1])
        sockets = {(HOSTS[0], ports[0]): first, (HOSTS[0], ports[1]): second}
        for port in ports:
            sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sock.bind((HOSTS[1], port))
            sockets[(HOSTS[1], port)] = sock
        ends, end = socket.socketpair()
        stack.enter_context(ends)
        stack.enter_context(end)
        pool = stack.enter_context(ThreadPoolExecutor(1))

        def answer(address: Address) -> None:
            packet, source = sockets[address].recvfrom(2048)
            request = stun.decode(packet)
            value = request.find(Attribute.CHANGE_REQUEST) or bytes(4)
            if value[3] and not changes:
                return
            host = HOSTS[(HOSTS.index(address[0]) + (value[3] & 4 > 0)) % 2]
            port = ports[(ports.index(address[1]) + (value[3] & 2 > 0)) % 2]
            sender = sockets[(host, port) if honest else address]
            mapped = stun.encode_xor_address(source, request.transaction)
            opposite = (
                HOSTS[1 - HOSTS.index(address[0])],
                ports[1 - ports.index(address[1])],
            )
            attributes: tuple[tuple[int, bytes], ...] = ((Attribute.XOR_MAPPED_ADDRESS, mapped),)
            if other:
                attributes += ((Attribute.OTHER_ADDRESS, encode_address(opposite)),)
            message = Message(
                method=1,
                kind=Kind.SUCCESS,
                transaction=request.transaction,
                attributes=attributes,
            )
            sender.sendto(stun.encode(message), source)

        def serve() -> None:
            with selectors.DefaultSelector() as selector:
                selector.register(ends, selectors.EVENT_READ)
                for address, sock in sockets.items():
                    selector.register(sock, selectors.EVENT_READ, address)
                while True:
                    for key, _ in selector.select():
                        if key.data is None:
                            return
                        answer(key.data)

        future = pool.submit(serve)
        yield (HOSTS[0], ports[0])
        end.send(b"x")
        future.result(5)


def test_an_open_path() -> None:
    with server() as address:
        found = discover(address, Deadline.after(10))
    assert found.mapped[0] == "127.0.0.1"
    assert found.other[0] == "127.0.0.2"
    assert found.other[1] != address[1]
    assert found.mapped_alike
    assert found.unfiltered


def test_a_filtered_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nat_discovery, "PATIENCE", 0.2)
    with server(changes=False) as address:
        assert not discover(address, Deadline.after(10)).unfiltered


def test_a_server_with_one_address() -> None:
    with server(other=False) as address, pytest.raises(Unexpected, match="second address"):
        discover(address, Deadline.after(5))


def test_a_server_that_ignores_change_requests() -> None:
    with server(honest=False) as address, pytest.raises(Unexpected, match="change request"):
        discover(address, Deadline.after(5))


def test_a_server_that_is_down() -> None:
    with pytest.raises(NoAnswer):
        discover(("127.0.0.1", closed_port()), Deadline.after(0.2))
