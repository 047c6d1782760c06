# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in each language of data/web/password/: an empty form, or what came of one."""

from __future__ import annotations

from falcot_rtc import render
from falcot_rtc.accounts.password import LONGEST
from falcot_rtc.password_page.form import Answer, Outcome
from falcot_rtc.policy import Site

# Where the page and the service behind it are on the web site.
PAGE, ACTION = "/password/", "/password/change"
DEFAULT = "en"

# The field that has to be typed again, where it is a certain one.
_FIELDS = {
    Outcome.WRONG: "old",
    Outcome.DIFFERENT: "again",
    Outcome.SAME: "new",
    Outcome.LONG: "new",
    Outcome.UNTYPABLE: "new",
    Outcome.WEAK: "new",
}


def languages() -> tuple[str, ...]:
    return tuple(render.catalogue("web/password", domain="", seconds="", longest=""))


def page(site: Site, language: str, answer: Answer | None = None, user: str = "") -> str:
    """HTML: the form, above it what is wrong with the last one, or instead of it that all is well.

    `user` is put into the form again; a password never is.
    """
    texts = render.catalogue(
        "web/password",
        domain=site.settings.domain,
        seconds=str(answer.seconds if answer else 0),
        longest=str(LONGEST),
    )
    outcome = answer.outcome if answer else None
    return render.template(
        "web/password.html.j2",
        language=language if language in texts else DEFAULT,
        t=texts[language if language in texts else DEFAULT],
        action=ACTION,
        services=site.settings.services,
        done=outcome is Outcome.DONE,
        said=f"said_{outcome}" if outcome else "",
        field=_FIELDS.get(outcome, "") if outcome else "",
        # Passwords have to be typed again, so the cursor is in the first empty field.
        cursor="old" if user else "user",
        user=user,
    )
