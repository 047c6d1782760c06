# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small servers on real sockets, that answer what was recorded from the services."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def datagrams(path: Path, answer: Callable[[bytes], list[bytes]]) -> Iterator[list[bytes]]:
    """Answers each datagram; what it heard is the value. An empty one ends it."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))

        def serve() -> None:
            while True:
                data, sender = server.recvfrom(1 << 20)
                if not data:
                    return
                heard.append(data)
                for one in answer(data):
                    server.sendto(one, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield heard
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.connect(str(path))
                last.send(b"")
            thread.join()


@contextmanager
def stream(server: socket.socket, talk: Callable[[socket.socket], None]) -> Iterator[None]:
    """One connection of a listening socket is talked to by `talk`."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(10)
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        server.close()


def at_path(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen()
    return server
