# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon that tells coturn the keys of long-term users and of minted names alike."""
