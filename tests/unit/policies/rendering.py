# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy's tests look at: one rendered file or drop-in of a site."""

from falcot_rtc import derive
from falcot_rtc.policy import Site
from falcot_rtc.resources import HostFile, TreeFile
from tests.unit.test_derive import site


def content(path: str, of_site: Site | None = None) -> str:
    """The text of a file in the generation, or of a drop-in by its absolute path."""
    found = [
        r.content
        for r in derive.desired(of_site or site()).resources
        if isinstance(r, TreeFile | HostFile) and r.path == path
    ]
    assert len(found) == 1, path
    return found[0]


def records(of_site: Site | None = None) -> set[tuple[str, str, str]]:
    """Name, type and data of every DNS record."""
    return {(r.name, r.type, r.data) for r in derive.desired(of_site or site()).records}
