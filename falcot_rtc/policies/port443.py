# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions of port 443. What follows from the answers is every role's own (listen_443)."""

from __future__ import annotations

from falcot_rtc.addresses import TITLES
from falcot_rtc.policy import Policy
from falcot_rtc.port443 import FAMILIES, ROLES
from falcot_rtc.resources import Question

_LABELS = {
    "turn": "TURN",
    "sip": "SIP and its WebSocket",
    "xmpp": "XMPP",
    "web": "the web site",
}
_EMPTY = dict.fromkeys(
    ROLES, "Leave it empty if no service is to have port 443 of such an address."
) | {"web": "Leave it empty to keep the web site on the address of this host, as usual."}

QUESTIONS = (
    Question(
        name="falcot-rtc/port443",
        key="port443.enabled",
        type="boolean",
        priority="medium",
        default="false",
        short="Run each service on port 443 too?",
        long=(
            "Networks of hotels and airports often let port 443 through and nothing else. Each "
            "service then needs an address of its own, to which its name leads; its ordinary "
            "ports stay open beside."
        ),
    ),
    Question(
        name="falcot-rtc/port443-roles",
        key="port443.roles",
        type="multiselect",
        priority="low",
        default=", ".join(ROLES),
        choices=tuple((role, _LABELS[role]) for role in ROLES),
        short="Services on port 443:",
        long="Leave out a service for which there is no address of its own.",
    ),
    *(
        Question(
            name=f"falcot-rtc/port443-{role}-{family}",
            key=f"port443.{role}.{family}.bind",
            type="string",
            priority="medium",
            short=f"{TITLES[family]} address for {_LABELS[role]} on port 443:",
            long=(
                "Please enter an address of this host of which nothing else uses port 443.\n\n"
                f"{_EMPTY[role]}"
            ),
        )
        for role in ROLES
        for family in FAMILIES
    ),
)

POLICY = Policy(name="port443", questions=QUESTIONS)
