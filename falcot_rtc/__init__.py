# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""falcot-rtc: TURN, SIP, XMPP and WebRTC on Debian, one account per person."""
