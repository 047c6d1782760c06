# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from falcot_rtc.errors import UsageError
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


def test_the_source_names_archive_release_and_key() -> None:
    text = archive.sources("trixie", "https://apt.example.org/rtc")
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert fields == {
        "Types": "deb",
        "URIs": "https://apt.example.org/rtc",
        "Suites": "trixie",
        "Components": "main",
        "Signed-By": "/usr/share/keyrings/falcot-rtc-archive-keyring.gpg",
    }


@pytest.mark.parametrize("uri", ["", "example", "https://a b", "https://a\nTrusted: yes"])
def test_what_is_no_uri_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="is not a URI"):
        archive.sources("trixie", uri)
