# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets on the loopback interface for tests: a connected pair, and a scripted TCP peer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from falcot_rtc.probes.connection import Stream


@contextmanager
def stream_pair() -> Iterator[tuple[Stream, Stream]]:
    """Two ends of one TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    with Stream(one, "one") as left, Stream(other, "other") as right:
        yield left, right


@contextmanager
def scripted(script: Callable[[socket.socket], None], connections: int = 1) -> Iterator[int]:
    """The port of a peer that treats connections as `script` says; its errors are raised."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        server.settimeout(5)

        def serve() -> None:
            for _ in range(connections):
                connection, _ = server.accept()
                with connection:
                    connection.settimeout(5)
                    script(connection)

        future = pool.submit(serve)
        yield server.getsockname()[1]
        future.result(5)


def closed_port() -> int:
    """A TCP and UDP port on 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
