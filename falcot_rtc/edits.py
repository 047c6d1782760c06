# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated files that somebody edited by hand, by the digests they were written with. Pure."""

from __future__ import annotations

import hashlib

from falcot_rtc.facts import Facts


def fingerprint(content: str) -> str:
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()


def edited(facts: Facts) -> list[str]:
    """The files of the present generation that are no longer as they were rendered."""
    return sorted(
        path
        for path, digest in facts.rendered.items()
        if path in facts.tree and fingerprint(facts.tree[path].content) != digest
    )
