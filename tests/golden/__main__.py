# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 -m tests.golden writes what is rendered now into every expected/; read the git diff."""

from tests.golden import case

for one in case.cases():
    for path in case.regenerate(one):
        print(f"tests/golden/{case.name(one)}/expected/{path}")
