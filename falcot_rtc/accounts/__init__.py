# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account store and its projections into the SIP, XMPP and TURN servers' own stores."""
