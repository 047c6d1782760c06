# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test lab: real Debian hosts, archives and networks on one machine; standard library only."""
