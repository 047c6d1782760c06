# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What debian/ derives from the policies: pure functions to text; `python3 -m` this writes it."""
