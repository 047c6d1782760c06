# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service falcot-rtc-password: started by its socket, ends when nobody comes.

The desk is in the main thread, where the lock of all writers can be waited for. systemd.socket(5).
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import sys
import threading

from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.password_page import page
from falcot_rtc.password_page.desk import Desk, managed
from falcot_rtc.password_page.form import Answer, Outcome
from falcot_rtc.password_page.server import Job, Server
from falcot_rtc.turn_auth.systemd import inherited
from falcot_rtc.undumped import undumped

# Seconds without a request after which it ends, if there is no failure left to remember.
IDLE = 60.0
TICK = 5.0
# An apply or an import holds the lock for longer; people rather come back than wait.
LOCK_SECONDS = 10

log = logging.getLogger("password-page")


class Journal(logging.Formatter):
    """Lines with their level as journald takes it from standard error (sd-daemon(3))."""

    LEVELS = {logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}

    def format(self, record: logging.LogRecord) -> str:
        level = self.LEVELS.get(record.levelno, 6)
        lines = super().format(record).splitlines()
        return "\n".join(f"<{level}>{line}" for line in lines)


def work(host: Host, desk: Desk, job: Job) -> None:
    """Answer a form, with its page; for BUSY the web server has one of its own."""
    answer, text = Answer(outcome=Outcome.BUSY), ""
    try:
        site = managed(host)
    except (FalcotError, OSError) as error:
        log.error("no settings: %s", error)
        site = None
    if site is not None:
        if job.answer is not None:
            answer = job.answer
        elif job.address is not None:
            answer = desk.answer(job.form, job.address, site)
        text = page.page(site, job.form.language, answer, job.form.user)
    job.done.set_result((answer, text))


def serve(
    host: Host, desk: Desk, server: Server, *, idle: float = IDLE, tick: float = TICK
) -> None:
    """Answer until a None among the jobs, or until nobody has come for `idle` seconds."""
    thread = threading.Thread(target=server.serve_forever, name="accept")
    thread.start()
    while True:
        try:
            job = server.jobs.get(timeout=tick)
        except queue.Empty:
            if server.idle() >= idle and desk.may_close():
                break
            continue
        if job is None:
            break
        work(host, desk, job)
    # Who comes from now on waits in the socket, which starts the next process.
    threading.Thread(target=server.shutdown, name="shutdown").start()
    while thread.is_alive() or server.active:
        try:
            job = server.jobs.get(timeout=0.1)
        except queue.Empty:
            continue
        if job is not None:
            work(host, desk, job)


def main() -> int:
    """Run as a service: the socket from systemd, until SIGTERM or nobody comes."""
    undumped()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Journal("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sockets = inherited(os.environ)
    if len(sockets) != 1:
        log.error("no listening socket was passed: start falcot-rtc-password.socket")
        return 2
    host = Host()
    host.lock_timeout = LOCK_SECONDS
    desk = Desk(host)
    desk.catch_up()
    server = Server(socket.socket(fileno=sockets[0].descriptor))
    # put() is safe in a handler: queue, "SimpleQueue Objects".
    signal.signal(signal.SIGTERM, lambda *_: server.jobs.put(None))
    serve(host, desk, server)
    return 0
