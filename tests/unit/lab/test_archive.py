# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.archive: Release files and selections of Packages indexes."""

from __future__ import annotations

from tests.lab.archive import Suite, release_file, select

BACKPORTS = Suite(
    codename="trixie-backports",
    suite="stable-backports",
    origin="Debian Backports",
    label="Debian Backports",
    must_be_asked_for=True,
)


def test_backports_must_be_asked_for() -> None:
    fields = BACKPORTS.fields("amd64")
    assert fields["NotAutomatic"] == "yes"
    assert fields["ButAutomaticUpgrades"] == "yes"
    assert fields["Codename"] == "trixie-backports"
    assert fields["Architectures"] == "all amd64"


def test_stable_says_nothing_of_the_kind() -> None:
    stable = Suite(codename="trixie", suite="stable", origin="Debian", label="Debian")
    assert "NotAutomatic" not in stable.fields("amd64")


def test_release_file_vouches_for_its_indexes() -> None:
    text = release_file({"Suite": "stable"}, {"main/b": b"", "main/a": b"abc"})
    assert text == (
        "Suite: stable\n"
        "SHA256:\n"
        " ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3 main/a\n"
        " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/b\n"
    )


def test_select_takes_whole_stanzas_by_file_name() -> None:
    packages = (
        "Package: a\nFilename: pool/a_1_all.deb\nDescription: one\n more\n\n"
        "Package: a\nFilename: pool/a_2_all.deb\n\n"
        "Package: b\nFilename: pool/b_1_all.deb\n"
    )
    assert select(packages, {"a_1_all.deb", "b_1_all.deb"}) == (
        "Package: a\nFilename: pool/a_1_all.deb\nDescription: one\n more\n\n"
        "Package: b\nFilename: pool/b_1_all.deb\n\n"
    )
    assert select(packages, ()) == ""
