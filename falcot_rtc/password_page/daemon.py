# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service falcot-rtc-password: started by its socket, ends when nobody comes.

The desk is in the main thread, where the lock of all writers can be waited for.
"""

from __future__ import annotations

import functools
import logging

from falcot_rtc.backend import service
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.password_page import page
from falcot_rtc.password_page.desk import Desk, managed
from falcot_rtc.password_page.form import Answer, Outcome
from falcot_rtc.password_page.server import Handler, Job

# An apply or an import holds the lock for longer; people rather come back than wait.
LOCK_SECONDS = 10

log = logging.getLogger("password-page")


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


def main() -> int:
    """Run as a service: the socket from systemd, until SIGTERM or nobody comes."""
    server = service.started(Handler, "falcot-rtc-password.socket")
    if server is None:
        return 2
    host = Host()
    host.lock_timeout = LOCK_SECONDS
    desk = Desk(host)
    desk.catch_up()
    service.serve(server, functools.partial(work, host, desk), desk.may_close)
    return 0
