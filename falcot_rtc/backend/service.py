# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that its socket starts and that ends when nobody comes; systemd.socket(5).

Its desk is in the main thread, so one request is decided on at a time.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from falcot_rtc.backend.server import Exchange, Server
from falcot_rtc.turn_auth.systemd import inherited
from falcot_rtc.undumped import undumped

# Seconds without a request after which it ends, if there is nothing to remember.
IDLE = 60.0
TICK = 5.0

log = logging.getLogger("backend")


class Journal(logging.Formatter):
    """Lines with their level as journald takes it from standard error (sd-daemon(3))."""

    LEVELS = {logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}

    def format(self, record: logging.LogRecord) -> str:
        level = self.LEVELS.get(record.levelno, 6)
        lines = super().format(record).splitlines()
        return "\n".join(f"<{level}>{line}" for line in lines)


def started(exchange: type[Exchange], unit: str) -> Server | None:
    """The server on the socket that systemd passed, ending on SIGTERM; None if there is none."""
    undumped()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Journal("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sockets = inherited(os.environ)
    if len(sockets) != 1:
        log.error("no listening socket was passed: start %s", unit)
        return None
    server = Server(socket.socket(fileno=sockets[0].descriptor), exchange)
    # put() is safe in a handler: queue, "SimpleQueue Objects".
    signal.signal(signal.SIGTERM, lambda *_: server.jobs.put(None))
    return server


def serve(
    server: Server,
    work: Callable[[Any], None],
    may_close: Callable[[], bool],
    *,
    idle: float = IDLE,
    tick: float = TICK,
) -> None:
    """Have `work` answer until a None among the jobs, or until nobody came for `idle` seconds."""
    thread = threading.Thread(target=server.serve_forever, name="accept")
    thread.start()
    while True:
        try:
            job = server.jobs.get(timeout=tick)
        except queue.Empty:
            if server.idle() >= idle and may_close():
                break
            continue
        if job is None:
            break
        work(job)
    # Who comes from now on waits in the socket, which starts the next process.
    threading.Thread(target=server.shutdown, name="shutdown").start()
    while thread.is_alive() or server.active:
        try:
            job = server.jobs.get(timeout=0.1)
        except queue.Empty:
            continue
        if job is not None:
            work(job)
