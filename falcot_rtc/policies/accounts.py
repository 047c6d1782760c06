# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first account: the administrator's, which works in every service at once."""

from __future__ import annotations

from falcot_rtc.policy import Policy, Site
from falcot_rtc.resources import Package, Question, Resource, Unit

ROTATION = "falcot-rtc-rotate.timer"

QUESTIONS = (
    Question(
        name="falcot-rtc/admin",
        key="admin",
        type="string",
        priority="high",
        default="admin",
        short="Account name of the administrator:",
        long=(
            "Please enter the part before the @ of the administrator's address. The account works "
            "for SIP, XMPP and TURN at once."
        ),
    ),
    Question(
        name="falcot-rtc/admin-password",
        type="password",
        priority="high",
        short="Password of the administrator's account:",
        long=(
            "It is stored as hashes only, and not kept in debconf.\n\n"
            "If you leave it empty for a new account, a password is generated and left in "
            "/etc/falcot-rtc/secrets/admin-password, readable by root alone."
        ),
    ),
)


def resources(site: Site) -> tuple[Resource, ...]:
    """What rotates the secrets of minted credentials, where there are any."""
    minting = {"turn", "sip"} & set(site.settings.services)
    return (Unit(name=ROTATION, stock=False),) if minting else ()


POLICY = Policy(
    name="accounts",
    # pwscore, and the dictionaries without which it refuses everything.
    packages=(Package(name="libpwquality-tools"), Package(name="cracklib-runtime")),
    questions=QUESTIONS,
    resources=resources,
)
