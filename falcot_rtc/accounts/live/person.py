# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person in all services of a site at once."""

from __future__ import annotations

from collections.abc import Mapping

from falcot_rtc.accounts.live import sip, turn, xmpp
from falcot_rtc.accounts.live.session import Session
from falcot_rtc.errors import FalcotError
from falcot_rtc.host import Host
from falcot_rtc.policy import Site


def seen(host: Host, site: Site, address: str) -> tuple[Session, ...]:
    """Everything that name@domain is doing: SIP, XMPP, TURN, each by time."""
    roles = site.settings.services
    return (
        *(sip.seen(host, address) if "sip" in roles else ()),
        *(xmpp.seen(host, address) if "xmpp" in roles else ()),
        *(turn.seen(host, address, realm=site.settings.realm) if "turn" in roles else ()),
    )


def last_seen(host: Host, site: Site, address: str) -> int | None:
    """When XMPP last saw the person log in or leave, in Unix seconds."""
    return xmpp.last_seen(host, address) if "xmpp" in site.settings.services else None


def end(host: Host, site: Site, address: str) -> Mapping[str, int]:
    """End everything of name@domain; how many sessions in each service.

    To be called when no projection knows the account any more. All services are tried; the first
    error is raised at the end.
    """
    roles = site.settings.services
    ends = {
        # Media of a call may go through TURN: first the call hears of its end.
        "sip": lambda: sip.end(host, address),
        "xmpp": lambda: xmpp.end(host, address),
        "turn": lambda: turn.end(host, address, realm=site.settings.realm),
    }
    counts, failed = {}, None
    for role in (one for one in ends if one in roles):
        try:
            counts[role] = ends[role]()
        except FalcotError as error:
            failed = failed or error
    if failed:
        raise failed
    return counts
