# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from falcot_rtc.packaging import archive, relations
from falcot_rtc.policies import ALL


def test_pin_names_exactly_the_backported_packages_at_the_priority_of_stable() -> None:
    fields = dict(line.split(": ", 1) for line in archive.preferences("trixie").splitlines())
    assert fields["Package"] == "prosody prosody-modules"
    assert fields["Pin"] == "release n=trixie-backports"
    assert int(fields["Pin-Priority"]) == 500


@pytest.mark.parametrize("name", archive.BACKPORTED)
def test_pinned_packages_have_a_floor_in_every_release(name: str) -> None:
    package = next(p for p in relations.packages(ALL) if p.name == name)
    assert set(package.floors) == set(relations.releases(ALL))
