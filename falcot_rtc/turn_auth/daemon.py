# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve key look-ups to coturn on a local socket; nothing is lost by a restart or a SIGKILL.

coturn keeps one connection for each authentication thread, for ever, and refuses a client when it
finds it broken. So every accepted connection is held in systemd's descriptor store, and only the
kernel keeps state: a request is but looked at (MSG_PEEK) until its answer is sent. The one moment
in which a successor could not tell whether an answer went out is marked on the socket itself.
systemd.socket(5); systemd.service(5), FileDescriptorStoreMax=; socket(7), SO_PRIORITY.
"""

from __future__ import annotations

import argparse
import logging
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path

from falcot_rtc.turn_auth import postgres, statements
from falcot_rtc.turn_auth.pace import Pace
from falcot_rtc.turn_auth.systemd import Notifier, inherited
from falcot_rtc.turn_auth.users import Unreadable, Users

# SO_PRIORITY means nothing to a local socket, needs no privilege for these values, and stays with
# the socket when its process dies.
_IDLE, _ANSWERING = 0, 1
_STORED = "connection-"
_CANNOT_CONNECT_NOW = "57P03"

log = logging.getLogger("turn-auth")


class Server:
    """One selector over the listening sockets, the connections and the signals."""

    def __init__(self, users: Users, notifier: Notifier) -> None:
        self._users = users
        self._notifier = notifier
        self._selector = selectors.DefaultSelector()
        self._complaint = ""
        self._pace = Pace()

    def listen(self, listener: socket.socket) -> None:
        """Accept from `listener` on."""
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def adopt(self, connection: socket.socket) -> None:
        """Go on with a connection that an earlier process of this service accepted."""
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY) == _ANSWERING:
            log.warning("one look-up may have been answered or not: closing its connection")
            self._drop(connection)
        else:
            self._attend(connection)

    def serve(self, wake: socket.socket, *, watchdog: float | None = None) -> None:
        """Answer until `wake` is readable; tell the watchdog every `watchdog` seconds."""
        wake.setblocking(False)
        self._selector.register(wake, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select(watchdog):
                if key.fileobj is wake:
                    return
                key.data(key.fileobj)
            if watchdog is not None:
                self._notifier.tell("WATCHDOG=1")

    def close(self) -> None:
        """Let go of every socket; the peer of a stored connection does not notice."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self._notifier.store(connection.fileno(), _name(connection))
        self._attend(connection)

    def _attend(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, self._read)

    def _read(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(postgres.MAX_LENGTH + 1, socket.MSG_PEEK)
            if not data:
                self._drop(connection)
                return
            # libpq writes a message at once and a local socket keeps it whole: a part is an error.
            message = postgres.parse(data)
            reply = self._reply(message)
            if reply is None:
                self._drop(connection)
                return
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, _ANSWERING)
            connection.sendall(reply)
            connection.recv(message.size)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, _IDLE)
        except (OSError, postgres.ProtocolError) as error:
            log.warning("connection given up: %s", error)
            self._drop(connection)

    def _reply(self, message: postgres.Message) -> bytes | None:
        match message:
            case postgres.EncryptionRequest():
                return postgres.refuse_encryption()
            case postgres.Startup():
                return postgres.welcome()
            case postgres.Query(sql=sql):
                return self._answer(sql)
            case _:
                return None

    def _answer(self, sql: bytes) -> bytes:
        try:
            directory = self._users.directory()
        except Unreadable as error:
            self._complain(str(error))
            return postgres.failure(_CANNOT_CONNECT_NOW, "users.jsonl is not readable")
        self._complain("")
        return statements.answer(sql, directory, int(time.time()), self._pace)

    def _complain(self, complaint: str) -> None:
        """Log a change only: coturn asks every five seconds."""
        if complaint != self._complaint:
            log.error("%s", complaint or "users.jsonl is readable again")
            self._complaint = complaint

    def _drop(self, connection: socket.socket) -> None:
        self._notifier.unstore(_name(connection))
        if connection.fileno() in self._selector.get_map():
            self._selector.unregister(connection)
        # The store holds a duplicate: without this the peer would wait until it is gone too.
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.debug("shutdown: %s", error)
        connection.close()


def _name(connection: socket.socket) -> str:
    # The inode number is unique while the socket lives and the same in the next process.
    return f"{_STORED}{os.fstat(connection.fileno()).st_ino}"


def main(arguments: list[str] | None = None) -> int:
    """Run as a service: sockets from systemd, users.jsonl by its path, until SIGTERM."""
    parser = argparse.ArgumentParser(prog="turn-auth", description="answer coturn's key look-ups")
    parser.add_argument("users", type=Path, help="users.jsonl, the projection for TURN")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    notifier = Notifier(os.environ.get("NOTIFY_SOCKET", ""))
    server = Server(Users(options.users), notifier)
    listening = False
    for one in inherited(os.environ):
        passed = socket.socket(fileno=one.descriptor)
        if one.name.startswith(_STORED):
            server.adopt(passed)
        else:
            server.listen(passed)
            listening = True
    if not listening:
        log.error("no listening socket was passed: start falcot-rtc-turn-auth.socket")
        return 2
    asleep, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)
    interval = int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000
    notifier.tell("READY=1")
    server.serve(asleep, watchdog=interval or None)
    return 0
