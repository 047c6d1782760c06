# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests.lab.build: the upstream tarball of a source package."""

from __future__ import annotations

from pathlib import Path

from tests.lab.build import upstream_tarball


def tarball(tmp_path: Path, version: str) -> tuple[str, ...]:
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian" / "changelog").write_text(f"falcot-rtc ({version}) unstable; urgency=low")
    return upstream_tarball(tmp_path)


def test_a_debian_revision_wants_an_upstream_tarball(tmp_path: Path) -> None:
    command = tarball(tmp_path, "1.0~rc1-1")
    assert "--file=../falcot-rtc_1.0~rc1.orig.tar.xz" in command
    assert "--exclude=./debian" in command


def test_a_native_version_has_none(tmp_path: Path) -> None:
    assert tarball(tmp_path, "1.0") == ("true",)
