# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One form in, one page out, over the socket that only the web server may open."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus

from falcot_rtc.accounts import names
from falcot_rtc.backend.headers import Address, own, sender
from falcot_rtc.backend.server import PATIENCE, Exchange
from falcot_rtc.password_page import form as forms
from falcot_rtc.password_page.form import Answer, Form, Outcome
from falcot_rtc.password_page.page import PAGE

_STATUS = {
    Outcome.DONE: HTTPStatus.OK,
    Outcome.WRONG: HTTPStatus.FORBIDDEN,
    Outcome.FOREIGN: HTTPStatus.FORBIDDEN,
    Outcome.LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Outcome.MALFORMED: HTTPStatus.BAD_REQUEST,
    Outcome.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Outcome.UNCERTAIN: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A form that waits for the desk, or with an answer already for nothing but its page."""

    form: Form
    address: Address | None = None
    answer: Answer | None = None
    done: Future[tuple[Answer, str]] = field(default_factory=Future)


class Handler(Exchange):
    def do_GET(self) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", PAGE)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        job = self._job()
        self.server.jobs.put(job)
        answer, page = job.done.result(PATIENCE)
        name, _ = names.typed(job.form.user, "")
        # Who waits keeps others waiting in turn. Names of checks are no secret, and have no limit.
        if answer.outcome is Outcome.WRONG and not names.is_reserved(name):
            self.wait_as_refused()
        body = page.encode()
        self.send_response(_STATUS.get(answer.outcome, HTTPStatus.UNPROCESSABLE_ENTITY))
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if answer.seconds:
            self.send_header("Retry-After", str(answer.seconds))
        self.end_headers()
        self.wfile.write(body)

    def _job(self) -> Job:
        headers = self.fields()
        malformed = Job(form=Form(), answer=Answer(outcome=Outcome.MALFORMED))
        try:
            address = sender(headers)
            body = self.body(headers, forms.LARGEST)
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != forms.TYPE:
                return malformed
            form = forms.parse(body)
        except (ValueError, TimeoutError):
            return malformed
        if not own(headers):
            return Job(form=form, answer=Answer(outcome=Outcome.FOREIGN))
        return Job(form=form, address=address)
