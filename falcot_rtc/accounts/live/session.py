# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that a person is doing in a service at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a session is in its service."""

    REGISTRATION = "registration"  # SIP: a device that can be called (RFC 3261 section 10)
    CALL = "call"  # SIP: a dialog, ringing or talking (RFC 3261 section 12)
    STREAM = "stream"  # XMPP: a client, connected or waiting to resume (RFC 6120, XEP-0198)
    ALLOCATION = "allocation"  # TURN: a relayed address (RFC 8656)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Times are Unix seconds, None where the service does not say.

    `device` is what the client calls itself: SIP's User-Agent, XMPP's resource and software, TURN's
    user name; of a call, who is at the other end. `where` is the client's address and transport; of
    a call, whether it rings or is established. `since` is the last REGISTER of a registration, the
    begin of anything else; `expires` the moment at which it ends unless the client renews it.
    """

    service: str
    kind: Kind
    device: str
    where: str
    since: int | None
    expires: int | None
