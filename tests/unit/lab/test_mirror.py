# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.mirror: which mirror an apt configuration means."""

from __future__ import annotations

import pytest

from falcot_rtc.errors import FalcotError
from tests.lab.mirror import (
    Mirror,
    backports_source,
    configured,
    overridden,
    stable_sources,
    transport_options,
)
from tests.lab.release import release

TRIXIE = release("trixie")


def test_origin_decides_when_lists_are_downloaded() -> None:
    targets = (
        "Packages|https://packages.example/apt/|bookworm|main|Example\n"
        "Translations|http://mirror.example/debian/|bookworm|main|Debian\n"
        "Packages|http://mirror.example/debian/|bookworm|contrib|Debian\n"
        "Packages|http://mirror.example/debian/|bookworm|main|Debian\n"
        "Packages|http://mirror.example/debian/|bookworm-updates|main|Debian\n"
        "Packages|http://mirror.example/security/|bookworm-security|main|Debian\n"
    )
    assert configured(targets) == Mirror(
        archive="http://mirror.example/debian/", security="http://mirror.example/security/"
    )


def test_suite_decides_before_the_first_update() -> None:
    targets = "Packages|file:/media/debian/|stable|main|$(ORIGIN)\n"
    assert configured(targets) == Mirror(archive="file:/media/debian/")


@pytest.mark.parametrize(
    "targets",
    [
        "",
        "Packages|http://archive.example/ubuntu/|noble|main|Ubuntu\n",
        "Packages|cdrom://[Debian 12]/|bookworm|main|Debian\n",
        "Packages|http://mirror.example/security/|bookworm-security|main|Debian\n",
    ],
)
def test_no_archive_of_debian(targets: str) -> None:
    assert configured(targets) is None


def test_override_takes_one_uri_or_two() -> None:
    assert overridden("http://a/debian") == Mirror(archive="http://a/debian")
    both = overridden("http://a/debian http://b/security")
    assert both == Mirror(archive="http://a/debian", security="http://b/security")


@pytest.mark.parametrize("value", ["mirror.example", "http://a http://b http://c", "-x"])
def test_override_that_is_no_uri_is_refused(value: str) -> None:
    with pytest.raises(FalcotError, match="MIRROR"):
        overridden(value)


def test_sources_of_a_release() -> None:
    at = Mirror(archive="http://a/debian", security="http://b/security")
    assert [(source.uri, source.suite) for source in stable_sources(TRIXIE, at)] == [
        ("http://a/debian", "trixie"),
        ("http://a/debian", "trixie-updates"),
        ("http://b/security", "trixie-security"),
    ]
    assert len(stable_sources(TRIXIE, Mirror(archive="http://a/debian"))) == 2
    assert backports_source(TRIXIE, at).line() == (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
        " http://a/debian trixie-backports main"
    )


def test_transport_keeps_the_way_to_the_mirror_only() -> None:
    dump = (
        'APT::Install-Recommends "true";\n'
        'Acquire::http::Proxy "http://proxy.example:3128";\n'
        'Acquire::Languages "none";\n'
        'DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";\n'
    )
    assert transport_options(dump) == ('Acquire::http::Proxy "http://proxy.example:3128";',)
