# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones as others see them: what belongs in them, what is there, and how it gets there."""
