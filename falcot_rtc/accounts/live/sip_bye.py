# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A BYE in the caller's place, as kamailio's tm.t_uac_start sends it; RFC 3261 section 15. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What set_contact_alias() of nathelper writes: address, port, and the core's number of a protocol.
_ALIAS = re.compile(r";alias=(\[[^\]]+\]|[^~;]+)~(\d+)~(\d)")
_TRANSPORTS = {"1": "udp", "2": "tcp", "3": "tls", "5": "ws", "6": "ws"}
_ROUTE = re.compile(r"<([^>]+)>")


def to_callee(dialog: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Method, target, next hop, socket and headers, from a row of dlg.profile_list."""
    caller, callee = dialog["caller"], dialog["callee"]
    target, routes = callee["contact"], callee["route_set"]
    hop = _ROUTE.search(routes)
    next_hop = hop[1] if hop else "."
    alias = _ALIAS.search(target)
    if alias and not routes:
        next_hop = f"sip:{alias[1]}:{alias[2]};transport={_TRANSPORTS.get(alias[3], 'tls')}"
        target = _ALIAS.sub("", target)
    headers = [
        f"From: <{dialog['from_uri']}>;tag={caller['tag']}",
        f"To: <{dialog['to_uri']}>;tag={callee['tag']}",
        f"Call-ID: {dialog['call-id']}",
        f"CSeq: {int(caller['cseq']) + 1} BYE",
    ]
    if routes:
        headers.append(f"Route: {routes}")
    return "BYE", target, next_hop, callee["socket"] or ".", "\r\n".join((*headers, ""))
