# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated files that somebody edited by hand, by the digests they were written with. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from falcot_rtc.facts import Facts
from falcot_rtc.resources import Link, Resource


def fingerprint(content: str) -> str:
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()


def edited(facts: Facts) -> list[str]:
    """The files of the present generation that are no longer as they were rendered."""
    return sorted(
        path
        for path, digest in facts.rendered.items()
        if path in facts.tree and fingerprint(facts.tree[path].content) != digest
    )


def edited_outside(facts: Facts, resources: Iterable[Resource]) -> dict[str, str]:
    """The same beyond the generations, with what each says now; a file in a link's place is one.

    Files of a version that recorded no digests are not known to be edited.
    """
    links = {r.path for r in resources if isinstance(r, Link)}
    found = {}
    for path, content in sorted(facts.outside.items()):
        if isinstance(content, bytes):
            text = content.decode(errors="surrogateescape")
            digests = facts.written.get(path, ())
            if path in links if not digests else fingerprint(text) not in digests:
                found[path] = text
    return found
