# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service falcot-rtc-phone: started by its socket, ends when nobody comes."""

from __future__ import annotations

import functools
from pathlib import Path

from falcot_rtc import paths
from falcot_rtc.accounts.phone import PEOPLE
from falcot_rtc.backend import service
from falcot_rtc.phone_desk.desk import Desk
from falcot_rtc.phone_desk.house import Reader
from falcot_rtc.phone_desk.server import Handler, Job


def work(desk: Desk, job: Job) -> None:
    job.done.set_result(desk.answer(job.wish))


def main() -> int:
    """Run as a service: the socket from systemd, until SIGTERM or nobody comes."""
    server = service.started(Handler, "falcot-rtc-phone.socket")
    if server is None:
        return 2
    reader = Reader(Path(f"{paths.CURRENT}/phone"), Path(f"{paths.STATE}/phone/{PEOPLE}"))
    desk = Desk(reader)
    service.serve(server, functools.partial(work, desk), desk.may_close)
    return 0
