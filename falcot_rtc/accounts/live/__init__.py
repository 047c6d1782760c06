# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are doing right now in SIP, XMPP and TURN, and the end of it.

person.seen(host, site, address) -> tuple[Session, ...]     in all services of the site
person.last_seen(host, site, address) -> int | None         when XMPP last heard of the person
person.end(host, site, address) -> Mapping[str, int]        sessions ended, by service

Call end() after the projections have lost the account (sync.project), so that nobody can return
with what they know. A service that does not run has no sessions; one that runs and does not answer
raises FalcotError. The services one by one: sip, xmpp and turn, with the same verbs.
"""
