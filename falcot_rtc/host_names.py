# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the servers of a site are called below its first domain, as in the handbook. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from falcot_rtc import fields
from falcot_rtc.errors import UsageError
from falcot_rtc.keys import EDIT, Key

_DEFAULTS = (
    ("server", "server1", "the host"),
    ("turn", "turn-server", "the TURN server"),
    ("sip", "sip-proxy", "the SIP proxy"),
    ("xmpp", "xmpp-gw", "the XMPP server"),
)
# The XMPP server's components have these in every domain.
COMPONENTS = ("conference", "upload")

KEYS = tuple(
    Key(
        path=f"names.{of}",
        parse=fields.host_label,
        default=label,
        doc=f"The name of {server} below the first domain.",
    )
    for of, label, server in _DEFAULTS
)


def labels(values: Mapping[str, Any], where: str) -> dict[str, str]:
    """The name of each server; raises UsageError where two would have the same."""
    found: dict[str, str] = {}
    for of, _, _ in _DEFAULTS:
        label = values[f"names.{of}"]
        if label in COMPONENTS or label in found.values():
            raise UsageError(
                f"{where}: names.{of}: '{label}' is the name of another server of this site",
                hint=f"give each server a name of its own: {EDIT}",
            )
        found[of] = label
    return found
