# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of policies. A new service is one more line here; docs/adding-a-service.md shows how."""

from __future__ import annotations

from falcot_rtc.policies import (
    accounts,
    dns,
    firewall,
    jail,
    phone_desk,
    port443,
    sip,
    site,
    tls,
    turn,
    web,
    web_phone,
    xmpp,
)
from falcot_rtc.policy import Policy

ALL: tuple[Policy, ...] = (
    site.POLICY,
    port443.POLICY,
    tls.POLICY,
    accounts.POLICY,
    turn.POLICY,
    sip.POLICY,
    xmpp.POLICY,
    web.POLICY,
    web_phone.POLICY,
    phone_desk.POLICY,
    jail.POLICY,
    dns.POLICY,
    firewall.POLICY,
)
